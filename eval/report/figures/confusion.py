"""Confusion as shaded cells: the class that a video shows, the class that is spoken of."""

from __future__ import annotations

from dataclasses import dataclass

from physprior.eval.confusion import CategoryConfusion, Confusion

NONE_OF_THEM = "none of them"
"""The column of explanations that are near no class's sentences."""


@dataclass(frozen=True)
class ConfusionCell:
    """So many videos of a class whose explanation speaks of a class."""

    count: int
    share: float
    """Of the row's videos, 0 to 1: how dark it is."""
    right: bool
    """The explanation speaks of what the video shows."""


@dataclass(frozen=True)
class ConfusionRow:
    """The videos of one class."""

    title: str
    videos: int
    cells: tuple[ConfusionCell, ...]


@dataclass(frozen=True)
class ConfusionPanel:
    """One category."""

    title: str
    heads: tuple[str, ...]
    """What is spoken of: each class, and last none of them."""
    rows: tuple[ConfusionRow, ...]
    """What is shown: each class that has videos."""


def confusion_panels(confusion: Confusion) -> tuple[ConfusionPanel, ...]:
    """A panel a category that has videos."""
    return tuple(_panel(one) for one in confusion.categories if any(map(sum, one.counts)))


def _panel(one: CategoryConfusion) -> ConfusionPanel:
    return ConfusionPanel(
        one.category,
        (*one.classes, NONE_OF_THEM),
        tuple(
            ConfusionRow(
                name,
                sum(counts),
                tuple(
                    ConfusionCell(count, count / sum(counts), right=at == column)
                    for column, count in enumerate(counts)
                ),
            )
            for at, (name, counts) in enumerate(zip(one.classes, one.counts, strict=True))
            if sum(counts)
        ),
    )
