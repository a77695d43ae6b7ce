"""Runs whose true AUROC is known, and the plain ways to an interval and a test beside ours.

Scores are binormal: standard normal of the normal videos, moved up for the anomalous. Everything is
made for many draws at once, a row each.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

RESAMPLES = 500
NORMAL = NormalDist()
Z = NORMAL.inv_cdf(0.975)


def labels_of(normal: int, anomalous: int) -> np.ndarray:
    """So many zeros, then so many ones."""
    return np.repeat([0, 1], [normal, anomalous])


def shift(area: float, spread: float = 1.0) -> float:
    """How far the anomalous, of standard deviation ``spread``, stand above the normal."""
    return math.hypot(1, spread) * NORMAL.inv_cdf(area)


def runs(
    generator: np.random.Generator,
    draws: int,
    labels: np.ndarray,
    areas: tuple[float, ...],
    *,
    correlation: float = 0.5,
    spreads: tuple[float, ...] = (1.0, 1.0),
) -> list[np.ndarray]:
    """One (draws, N) array of scores for each of ``areas``, correlated within the videos."""
    shared = generator.standard_normal((draws, len(labels)))
    made = []
    for area, spread in zip(areas, spreads, strict=False):
        own = generator.standard_normal(shared.shape)
        noise = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own
        made.append(noise * np.where(labels, spread, 1.0) + shift(area, spread) * labels)
    return made


def object_effects(
    generator: np.random.Generator, draws: int, objects: np.ndarray, runs: int, correlation: float
) -> list[np.ndarray]:
    """(draws, N) for each run: one standard normal number an object, correlated between runs."""
    shape = (draws, int(objects.max()) + 1)
    shared = generator.standard_normal(shape)
    return [
        (
            math.sqrt(correlation) * shared
            + math.sqrt(1 - correlation) * generator.standard_normal(shape)
        )[:, objects]
        for _ in range(runs)
    ]


def wins(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(draws, m, n) float32: whether the anomalous video stands above the normal one."""
    above = scores[:, None, labels == 1] > scores[:, labels == 0, None]
    return above.astype(np.float32)


def delong(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the pairs, and its standard error by DeLong's definition: both (draws,) float64."""
    rows, columns = (pairs.mean(axis, dtype=np.float64) for axis in (2, 1))
    variance = rows.var(1, ddof=1) / rows.shape[1] + columns.var(1, ddof=1) / columns.shape[1]
    return rows.mean(1), np.sqrt(variance)


def bootstrap(generator: np.random.Generator, pairs: np.ndarray) -> np.ndarray:
    """Percentile interval (2, draws) of the mean over pairs: both classes are drawn anew."""
    _, normal, anomalous = pairs.shape
    rows, columns = (
        generator.multinomial(size, np.full(size, 1 / size), RESAMPLES).astype(np.float32) / size
        for size in (normal, anomalous)
    )
    by_row = (pairs.reshape(-1, anomalous) @ columns.T).reshape(-1, normal, RESAMPLES)
    means = np.einsum("dmr,rm->dr", by_row, rows, optimize=True)
    return np.asarray(np.quantile(means, [0.025, 0.975], axis=1))


def average_precision(area: float, share: float) -> float:
    """The true one where ``share`` of the videos are anomalous."""
    found = (np.arange(200_000) + 0.5) / 200_000
    from scipy.special import ndtr, ndtri

    false = ndtr(ndtri(found) - shift(area))
    return float(np.mean(share * found / (share * found + (1 - share) * false)))
