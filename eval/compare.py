"""Predictions of the same videos beside each other: which rank better, and how sure that is.

The reference is A, another run is B, and each difference is B - A. Only videos that both runs have
scored are compared: what one run could not use leaves both, and is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from physprior.eval.compare_explanations import (
    ComparedExplanations,
    compare_explanations,
    corrected,
)
from physprior.eval.explanations.evaluation import load_explanations
from physprior.eval.predictions import Header, Prediction, Predictions
from physprior.eval.scoring import Common, common
from physprior.eval.scoring.answers import Answer, clusters, labels, read
from physprior.eval.thresholds import Thresholds, fixed
from physprior.eval.usable import refuse_unusable
from physprior.stats import (
    Comparison,
    Estimate,
    McNemar,
    auroc_estimate,
    compare_auroc,
    compare_macro,
    holm,
    macro_estimate,
    mcnemar,
)

MACRO, POOLED = "macro average", "pooled"
Pair = tuple[Answer, Answer]
"""What A and B say of one video."""


@dataclass(frozen=True)
class Compared:
    """Both runs on some videos: those of a category, the mean of all categories, or all pooled."""

    name: str
    """The category's id, ``macro average`` or ``pooled``."""
    normal: int
    """Normal videos that both have scored."""
    anomalous: int
    """Anomalous videos that both have scored."""
    left: int
    """Videos that left both, since one of the runs, or both, skipped them or gave no score."""
    reference: Estimate
    """AUROC of A."""
    other: Estimate
    """AUROC of B."""
    ranking: Comparison
    """The paired test of both AUROCs: its ``a`` is A."""
    verdicts: McNemar | None
    """Of the hard verdicts; None where a run has none, and of the macro average."""
    holm: float | None = None
    """p of the ranking, corrected by Holm: of a category over the categories, of the macro average
    over the runs that are compared with A; None of the pooled videos."""


@dataclass(frozen=True)
class ComparedRuns:
    """All that is found of B beside A."""

    reference: Predictions
    other: Predictions
    verdicts_by: str | None
    """What the hard verdicts are, in words; None where a run has none."""
    categories: tuple[Compared, ...]
    """In the order of ids."""
    macro: Compared
    pooled: Compared
    alike: bool
    """Both runs give each of the compared videos the same score."""
    explanations: ComparedExplanations = field(default_factory=ComparedExplanations)
    """Their explanation scores, where such lie beside both files."""


Chosen = tuple[Thresholds, Thresholds]
"""The thresholds of A and of B."""


def compare_all(
    reference: Predictions,
    others: Sequence[Predictions],
    *,
    thresholds: Sequence[Thresholds] | None = None,
    confidence: float = 0.95,
) -> tuple[ComparedRuns, ...]:
    """Compare each of ``others`` with ``reference``, on the videos that both have scored.

    Explanation scores that lie beside both files are compared, too.

    ``thresholds`` (the reference's first, then one for each other) make the hard verdicts; without
    them they are the parsed words where both runs have texts, else the scores above 0. Raises
    PredictionError where a file holds no prediction, where two files predict other videos or give
    one video two labels, and where thresholds are another model's or were chosen on these videos.
    """
    for file in (reference, *others):
        refuse_unusable(file)
    if thresholds is not None:
        for own, file in zip(thresholds, (reference, *others), strict=True):
            own.refuse_other(file.header)
            own.refuse_chosen_on(file)
    chosen = (
        [(thresholds[0], own) for own in thresholds[1:]] if thresholds else [None] * len(others)
    )
    found = [
        compare_runs(reference, other, thresholds=pair, confidence=confidence)
        for other, pair in zip(others, chosen, strict=True)
    ]
    explained = load_explanations(reference)
    scores = corrected(
        [compare_explanations(explained, load_explanations(other)) for other in others]
    )
    ps = holm([one.macro.ranking.p for one in found])
    return tuple(
        replace(one, macro=replace(one.macro, holm=p), explanations=explanations)
        for one, p, explanations in zip(found, ps, scores, strict=True)
    )


