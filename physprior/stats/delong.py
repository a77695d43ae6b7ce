"""The variance of AUROCs by DeLong, DeLong and Clarke-Pearson (Biometrics 1988), without its pairs.

Each video's placement is the share of the other class that it stands on the right side of, ties
one half. AUROC is the mean placement of either class, and DeLong's variance is that of the two
means. Sorting gives all placements in O(N log N) (the midranks of Sun and Xu, IEEE SPL 2014) where
the definition compares each pair. Where several videos show one object, Obuchowski (Biometrics
1997) sums the placements within each object first, for videos of one object are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from physprior.stats.labelled import Floats, anomalous_flags, labelled, same_length

__all__ = ["Floats", "Placements", "Spread", "covariance", "placements", "spread"]


@dataclass(frozen=True, eq=False)
class Placements:
    """Where each video stands among those of the other class, in the order of the labels."""

    auroc: float
    normal: Floats
    """(m,) the share of anomalous videos above each normal one, ties one half."""
    anomalous: Floats
    """(n,) the share of normal videos below each anomalous one, ties one half."""


@dataclass(frozen=True)
class Spread:
    """How far an AUROC, or a difference of two, may be off."""

    variance: float
    """NaN where a class has but one video (one cluster)."""
    degrees: float
    """Degrees of freedom of the variance, for Student's t; NaN where there is no variance."""


def placements(labels: Sequence[int], scores: Sequence[float]) -> Placements:
    """The placements of all videos in O(N log N) time and O(N) memory.

    Raises ValueError for one class alone, unequal lengths, a label that is not 0 or 1 and a score
    that is not finite.
    """
    flags, values = labelled(labels, scores)
    normal, anomalous = values[~flags], values[flags]
    if not (normal.size and anomalous.size):
        raise ValueError("one class alone has no AUROC")
    below = _twice_below(anomalous, normal)
    above = 2 * anomalous.size - _twice_below(normal, anomalous)
    pairs = normal.size * anomalous.size
    return Placements(
        auroc=int(below.sum()) / (2 * pairs),  # whole numbers, so that 1 is 1 and 1/2 is 1/2
        normal=above / (2 * anomalous.size),
        anomalous=below / (2 * normal.size),
    )


def covariance(
    placed: Sequence[Placements],
    *,
    labels: Sequence[int] | None = None,
    clusters: Sequence[str] | None = None,
) -> Floats:
    """The (k, k) covariance of k AUROCs of the same videos; NaN throughout where it is undefined.

    ``clusters`` names the object of each of ``labels``' videos, and is taken as it is: Obuchowski's
    variance. Without it each video counts alone: DeLong's. Undefined is what rests on one video, or
    one cluster, of a class. Raises ValueError where the placements are of different numbers.
    """
    return _parts(placed, labels, clusters).whole


def spread(
    placed: Sequence[Placements],
    weights: Sequence[float] = (1.0,),
    *,
    labels: Sequence[int] | None = None,
    clusters: Sequence[str] | None = None,
) -> Spread:
    """The variance of a weighted sum of AUROCs of the same videos, with its degrees of freedom.

    Weights of (-1, 1) are the difference of two. The variance is the sum of two, of as many videos
    (clusters) as either class has; Satterthwaite's degrees are those of such a sum, as Brunner and
    Munzel (2000) take them for one AUROC. Of few videos the normal distribution promises too much.
    """
    parts, by = _parts(placed, labels, clusters), np.asarray(weights, dtype=np.float64)
    whole, normal, anomalous = (
        float(by @ part @ by) for part in (parts.whole, parts.normal, parts.anomalous)
    )
    if not whole > 0:
        return Spread(whole, math.nan)
    each = normal**2 / (parts.counts[0] - 1) + anomalous**2 / (parts.counts[1] - 1)
    degrees = (normal + anomalous) ** 2 / each
    # A cluster with both classes is in both parts, and counts once.
    return Spread(whole, min(degrees, parts.counts[2] - 1))


@dataclass(frozen=True, eq=False)
class _Parts:
    """A (k, k) covariance, its two classes' parts, and how many (clusters) each rests on."""

    whole: Floats
    normal: Floats
    anomalous: Floats
    counts: tuple[int, int, int]
    """Videos, or clusters: with normal ones, with anomalous ones, and all."""


def _parts(
    placed: Sequence[Placements], labels: Sequence[int] | None, clusters: Sequence[str] | None
) -> _Parts:
    if len({(one.normal.size, one.anomalous.size) for one in placed}) != 1:
        raise ValueError("the AUROCs are not of the same videos")
    normal = np.stack([one.normal - one.auroc for one in placed])
    anomalous = np.stack([one.anomalous - one.auroc for one in placed])
    if clusters is not None:
        if labels is None:
            raise ValueError("clusters need the labels of their videos")
        return _clustered(normal, anomalous, labels, clusters)
    m, n = normal.shape[1], anomalous.shape[1]
    parts = [
        _correction(count) / count**2 * (off @ off.T)
        for off, count in ((normal, m), (anomalous, n))
    ]
    return _Parts(parts[0] + parts[1], parts[0], parts[1], (m, n, m + n))


def _clustered(
    normal: Floats, anomalous: Floats, labels: Sequence[int], clusters: Sequence[str]
) -> _Parts:
    """Obuchowski's, from the (k, m) and (k, n) distances of the placements to the AUROCs."""
    same_length(labels, clusters, "clusters")
    flags, m, n = anomalous_flags(labels), normal.shape[1], anomalous.shape[1]
    if (int((~flags).sum()), int(flags.sum())) != (m, n):
        raise ValueError("the labels are not those of the placements")
    numbers: dict[str, int] = {}
    ids = np.array([numbers.setdefault(name, len(numbers)) for name in clusters])
    sums = [
        _summed(normal, ids[~flags], len(numbers)) / m,
        _summed(anomalous, ids[flags], len(numbers)) / n,
    ]
    counts = (len(set(ids[~flags].tolist())), len(set(ids[flags].tolist())), len(numbers))
    parts = [_correction(counts[number]) * (sums[number] @ sums[number].T) for number in (0, 1)]
    both = _correction(counts[2]) * (sums[0] @ sums[1].T)
    return _Parts(parts[0] + parts[1] + both + both.T, parts[0], parts[1], counts)


def _summed(off: Floats, ids: npt.NDArray[np.int64], count: int) -> Floats:
    """(k, count): each row's sums within each cluster, 0 where a cluster has none."""
    return np.stack([np.bincount(ids, weights=row, minlength=count) for row in off])


def _correction(count: int) -> float:
    """For distances to a mean that the same sample gave; NaN where there is but one."""
    return count / (count - 1) if count > 1 else math.nan


def _twice_below(values: Floats, others: Floats) -> npt.NDArray[np.int64]:
    """Of each value, twice the number of others below it, ties one half: a whole number."""
    ordered = np.sort(others)
    return np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
