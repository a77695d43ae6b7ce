"""The tables of explanations: each score in all, and given what the verdict was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal

from physprior.eval.compare import MACRO, POOLED
from physprior.eval.explanations.evaluation import (
    Explanations,
    JudgedTask,
    JudgeScores,
    Reasons,
    SbertScores,
)
from physprior.eval.explanations.items import GROUPS, Group
from physprior.eval.explanations.means import Means, Summary
from physprior.eval.explanations.published import published_paeval, published_scores
from physprior.eval.published import read_table
from physprior.eval.report.explained_words import ASPECTS, accounts, legend, readings
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import estimate, number
from physprior.stats import Estimate

TITLE = "Explanations"
GIVEN: Mapping[Group, str] = {
    "all": "all videos",
    "right": "right verdict",
    "wrong": "wrong verdict",
    "anomalous": "anomalous only",
}
"""What each group is called at the head of a column."""
EARNED = "earned"
_READ_SO = (
    "Right and wrong: videos whose words say what is true, and those whose words do not (unparsed "
    "ones among them). A fluent answer with the wrong verdict resembles its references too, so a "
    "mean over all videos says little without them. Earned: of the anomalous videos, with 0 where "
    "the verdict is wrong; a model that calls everything normal earns 0. n/a: no such video."
)
_LOOSE = (
    "Published figures are of other videos, splits and references, and of an encoder and judge "
    "that the paper does not publish whole: they show the order of size, not a competition."
)

Column = tuple[str, Callable[[str], str]]
"""A head, and what stands below it by the row's name."""


def overview(explanations: Explanations) -> Table | None:
    """One table narrow enough for a terminal: SBERT and a judge, values alone; None of no score."""
    found = explanations.sbert
    columns = [_videos(explanations)]
    if found is not None:
        columns += _narrow("SBERT", found.best, found.earned)
        columns.append(("copied", lambda name: number(_copied(found, name).value)))
    judge = explanations.judge("llm-score") or explanations.judge("paeval")
    marked = judge.task("explanation") if judge else None
    if judge is not None and marked is not None:
        head = "LLM" if judge.profile == "llm-score" else "PAEval"
        columns += _narrow(head, marked.score, marked.earned)
    if len(columns) == 1:
        return None
    return _table(TITLE, explanations, columns, (legend([head for head, _ in columns]),))


def beside(explanations: Explanations) -> list[str]:
    """What stands below a terminal's table: the judge without a column, and published figures."""
    names, found = _names(explanations), []
    if explanations.judge("llm-score") and (judge := explanations.judge("paeval")):
        found += [
            f"PAEval {task.task}: {estimate(task.score.macro['all'])} (macro)"
            + (f", {EARNED} {_earned(task)}" if task.task == "explanation" else "")
            for task in judge.tasks
        ]
    if explanations.sbert is not None:
        found.append(published_scores("SBERT", names))
    if explanations.judge("llm-score"):
        found.append(published_scores("LLM", names))
    if explanations.judge("paeval"):
        found.append(published_paeval())
    return found


def explanation_tables(explanations: Explanations) -> list[Table]:
    """A table a score, with every interval; below the first what must be known of them all."""
    found = [_sbert(explanations, explanations.sbert)] if explanations.sbert else []
    for judge in explanations.judged:
        make = _llm_score if judge.profile == "llm-score" else _paeval
        found += make(explanations, judge)
    if not found:
        return []
    first, *rest = found
    notes = (*first.notes[:1], _READ_SO, *accounts(explanations), *first.notes[1:], _LOOSE)
    return [replace(first, alarms=tuple(readings(explanations)), notes=notes), *rest]


def _sbert(explanations: Explanations, found: SbertScores) -> Table:
    columns = [
        *_counted(explanations, found.unscored),
        *_wide(found.best, found.earned),
        ("mean over references", lambda name: estimate(_of(found.mean, name)["all"])),
        ("copied", lambda name: estimate(_copied(found, name))),
        *_published(explanations, "Ours SBERT"),
    ]
    notes = (
        "SBERT score: cosine of sentence embeddings, an explanation with the nearest reference of "
        "the true class. Copied: the share that is an explanation which training teaches, word for "
        "word.",
        f"{published_scores('SBERT', _names(explanations))}.",
    )
    return _table(f"{TITLE}: SBERT score", explanations, columns, notes)


