"""The tables of confusion: what each class's videos are explained as."""

from __future__ import annotations

from physprior.eval.confusion import CategoryConfusion, Confusion
from physprior.eval.report.figures.confusion import NONE_OF_THEM, confusion_panels
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import share
from physprior.stats import rate_estimate


def confusion_tables(confusion: Confusion) -> list[Table]:
    """A table a category that has videos; how it was told is a note of the first."""
    shown = {panel.title for panel in confusion_panels(confusion)}
    found = [_table(one) for one in confusion.categories if one.category in shown]
    return [
        Table(
            one.title, one.heads, one.rows, notes=(*one.notes, *(() if at else _notes(confusion)))
        )
        for at, one in enumerate(found)
    ]


def _table(one: CategoryConfusion) -> Table:
    made = [
        [name, str(sum(counts)), *map(str, counts), str(normal), str(anomalous)]
        for name, counts, normal, anomalous in zip(
            one.classes, one.counts, one.normal, one.anomalous, strict=True
        )
        if sum(counts)
    ]
    return Table(
        f"What explanations of {one.category} speak of",
        ("shown", "videos", *one.classes, NONE_OF_THEM, "called normal", "called anomalous"),
        rows(made),
        notes=_reading(one),
    )


def _reading(one: CategoryConfusion) -> tuple[str, ...]:
    """The class that is most surely explained as another one; a share of few is not sure."""
    mistaken = [
        (rate_estimate(count, sum(counts)).interval, count, sum(counts), name, spoken)
        for name, counts in zip(one.classes, one.counts, strict=True)
        for spoken, count in zip(one.classes, counts, strict=False)
        if count and spoken != name
    ]
    if not mistaken:
        return ()
    _, count, videos, name, spoken = max(
        mistaken, key=lambda found: found[0].low if found[0] else 0
    )
    return (f"Most often mistaken: {name} explained as {spoken}, {share(count, videos)}.",)


def _notes(confusion: Confusion) -> tuple[str, ...]:
    return (
        "A row: what the videos show. A column: the class that their explanations speak of, "
        "whatever the verdict. Called normal, anomalous: the decision at the threshold, or by the "
        f"words where there is none. {confusion.by}",
    )
