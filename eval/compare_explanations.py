"""The explanation scores of two runs beside each other, where both have been scored alike.

As with AUROC, A is the reference and each difference is B - A, over the videos that both have a
score of. Scores by other encoders, judges, rubrics or references are no comparison, and are said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from physprior.eval.explanations.evaluation import Explanations, JudgeScores, SbertScores
from physprior.eval.explanations.items import Item
from physprior.eval.explanations.means import earned, instance
from physprior.stats.comparison import Comparison
from physprior.stats.multiplicity import holm
from physprior.stats.paired_means import compare_macro_means, compare_means

Values = Mapping[str, float | None]
Scored = tuple[Sequence[Item], Values]
"""A run's answers, and the score of each by its id."""
Pair = tuple[float, float, str]
"""The scores of A and of B for one video, and its object."""


@dataclass(frozen=True)
class ComparedMeans:
    """One score of both runs on some videos."""

    means: Comparison
    """The paired test of both means: its ``a`` is A."""
    holm: float | None = None
    """p corrected by Holm: of a category over the categories, of the macro average over the runs
    that are compared with A; None of the pooled videos."""


@dataclass(frozen=True)
class ComparedScore:
    """One score of both runs."""

    name: str
    """``SBERT score``, ``LLM score`` or PAEval's."""
    categories: Mapping[str, ComparedMeans]
    """In the order of ids."""
    macro: ComparedMeans
    pooled: ComparedMeans
    earned: Comparison
    """The macro average of the anomalous videos, where a wrong verdict counts 0."""


@dataclass(frozen=True)
class ComparedExplanations:
    """All explanation scores that both runs have."""

    scores: tuple[ComparedScore, ...] = ()
    refused: tuple[str, ...] = ()
    """Scores that cannot be compared, and why."""


def compare_explanations(a: Explanations | None, b: Explanations | None) -> ComparedExplanations:
    """Compare what both runs were scored by; nothing where one of them has no scores."""
    refused = [reason for run in (a, b) if run is not None for reason in run.unfit]
    found = []
    for name, one, other, differs in _both(a, b):
        if differs:
            refused.append(f"the {name} is not compared: the two runs have not the same {differs}")
        else:
            found.append(_compared(name, one, other))
    return ComparedExplanations(tuple(found), tuple(refused))


def corrected(runs: Sequence[ComparedExplanations]) -> tuple[ComparedExplanations, ...]:
    """The same with Holm's correction of macro averages, over the runs that have a score."""
    made = list(runs)
    for name in sorted({score.name for run in runs for score in run.scores}):
        ps = [next((s.macro.means.p for s in run.scores if s.name == name), None) for run in runs]
        for place, p in enumerate(holm(ps)):
            scores = (
                replace(one, macro=replace(one.macro, holm=p)) if one.name == name else one
                for one in made[place].scores
            )
            made[place] = replace(made[place], scores=tuple(scores))
    return tuple(made)


def _both(
    a: Explanations | None, b: Explanations | None
) -> Iterator[tuple[str, Scored, Scored, str | None]]:
    """Each score that both runs have, with the first thing that was another in making it."""
    if a is None or b is None:
        return
    if a.sbert and b.sbert:
        one, other = a.sbert.result.values("max"), b.sbert.result.values("max")
        yield "SBERT score", (a.items, one), (b.items, other), _other_sbert(a.sbert, b.sbert)
    for mine in a.judged:
        theirs = b.judge(mine.profile)
        if theirs is None:
            continue
        differs = _other_judge(mine, theirs)
        for task in mine.tasks:
            if theirs.task(task.task):
                name = "LLM score" if mine.profile == "llm-score" else f"PAEval {task.task}"
                one = mine.judged.values("score", task.task)
                other = theirs.judged.values("score", task.task)
                yield name, (a.items, one), (b.items, other), differs


def _other_sbert(a: SbertScores, b: SbertScores) -> str | None:
    fields = {"encoder": "encoder_hash", "reference set": "references_hash"}
    return next(
        (
            what
            for what, name in fields.items()
            if getattr(a.result, name) != getattr(b.result, name)
        ),
        None,
    )


def _other_judge(a: JudgeScores, b: JudgeScores) -> str | None:
    fields = {
        "judge": "model",
        "rubric": "rubric_hash",
        "reference set": "references_hash",
        "temperature": "temperature",
    }
    mine, theirs = a.judged.header, b.judged.header
    return next(
        (what for what, name in fields.items() if getattr(mine, name) != getattr(theirs, name)),
        None,
    )


def _compared(name: str, a: Scored, b: Scored) -> ComparedScore:
    pairs = _pairs(a, b)
    each = {category: compare_means(*_columns(found)) for category, found in pairs.items()}
    ps = holm([one.p for one in each.values()])
    macro = _macro(pairs)
    earning = _pairs((a[0], earned(a[1], a[0])), (b[0], earned(b[1], b[0])), anomalous=True)
    return ComparedScore(
        name=name,
        categories={
            category: ComparedMeans(one, p)
            for (category, one), p in zip(each.items(), ps, strict=True)
        },
        macro=ComparedMeans(macro, macro.p),
        pooled=ComparedMeans(
            compare_means(*_columns([pair for found in pairs.values() for pair in found]))
        ),
        earned=_macro(earning),
    )


def _macro(pairs: Mapping[str, Sequence[Pair]]) -> Comparison:
    return compare_macro_means([_columns(found) for found in pairs.values()])


def _columns(pairs: Sequence[Pair]) -> tuple[list[float], list[float], list[str]]:
    return [a for a, _, _ in pairs], [b for _, b, _ in pairs], [name for _, _, name in pairs]


def _pairs(a: Scored, b: Scored, *, anomalous: bool = False) -> dict[str, list[Pair]]:
    """Both scores of each video that has both, by category."""
    items, first = a
    second = b[1]
    found: dict[str, list[Pair]] = {name: [] for name in sorted({one.category for one in items})}
    for item in items:
        one, other = first.get(item.id), second.get(item.id)
        if one is not None and other is not None and (item.line.label or not anomalous):
            found[item.category].append((one, other, instance(item)))
    return found
