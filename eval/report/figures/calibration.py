"""Reliability: whether what the model says with 0.8 is so in eight cases of ten."""

from __future__ import annotations

import math
from dataclasses import dataclass

from physprior.stats import rate_estimate
from physprior.stats.calibration import Calibration


@dataclass(frozen=True)
class Point:
    """One bin of the reliability plot, with the 95 % interval of its share."""

    x: float
    y: float
    low: float
    high: float
    radius: float


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
