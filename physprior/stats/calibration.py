"""Calibration: whether a model that says 0.8 is right in eight cases of ten.

Calibration is for thresholds and for people who read a probability; it cannot change AUROC.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.stats.estimate import Estimate, Interval
from physprior.stats.labelled import labelled

_DRAWS = 400
"""Drawn label sets by which the error of calibration that chance makes is told."""


@dataclass(frozen=True)
class Bin:
    """The videos whose probability lies in one stretch; the last one includes its upper end."""

    low: float
    high: float
    n: int
    """Videos in it."""
    predicted: float | None
    """Mean probability of the anomalous label; None of an empty bin."""
    observed: float | None
    """Share that is anomalous; None of an empty bin."""


@dataclass(frozen=True)
class Calibration:
    """How far probabilities are from what came true."""

    brier: Estimate
    """Mean squared error of the probability, 0 at best (Brier 1950)."""
    base_brier: float
    """Brier score of always saying the share of anomalous videos: what must be beaten."""
    ece: float
    """Expected calibration error: mean over videos of |predicted - observed| of their bin."""
    ece_by_chance: float
    """The same of a perfectly calibrated model with these probabilities, on average: with few
    videos a bin's share is off by chance alone, and ``ece`` says something only above this."""
    bins: tuple[Bin, ...]
    """All bins from 0 to 1, empty ones too."""


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function of log-odds, any finite ones: float64 of the same shape."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


def calibration(labels: Sequence[int], scores: Sequence[float], bins: int = 10) -> Calibration:
    """Calibration of log-odds ``scores`` against ``labels`` (1 for anomalous), in equal bins.

    The videos count as independent. Raises ValueError without videos, for a label that is not 0 or
    1, a score that is not finite, and unequal lengths.
    """
    flags, values = labelled(labels, scores)
    if not len(flags):
        raise ValueError("there is no video to tell calibration by")
    said, truth = probability(values), flags.astype(np.float64)
    base = float(truth.mean())
    places = np.minimum((said * bins).astype(np.int64), bins - 1)
    return Calibration(
        brier=_mean_estimate((said - truth) ** 2),
        base_brier=base * (1 - base),
        ece=float(_errors(places, (said - truth)[None], bins)[0]),
        ece_by_chance=_by_chance(places, said, bins),
        bins=tuple(
            _bin(number, bins, said[places == number], truth[places == number])
            for number in range(bins)
        ),
    )


def _bin(number: int, bins: int, said: NDArray[np.float64], truth: NDArray[np.float64]) -> Bin:
    means = (float(said.mean()), float(truth.mean())) if len(said) else (None, None)
    return Bin(number / bins, (number + 1) / bins, len(said), *means)


def _errors(
    places: NDArray[np.int64], differences: NDArray[np.float64], bins: int
) -> NDArray[np.float64]:
    # (draws, videos) differences -> (draws,) errors: sums of a bin count as often as its videos.
    sums = np.zeros((len(differences), bins))
    for number in np.unique(places):
        sums[:, number] = differences[:, places == number].sum(axis=1)
    return np.asarray(np.abs(sums).sum(axis=1) / len(places))


def _by_chance(places: NDArray[np.int64], said: NDArray[np.float64], bins: int) -> float:
    # In slices, so that memory does not grow with videos times draws.
    generator = np.random.default_rng(0)
    slices = max(1, math.ceil(_DRAWS * len(said) / 1_000_000))
    drawn = [
        _errors(places, said - (generator.random((size, len(said))) < said), bins)
        for size in (len(part) for part in np.array_split(np.arange(_DRAWS), min(slices, _DRAWS)))
    ]
    return float(np.concatenate(drawn).mean())


def _mean_estimate(errors: NDArray[np.float64]) -> Estimate:
    # Of many sure and right answers the errors hardly spread, and the plain interval would leave no
    # room for the sure and wrong one that has not come yet: so each end reckons with one of it.
    ends = (_end(np.append(errors, 0.0), -1), _end(np.append(errors, 1.0), 1))
    interval = Interval(max(0.0, ends[0]), min(1.0, ends[1]), "t, one more video at each end")
    return Estimate(float(errors.mean()), len(errors), interval)


def _end(errors: NDArray[np.float64], side: int) -> float:
    from scipy.stats import t

    spread = float(errors.std(ddof=1)) / math.sqrt(len(errors))
    return float(errors.mean()) + side * float(t.ppf(0.975, len(errors) - 1)) * spread
