"""The figures of a report as shapes on a square of 100 by 100, y downwards, for inline SVG.

Drawn by the page itself: they take its colours, light or dark, and stay sharp and readable on a
telephone, one panel a category.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.words import number
from physprior.eval.scoring import CategoryScores
from physprior.stats import rate_estimate, roc_curve
from physprior.stats.calibration import Calibration

_BARS = 24


@dataclass(frozen=True)
class Curve:
    """One line of a panel."""

    name: str
    auroc: str
    points: str
    """``x,y x,y …``."""


@dataclass(frozen=True)
class RocPanel:
    """The ROC curves of one category, the model's own first."""

    title: str
    curves: tuple[Curve, ...]


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


@dataclass(frozen=True)
class Point:
    """One bin of the reliability plot, with the 95 % interval of its share."""

    x: float
    y: float
    low: float
    high: float
    radius: float


def roc_panels(evaluation: Evaluation) -> tuple[RocPanel, ...]:
    """A panel a category whose AUROC has a meaning."""
    return tuple(
        RocPanel(
            one.category,
            (
                _curve("this run", one),
                *(
                    _curve(name, found)
                    for name, other in zip(evaluation.names, evaluation.beside, strict=True)
                    if (found := other.category(one.category)) and found.auroc is not None
                ),
            ),
        )
        for one in evaluation.scores.categories
        if one.auroc is not None
    )


def _curve(name: str, one: CategoryScores) -> Curve:
    # Ranks: only the order counts, and the difference of two scores may be too large for a number.
    _, ranks = np.unique(one.scores, return_inverse=True)
    false_rate, true_rate = roc_curve(one.labels, ranks.tolist())
    return Curve(name, number(one.auroc), points(100 * false_rate, 100 - 100 * true_rate))


def points(x: Iterable[float], y: Iterable[float]) -> str:
    """Points of a line, to a tenth, those that fall together once: a curve of many stays small."""
    written = [f"{one:.1f},{two:.1f}" for one, two in zip(x, y, strict=True)]
    return " ".join(dict.fromkeys(written))


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


def reliability(found: Calibration | None) -> tuple[Point, ...]:
    """The bins that hold videos: said probability to the right, true share upwards."""
    bins = [one for one in found.bins if one.n] if found else []
    total = sum(one.n for one in bins)
    made = []
    for one in bins:
        said, true = one.predicted or 0.0, one.observed or 0.0
        span = rate_estimate(round(true * one.n), one.n).interval
        low, high = (span.low, span.high) if span else (true, true)
        made.append(
            Point(
                x=round(100 * said, 1),
                y=round(100 - 100 * true, 1),
                low=round(100 - 100 * low, 1),
                high=round(100 - 100 * high, 1),
                radius=round(1.5 + 5 * math.sqrt(one.n / total), 1),
            )
        )
    return tuple(made)
