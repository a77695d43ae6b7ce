"""Confidence intervals of shares: Wilson's, one on the logit scale, and MOVER of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist


def normal_quantile(confidence: float) -> float:
    """How many standard errors to either side; ValueError unless ``confidence`` is in (0, 1)."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence is between 0 and 1, not {confidence!r}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def student_quantile(confidence: float, degrees: float) -> float:
    """The same of a standard error that was itself estimated, with so many degrees of freedom."""
    from scipy.special import stdtrit

    normal_quantile(confidence)
    return float(stdtrit(degrees, (1 + confidence) / 2))


def wilson(hits: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of ``hits`` of ``n``, at least 1 (JASA 1927); within 0..1."""
    z = normal_quantile(confidence)
    share, spread = hits / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # Rounding must not leave a gap at an end that is met exactly.
    return 0.0 if hits == 0 else centre - half, 1.0 if hits == n else centre + half


def logit_interval(value: float, error: float, z: float) -> tuple[float, float]:
    """``z`` standard errors to either side of a share within (0, 1), on the log-odds.

    ``error`` is in the share's own unit; there the distribution is skewed, on the log-odds nearly
    symmetric, and the ends taken back stay within 0..1.
    """
    centre, half = math.log(value) - math.log1p(-value), z * error / (value * (1 - value))
    return sigmoid(centre - half), sigmoid(centre + half)


def sigmoid(log_odds: float) -> float:
    """The share of log-odds, without overflow."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    return math.exp(log_odds) / (1 + math.exp(log_odds))


def mover(values: Sequence[float], ends: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The interval of the mean of independent estimates, from their own (Zou and Donner 2008).

    The "method of variance estimates recovery": each end is as far off the mean as the root of the
    squared distances of the members' ends, over their number. What is skewed stays skewed.
    """
    count, mean = len(values), math.fsum(values) / len(values)
    below = math.hypot(*(value - low for value, (low, _) in zip(values, ends, strict=True)))
    above = math.hypot(*(high - value for value, (_, high) in zip(values, ends, strict=True)))
    # It always lies within the means of the ends; rounding must not take it out, or out of 0..1.
    lowest = math.fsum(low for low, _ in ends) / count
    highest = math.fsum(high for _, high in ends) / count
    return max(lowest, mean - below / count), min(highest, mean + above / count)


def mean_interval(
    values: Sequence[float], ends: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """The interval of the mean of independent shares: MOVER's, widened near 0 and 1.

    There MOVER alone ends too early, since just the members that came out highest claim to be the
    surest. So no end is nearer than on the logit scale, with the members' errors recovered from
    their ends: an interval that is symmetric on the log-odds has, on the share itself, about the
    geometric mean of its two distances for its half-width. Of one share, its own.
    """
    if len(values) == 1:
        return ends[0]
    low, high = mover(values, ends)
    mean = math.fsum(values) / len(values)
    if not 0 < mean < 1:
        return low, high
    squares = (
        (value - below) * (above - value)
        for value, (below, above) in zip(values, ends, strict=True)
    )
    half = math.sqrt(max(0.0, math.fsum(squares))) / len(values)
    least, most = logit_interval(mean, half, 1.0)
    return min(low, least), max(high, most)