def compare_runs(
    reference: Predictions,
    other: Predictions,
    *,
    thresholds: Chosen | None = None,
    confidence: float = 0.95,
) -> ComparedRuns:
    """Compare one other run with ``reference``. Raises PredictionError as ``compare_all`` does."""
    chosen = thresholds or (_natural(reference.header), _natural(other.header))
    pairs = _read(common(reference, other), chosen)
    words = thresholds is None and any(_worded(pair) for pair in pairs)
    everything = Counter(line.category for line in (*reference.predictions, *reference.skipped))
    of_category: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        of_category[pair[0].line.category].append(pair)
    categories = _corrected(
        [
            _compared(name, of_category[name], words, everything[name], confidence)
            for name in sorted(everything)
        ]
    )
    return ComparedRuns(
        reference,
        other,
        _verdicts_by(words, chosen),
        categories,
        _macro(categories),
        _compared(POOLED, pairs, words, everything.total(), confidence),
        alike=_alike([pair for pair in pairs if _scored(pair)]),
    )


def _read(both: Common, chosen: tuple[Thresholds | None, Thresholds | None]) -> list[Pair]:
    def one(line: Prediction, own: Thresholds | None) -> Answer:
        return read(line, own.of(line.category) if own else None)

    return [(one(a, chosen[0]), one(b, chosen[1])) for a, b in both.pairs()]


def _natural(header: Header) -> Thresholds | None:
    # Another method's score may be any number: nothing says that it turns anomalous at 0.
    return fixed(0.0) if header.source == "predict" else None


def _compared(
    name: str, pairs: Sequence[Pair], words: bool, everything: int, confidence: float
) -> Compared:
    ranked = [pair for pair in pairs if _scored(pair)]
    first = [a for a, _ in ranked]
    truth, objects = labels(first), clusters(first)
    scores = [[one.line.score or 0.0 for one in side] for side in zip(*ranked, strict=True)]
    a, b = scores or ([], [])
    return Compared(
        name=name,
        normal=truth.count(0),
        anomalous=truth.count(1),
        left=everything - len(ranked),
        reference=auroc_estimate(truth, a, clusters=objects, confidence=confidence),
        other=auroc_estimate(truth, b, clusters=objects, confidence=confidence),
        ranking=compare_auroc(truth, a, b, clusters=objects, confidence=confidence),
        verdicts=_mcnemar(pairs, words),
    )


def _alike(scored: Sequence[Pair]) -> bool:
    return bool(scored) and all(a.line.score == b.line.score for a, b in scored)


def _scored(pair: Pair) -> bool:
    return all(one.line.score is not None for one in pair)


def _worded(pair: Pair) -> bool:
    return all(one.parsed is not None for one in pair)


def _mcnemar(pairs: Sequence[Pair], words: bool) -> McNemar | None:
    if words:
        decided = [(a, a.said, b.said) for a, b in pairs if _worded((a, b))]
    else:
        decided = [
            (a, a.above, b.above) for a, b in pairs if a.above is not None and b.above is not None
        ]
    if not decided:
        return None
    return mcnemar(
        [a.label for a, _, _ in decided],
        [said for _, said, _ in decided],
        [said for _, _, said in decided],
        clusters=[a.instance for a, _, _ in decided],
    )


def _corrected(categories: Sequence[Compared]) -> tuple[Compared, ...]:
    corrected = holm([one.ranking.p for one in categories])
    return tuple(replace(one, holm=p) for one, p in zip(categories, corrected, strict=True))


def _macro(categories: Sequence[Compared]) -> Compared:
    ranking = compare_macro([one.ranking for one in categories])
    return Compared(
        name=MACRO,
        normal=sum(one.normal for one in categories),
        anomalous=sum(one.anomalous for one in categories),
        left=sum(one.left for one in categories),
        reference=macro_estimate([one.reference for one in categories]),
        other=macro_estimate([one.other for one in categories]),
        ranking=ranking,
        verdicts=None,
        holm=ranking.p,
    )


def _verdicts_by(words: bool, chosen: tuple[Thresholds | None, Thresholds | None]) -> str | None:
    if words:
        return "the words"
    a, b = chosen
    if a is None or b is None:
        return None
    if a.rule == b.rule == "zero":
        return "the scores above 0"
    return f"the scores above each run's threshold (rule {a.rule})"
