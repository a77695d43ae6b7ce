"""A line of a figure: few points that look like all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physprior.eval.report.evaluation import Evaluation
from physprior.eval.scoring import CategoryScores

OWN = "this run"
"""What the report's own run is called beside others."""
FINEST = 0.1
"""Hundredths of the square that a line may move by, if it then stays short enough: less than half
a pixel of a panel as the page shows it."""
MOST_LETTERS = 4000
"""Longer than this no line is written: a thousand of them are then 4 MB at most."""
_COARSER = 1.5


@dataclass(frozen=True)
class Curve:
    """One line of a panel."""

    name: str
    """Whose it is."""
    value: str
    """The number that the whole line comes to: AUROC, or average precision."""
    points: str
    """``x,y x,y …``."""


def runs_of(evaluation: Evaluation, category: str) -> list[tuple[str, CategoryScores]]:
    """The runs whose scores rank a category, the report's own first, each with its name."""
    named = zip((OWN, *evaluation.names), (evaluation.scores, *evaluation.beside), strict=True)
    found = [(name, scores.category(category)) for name, scores in named]
    return [(name, one) for name, one in found if one is not None and one.auroc is not None]


def points(x: ArrayLike, y: ArrayLike) -> str:
    """The points of a line, to a tenth, in at most ``MOST_LETTERS``.

    ``x`` and ``y``: 0 to 100. Those that the line can do without are left out, first such that it
    moves by no more than ``FINEST``, and where that is not enough by half as much again, and again.
    """
    line = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    tolerance = FINEST
    while True:
        line = line[thinned(line, tolerance)]
        written = _written(line)
        if len(written) <= MOST_LETTERS:
            return written
        tolerance *= _COARSER


def _written(line: NDArray[np.float64]) -> str:
    # A zero that is rounded from below would else be written "-0.0".
    told = [f"{x:.1f},{y:.1f}" for x, y in (np.round(line, 1) + 0.0).tolist()]
    return " ".join(here for at, here in enumerate(told) if not at or here != told[at - 1])


def thinned(line: NDArray[np.float64], tolerance: float) -> NDArray[np.bool_]:
    """Which points of a line, (n, 2), to keep so that it moves by at most ``tolerance``.

    Of Ramer (1972) and of Douglas and Peucker (1973): the point farthest from the straight way
    between two kept ones is kept as well, as long as it is farther than ``tolerance``.
    """
    kept = np.zeros(len(line), dtype=bool)
    kept[[0, -1]] = True
    open_: list[tuple[int, int]] = [(0, len(line) - 1)]
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        distances = _distances(line[first + 1 : last], line[first], line[last])
        place = int(distances.argmax())
        if distances[place] > tolerance:
            middle = first + 1 + place
            kept[middle] = True
            open_ += [(first, middle), (middle, last)]
    return kept


def _distances(
    line: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far each point, (n, 2), is from the stretch between two others, its ends included."""
    way = end - start
    length = float(way @ way)
    along = np.clip((line - start) @ way / length, 0, 1) if length else np.zeros(len(line))
    off = line - start - along[:, None] * way
    return np.asarray(np.hypot(off[:, 0], off[:, 1]))


def ranks(one: CategoryScores) -> Sequence[int]:
    """The place of each score among the category's: only the order counts for a curve, and the
    difference of two scores may be too large for a number."""
    _, places = np.unique(one.scores, return_inverse=True)
    found: list[int] = places.tolist()
    return found
