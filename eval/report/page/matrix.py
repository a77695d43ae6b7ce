"""The tables of confusion, shaded: the darker a cell, the larger its share of the row."""

from __future__ import annotations

from dataclasses import dataclass

from physprior.eval.confusion import Confusion
from physprior.eval.report.confused import confusion_tables
from physprior.eval.report.figures.panels import ConfusionPanel, confusion_panels
from physprior.eval.report.table import Table

_FIRST = 2
"""Columns before the classes: the class that is shown, and its videos."""


@dataclass(frozen=True)
class Matrix:
    """One category."""

    title: str
    table: Table
    cells: tuple[tuple[tuple[str, str], ...], ...]
    """By row: each cell's text, and the classes that shade and frame it."""


def matrices(confusion: Confusion) -> tuple[Matrix, ...]:
    """A matrix a category that has videos, the most confused first: a page unfolds but a few."""
    made = []
    for panel, table in zip(confusion_panels(confusion), confusion_tables(confusion), strict=True):
        shades = {
            row.title: ["", "", *(_shade(cell.share, cell.right) for cell in row.cells)]
            for row in panel.rows
        }
        width = _FIRST + len(panel.heads)
        cells = tuple(
            (*zip(row[:width], shades[row[0]], strict=True), *((text, "") for text in row[width:]))
            for row in table.rows
        )
        made.append((_right(panel), Matrix(panel.title, table, cells)))
    return tuple(one for _, one in sorted(made, key=lambda pair: pair[0]))


def _right(panel: ConfusionPanel) -> float:
    """The mean share of what is shown and spoken of."""
    shares = [sum(cell.share for cell in row.cells if cell.right) for row in panel.rows]
    return sum(shares) / max(1, len(shares))


def _shade(share: float, right: bool) -> str:
    return f"s{round(10 * share)}{' same' if right else ''}"