def _llm_score(explanations: Explanations, judge: JudgeScores) -> list[Table]:
    marked = judge.task("explanation")
    if marked is None:
        return []
    columns = [*_counted(explanations, marked.unscored), *_wide(marked.score, marked.earned)]
    columns += [
        (ASPECTS[aspect], _cell(summary, "all"))
        for aspect, summary in marked.aspects.items()
        if aspect != "score"
    ]
    columns += _published(explanations, "Ours LLM")
    notes = (
        "LLM score: a judge marks whether the anomaly's type is right (type) and whether the "
        "reasoning is sound (logic), 0 to 4 each; the score is their mean as a share.",
        f"{published_scores('LLM', _names(explanations))}.",
    )
    return [_table(f"{TITLE}: LLM score", explanations, columns, notes)]


def _paeval(explanations: Explanations, judge: JudgeScores) -> list[Table]:
    notes = (
        "PAEval: a judge says how like the references of the true class a text is; the highest "
        "counts. The published figure is the mean over all videos of a category, normal ones "
        "among them, then over categories.",
        f"{published_paeval()}.",
    )
    return [
        _table(
            f"{TITLE}: PAEval, {task.task}",
            explanations,
            [
                *_counted(explanations, task.unscored),
                *_wide(task.score, task.earned if task.task == "explanation" else None),
            ],
            notes if place == 0 else (),
        )
        for place, task in enumerate(judge.tasks)
    ]


def _table(
    title: str, explanations: Explanations, columns: list[Column], notes: tuple[str, ...] = ()
) -> Table:
    names = [*_names(explanations), MACRO, POOLED]
    made = ([name, *(cell(name) for _, cell in columns)] for name in names)
    heads = ("category", *(head for head, _ in columns))
    return Table(title, heads, rows(made), apart=2, notes=notes)


def _names(explanations: Explanations) -> list[str]:
    return sorted({item.category for item in explanations.items})


def _videos(explanations: Explanations) -> Column:
    def cell(name: str) -> str:
        members = explanations.items
        return str(sum(name in (item.category, MACRO, POOLED) for item in members))

    return "videos", cell


def _counted(explanations: Explanations, unscored: Reasons) -> list[Column]:
    """How many videos there are, and how many of them have no value, where some have none."""
    if not unscored:
        return [_videos(explanations)]
    ids = {video for video, _ in unscored}
    lost = tuple(item for item in explanations.items if item.id in ids)
    _, count = _videos(replace(explanations, items=lost))
    return [_videos(explanations), ("unscored", count)]


def _narrow(head: str, summary: Summary, earned: Summary) -> list[Column]:
    heads = [head, "right", "wrong", "anom."]
    columns = [(head, _value(summary, group)) for head, group in zip(heads, GROUPS, strict=True)]
    return [*columns, (EARNED, _value(earned, "anomalous"))]


def _earned(task: JudgedTask) -> str:
    return estimate(task.earned.macro["anomalous"])


def _wide(summary: Summary, earned: Summary | None = None) -> list[Column]:
    columns = [(GIVEN[group], _cell(summary, group)) for group in GROUPS]
    return [*columns, (EARNED, _cell(earned, "anomalous"))] if earned is not None else columns


def _value(summary: Summary, group: Group) -> Callable[[str], str]:
    return lambda name: number(_of(summary, name)[group].value)


def _cell(summary: Summary, group: Group) -> Callable[[str], str]:
    return lambda name: estimate(_of(summary, name)[group])


def _of(summary: Summary, name: str) -> Means:
    return {MACRO: summary.macro, POOLED: summary.pooled}.get(name) or summary.categories[name]


def _copied(found: SbertScores, name: str) -> Estimate:
    whole = {MACRO: found.copied_macro, POOLED: found.copied_pooled}
    return whole.get(name) or found.copied[name]


def _published(explanations: Explanations, column: str) -> list[Column]:
    """The paper's own method in the same categories; no column where it has none of them."""
    table = read_table("icassp-2")
    place = table.columns.index(column)
    printed = {
        name: row.numbers[place] for name, row in table.rows.items() if name in _names(explanations)
    }
    if not printed:
        return []
    printed[MACRO] = f"{_mean(printed.values()):.3f}"
    return [("published (ICASSP)", lambda name: printed.get(name, ""))]


def _mean(printed: Collection[str]) -> Decimal:
    return sum(map(Decimal, printed), Decimal(0)) / len(printed)
