"""Score distributions: where the anomalous and the normal videos lie, and the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.eval.scoring import CategoryScores

_BARS = 24


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram."""

    x: float
    y: float
    width: float
    height: float
    anomalous: bool


@dataclass(frozen=True)
class ScorePanel:
    """The scores of one category: anomalous videos upwards from the middle, normal ones down."""

    title: str
    bars: tuple[Bar, ...]
    low: str
    high: str
    """What the left and the right edge stand for."""
    threshold: float | None
    """Where it stands, 0 to 100; None where it lies outside, or there is none."""
    threshold_said: str


def score_panels(categories: Sequence[CategoryScores]) -> tuple[ScorePanel, ...]:
    """A panel a category that has scores."""
    return tuple(_score_panel(one) for one in categories if one.scores)


def _score_panel(one: CategoryScores) -> ScorePanel:
    # Another method's scores may be as large as numbers get: in units of the largest.
    unit = max(map(abs, one.scores)) or 1.0
    scores = np.asarray([value / unit for value in one.scores])
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    place = None
    if one.threshold is not None:
        at = 100 * (one.threshold / unit - low) / (high - low)
        place = round(at, 1) if 0 <= at <= 100 else None
    return ScorePanel(
        one.category,
        _bars(np.asarray(one.labels, dtype=bool), scores, low, high),
        f"{low * unit:.3g}",
        f"{high * unit:.3g}",
        place,
        "" if one.threshold is None else f"{one.threshold:.3g}",
    )


def _bars(
    anomalous: NDArray[np.bool_], scores: NDArray[np.float64], low: float, high: float
) -> tuple[Bar, ...]:
    width = 100 / _BARS
    counts = {
        kind: np.histogram(scores[anomalous == kind], bins=_BARS, range=(low, high))[0]
        for kind in (True, False)
    }
    # Each class by its own number of videos: else the larger one would hide the smaller.
    shares = {kind: found / max(1, found.sum()) for kind, found in counts.items()}
    highest = max(float(found.max()) for found in shares.values())
    made = []
    for kind, found in shares.items():
        for place in np.flatnonzero(found):
            height = round(48 * float(found[place]) / highest, 1)
            y = 50 - height if kind else 50
            made.append(Bar(round(width * float(place), 2), y, round(width, 2), height, kind))
    return tuple(made)
