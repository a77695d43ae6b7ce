"""Two runs' scores of the same videos: whose mean is higher, and how sure that is.

The paired t test where many videos tell the runs apart, else Wilcoxon's signed ranks, exact with
ties, too. Neither knows how far a score is off that a judge gave.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from physprior.stats.comparison import FEWEST, PERMUTATION, SEEN, Comparison
from physprior.stats.estimate import Interval
from physprior.stats.exchange import SignedSum, doubled_midranks
from physprior.stats.intervals import mover, student_quantile
from physprior.stats.labelled import Floats, usable_clusters
from physprior.stats.means import (
    cluster_sums,
    residual_sums,
    standard_error,
    unseen_interval,
    within,
)

PAIRED_T, WILCOXON, EQUAL = "paired t", "Wilcoxon", "equal scores"
_ROUNDING = 1e-12
"""Differences below it are rounding: the scores lie within -1..1."""
_STEP = 1e-9
"""What differences are whole numbers of where runs are exchanged."""


@dataclass(frozen=True)
class _Drawn:
    """The differences of a set of videos, as independent draws."""

    difference: float
    error: float
    """Standard error; NaN of a single draw."""
    degrees: int
    sums: Floats
    """Differences, summed within each object instance where these count."""
    clustered: bool


def compare_means(
    a: Sequence[float],
    b: Sequence[float],
    clusters: Sequence[str] | None = None,
    *,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two runs' scores, each within -1..1, of the same videos in the same order.

    ``clusters`` names each video's object instance, used as in ``mean_estimate``. Raises ValueError
    for a score that is none, with its index, and for lists of unequal length.
    """
    first, second = within(a), within(b)
    if len(first) != len(second):
        raise ValueError(f"{len(first)} scores, but {len(second)} of the other run")
    if not len(first):
        return Comparison(None, None, None, None, None, "no common video", None, 0)
    drawn = _drawn(second - first, clusters)
    p, method = _test(drawn)
    return Comparison(
        a=_mean(first),
        b=_mean(second),
        difference=drawn.difference,
        interval=_interval(drawn, confidence),
        p=p,
        method=f"{method}, by instance" if drawn.clustered and method != EQUAL else method,
        smallest_visible=_visible(drawn.error),
        n=len(first),
        error=None if math.isnan(drawn.error) else drawn.error,
    )


def compare_macro_means(
    categories: Sequence[tuple[Sequence[float], Sequence[float], Sequence[str] | None]],
    *,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two runs' means over categories: for each ``a``, ``b`` and ``clusters``, as above.

    Student's t of the mean difference, with Satterthwaite's degrees of freedom. A category without
    a video is left out. Where no error is known, since one has a single video or all have the same
    difference in each video, the two runs are exchanged, video by video.
    """
    known = [one for one in categories if len(one[0])]
    parts = [compare_means(*one, confidence=confidence) for one in known]
    if len(parts) < 2:
        return parts[0] if parts else compare_means([], [])
    drawn = [_drawn(within(b) - within(a), clusters) for a, b, clusters in known]
    difference = _mean(np.array([one.difference for one in drawn]))
    error = math.hypot(*(one.error for one in drawn)) / len(drawn)
    p, interval, method = _macro_test(drawn, parts, difference, error, confidence)
    return Comparison(
        a=_mean(np.array([one.a for one in parts])),
        b=_mean(np.array([one.b for one in parts])),
        difference=difference,
        interval=interval,
        p=p,
        method=method,
        smallest_visible=_visible(error),
        n=sum(one.n for one in parts),
        error=None if math.isnan(error) else error,
    )


def _macro_test(
    drawn: Sequence[_Drawn],
    parts: Sequence[Comparison],
    difference: float,
    error: float,
    confidence: float,
) -> tuple[float, Interval | None, str]:
    if all(np.abs(one.sums).max() < _ROUNDING for one in drawn):
        return 1.0, Interval(0.0, 0.0, EQUAL, confidence), EQUAL
    if error > _ROUNDING:
        weights = [one.error**4 / one.degrees for one in drawn]
        degrees = (error * len(drawn)) ** 4 / math.fsum(weights)
        return *_student(difference, error, degrees, confidence), PAIRED_T
    shares = [one.sums / (part.n * len(drawn)) for one, part in zip(drawn, parts, strict=True)]
    exchanged = SignedSum(np.round(np.concatenate(shares) / _STEP).astype(np.int64), _STEP)
    ends = [(one.low, one.high) for one in (part.interval for part in parts) if one is not None]
    if len(ends) < len(parts):
        return exchanged.p(), None, PERMUTATION
    interval = Interval(*mover([one.difference for one in drawn], ends), "MOVER", confidence)
    return exchanged.p(), interval, PERMUTATION


def _drawn(differences: Floats, clusters: Sequence[str] | None) -> _Drawn:
    used = usable_clusters(clusters)
    residuals = residual_sums(differences, used)
    error = standard_error(residuals, len(differences)) if len(residuals) > 1 else math.nan
    sums = cluster_sums(differences, used)
    return _Drawn(_mean(differences), error, len(residuals) - 1, sums, used is not None)


def _test(drawn: _Drawn) -> tuple[float, str]:
    moving = np.abs(drawn.sums) > _ROUNDING
    if not moving.any():
        return 1.0, EQUAL
    if moving.sum() >= FEWEST and drawn.error > _ROUNDING:
        p, _ = _student(drawn.difference, drawn.error, drawn.degrees, 0.95)
        return p, PAIRED_T
    return _signed_ranks(drawn.sums[moving]).p(), WILCOXON


def _signed_ranks(differences: Floats) -> SignedSum:
    """Wilcoxon's statistic: ranks of the sizes, ties sharing their mean, each under its sign."""
    # Rounded, so that equal sizes tie.
    sizes = np.asarray(np.round(np.abs(differences), 12), dtype=np.float64)
    return SignedSum((np.sign(differences) * doubled_midranks(sizes)).astype(np.int64), 0.5)


def _student(
    difference: float, error: float, degrees: float, confidence: float
) -> tuple[float, Interval]:
    from scipy.special import stdtr

    p = 2 * float(stdtr(degrees, -abs(difference) / error))
    half = student_quantile(confidence, degrees) * error
    low, high = max(-1.0, difference - half), min(1.0, difference + half)
    return p, Interval(low, high, PAIRED_T, confidence)


def _interval(drawn: _Drawn, confidence: float) -> Interval | None:
    if math.isnan(drawn.error):
        return None
    if drawn.error > _ROUNDING:
        return _student(drawn.difference, drawn.error, drawn.degrees, confidence)[1]
    if abs(drawn.difference) < _ROUNDING:
        return Interval(0.0, 0.0, EQUAL, confidence)
    # The same difference in every video has no spread, and is not known without error for that.
    low, high = unseen_interval(drawn.difference, len(drawn.sums), -1.0, confidence)
    return Interval(low, high, "exact, all alike", confidence)


def _visible(error: float) -> float | None:
    return SEEN * error if error > _ROUNDING and SEEN * error < 1 else None


def _mean(values: Floats) -> float:
    return math.fsum(values) / len(values)
