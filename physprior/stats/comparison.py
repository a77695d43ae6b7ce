"""Two runs on the same videos: which ranks better, how sure that is, what would stay hidden.

AUROCs are compared by DeLong's paired test, which knows that both runs were shown the same videos;
on few videos, and where a run is perfect and its variance says 0, by exchanging the runs' ranks.
The interval of the difference is put together from the two runs' own, so that it is honest near 1,
where the difference plus or minus its standard error is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from physprior.stats.delong import covariance, placements
from physprior.stats.detection import NO_VARIANCE, auroc_estimate
from physprior.stats.estimate import Estimate, Interval
from physprior.stats.exchange import DRAWS, SignedSum, doubled_midranks, exchange
from physprior.stats.intervals import mover
from physprior.stats.labelled import (
    Floats,
    independent_pairs,
    labelled,
    same_length,
    usable_clusters,
)
from physprior.stats.multiplicity import holm
from physprior.stats.paired_verdicts import McNemar, mcnemar

__all__ = ["Comparison", "McNemar", "compare_auroc", "compare_macro", "holm", "mcnemar"]

FEWEST, FEWEST_OF_A_CLASS = 50, 10
"""Videos that tell the runs apart, and videos of a class (object instances, where these count),
below which the normal law is not trusted."""
LEVEL, SEEN = 0.05, 2.8016
"""A two-sided test at this level sees, 4 times in 5, what is so many standard errors off 0."""
EQUAL = "equal ranks"
"""The method where there is nothing to test: both runs rank all videos alike."""
DELONG, PERMUTATION = "paired DeLong", "permutation"
DRAWN = f"{PERMUTATION}, {DRAWS} draws"
MOVER = "MOVER"
"""The interval's method: the method of variance estimates recovery."""


@dataclass(frozen=True)
class Comparison:
    """Two runs' AUROCs on the same ``n`` videos; numbers are None where AUROC has no meaning."""

    a: float | None
    b: float | None
    difference: float | None
    """b - a: positive where b ranks better."""
    interval: Interval | None
    """Of the difference."""
    p: float | None
    """Two-sided: how often runs that do not differ would look at least this different."""
    method: str
    """Of ``p``, in the field's words: ``paired DeLong``."""
    smallest_visible: float | None
    """The difference that this test would see 4 times in 5, at 5 %; None where there is none."""
    n: int
    error: float | None = None
    """Standard error of the difference, as the test takes it."""
    exchanged: SignedSum | None = field(default=None, repr=False, compare=False)
    """The difference under exchanges of the two runs: what a macro comparison permutes."""

    @property
    def estimate(self) -> Estimate:
        """The difference as any other statistic."""
        return Estimate(self.difference, self.n, self.interval)

    def one_sided(self, worse: Literal["a", "b"]) -> float | None:
        """p of the one-sided test whose alternative is that this run is the worse one."""
        if self.p is None or self.difference is None:
            return None
        shown = self.difference > 0 if worse == "a" else self.difference < 0
        return self.p / 2 if shown else 1 - self.p / 2


def compare_auroc(
    labels: Sequence[int],
    a: Sequence[float],
    b: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare two runs' scores of the same videos, in the same order.

    ``clusters`` names each video's object instance; where they can be used
    (:func:`physprior.stats.labelled.usable_clusters`), whole instances count instead of videos.
    ``seed`` matters only where the exchanges are too many for an exact count. Raises ValueError for
    lists of unequal length, a label that is not 0 or 1 and a score that is not finite.
    """
    (flags, first), (_, second) = labelled(labels, a), labelled(labels, b)
    if clusters is not None:
        same_length(labels, clusters, "clusters")
    if len(set(flags.tolist())) < 2:
        return _without_value("one class alone", len(labels))
    used = usable_clusters(clusters)
    exchanged = exchange(flags, first, second, _numbered(used))
    spread = covariance([placements(labels, run) for run in (a, b)], labels=labels, clusters=used)
    areas = [auroc_estimate(labels, run, clusters=used, confidence=confidence) for run in (a, b)]
    if np.array_equal(doubled_midranks(first), doubled_midranks(second)):
        return _alike(areas[0], exchanged, confidence)
    many = len(exchanged.moving) >= FEWEST and independent_pairs(labels, used) >= FEWEST_OF_A_CLASS
    p, method, error = _test(exchanged, spread, many, seed)
    return Comparison(
        a=areas[0].value,
        b=areas[1].value,
        difference=exchanged.observed * exchanged.unit,
        interval=_interval(exchanged, areas, spread, confidence),
        p=p,
        method=method if used is None else f"{method}, by instance",
        smallest_visible=_visible(error) if exchanged.least <= LEVEL else None,
        n=len(labels),
        error=error,
        exchanged=exchanged,
    )


def compare_macro(comparisons: Sequence[Comparison], *, seed: int = 0) -> Comparison:
    """Compare two runs' means of AUROC over categories that share no video.

    Categories without a value are left out. Where each was compared by DeLong's test, so is the
    mean; where one was permuted, all are. The interval is MOVER's. Raises ValueError where the
    categories' intervals are of different confidence.
    """
    members = [one for one in comparisons if one.difference is not None]
    n = sum(one.n for one in members)
    if not members:
        return _without_value("no category with both classes", n)
    if len(members) == 1:
        return members[0]
    difference = _mean([one.difference for one in members])
    error = math.hypot(*(one.error or 0.0 for one in members)) / len(members)
    p, method = _macro_test(members, difference, error, seed)
    sums = [one.exchanged for one in members if one.exchanged is not None]
    return Comparison(
        a=_mean([one.a for one in members]),
        b=_mean([one.b for one in members]),
        difference=difference,
        interval=_macro_interval(members),
        p=p,
        method=method,
        smallest_visible=_visible(error) if _least(sums) <= LEVEL else None,
        n=n,
        error=error,
    )


def _without_value(why: str, n: int) -> Comparison:
    return Comparison(None, None, None, None, None, why, None, n)


def _alike(area: Estimate, exchanged: SignedSum, confidence: float) -> Comparison:
    """A run beside one that ranks every video as it does: there is nothing to test."""
    nothing = Interval(0.0, 0.0, EQUAL, confidence)
    value = area.value
    return Comparison(value, value, 0.0, nothing, 1.0, EQUAL, None, area.n, 0.0, exchanged)


def _visible(error: float) -> float | None:
    """None where even the greatest difference there is, 1, would have stayed hidden."""
    return SEEN * error if 0 < SEEN * error < 1 else None


def _numbered(clusters: Sequence[str] | None) -> np.ndarray | None:
    """Each video's cluster as a number from 0."""
    if clusters is None:
        return None
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in clusters])


def _test(exchanged: SignedSum, spread: Floats, many: bool, seed: int) -> tuple[float, str, float]:
    """p of a difference, the test it is of, and the standard error that this test takes."""
    variance = spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]
    if many and _spread_out(spread) and variance > 1e-9 * np.trace(spread):
        error = math.sqrt(variance)
        return _normal_p(exchanged.observed * exchanged.unit / error), DELONG, error
    return exchanged.p(seed), PERMUTATION if exchanged.exact else DRAWN, exchanged.error


def _spread_out(spread: Floats) -> bool:
    """Whether both runs have a variance; a perfect one has 0, a class of one video no number."""
    return bool((np.diagonal(spread) > NO_VARIANCE).all())


def _normal_p(off: float) -> float:
    """Two-sided p of what is so many standard errors off 0."""
    return math.erfc(abs(off) / math.sqrt(2))


def _interval(
    exchanged: SignedSum, areas: Sequence[Estimate], spread: Floats, confidence: float
) -> Interval | None:
    """MOVER of a difference of two correlated estimates (Zou and Donner 2008), with skew.

    The lower end lies where b is lower and a higher: by x and y, as far as their own intervals
    reach. Of their errors the share 1 - r is each run's own, and adds up to x² + y². The share r is
    common to both, and moves them to the same side, so that only the difference of their distances
    counts. Of symmetric intervals that is the published x² + y² - 2 r x y. Of skewed ones, near 1,
    it is not: there the published formula leaves two runs that are all but equal far apart.
    """
    known = [(area.value, area.interval) for area in areas if area.value is not None]
    ends = [(value, own) for value, own in known if own is not None]
    if len(ends) < 2:
        return None
    r = 0.0  # what nothing is known of is taken as none, which is cautious
    if _spread_out(spread):
        r = min(1.0, max(-1.0, spread[0, 1] / math.sqrt(spread[0, 0] * spread[1, 1])))
    difference = exchanged.observed * exchanged.unit
    down, up = [value - own.low for value, own in ends], [own.high - value for value, own in ends]
    below = _joined(down[1], up[0], r, max(down[1] - down[0], up[0] - up[1]))
    above = _joined(up[1], down[0], r, max(up[1] - up[0], down[0] - down[1]))
    return Interval(max(-1.0, difference - below), min(1.0, difference + above), MOVER, confidence)


def _joined(x: float, y: float, r: float, apart: float) -> float:
    """How far an end is off, of own errors x and y, and of a common one that leaves them apart."""
    common = max(0.0, apart) if r > 0 else x + y
    return math.sqrt((1 - abs(r)) * (x * x + y * y) + abs(r) * common * common)


def _mean(values: Sequence[float | None]) -> float:
    return math.fsum(value for value in values if value is not None) / len(values)


def _macro_test(
    members: Sequence[Comparison], difference: float, error: float, seed: int
) -> tuple[float, str]:
    """p of a mean difference, and the test it is of."""
    sums = [one.exchanged for one in members if one.exchanged is not None]
    if all(one.method == EQUAL for one in members):
        return 1.0, EQUAL
    if all(one.method.startswith((DELONG, EQUAL)) for one in members):
        return _normal_p(difference / error), DELONG
    generator = np.random.default_rng(seed)
    means = sum(one.unit * one.draw(generator, DRAWS) for one in sums) / len(members)
    hits = int(np.sum(np.abs(means) >= abs(difference) - 1e-12))
    return (1 + hits) / (1 + DRAWS), DRAWN


def _least(sums: Sequence[SignedSum]) -> float:
    """The smallest p that a permutation of all of them can have."""
    return min(1.0, 2.0 ** (1 - sum(len(one.moving) for one in sums)))


def _macro_interval(members: Sequence[Comparison]) -> Interval | None:
    """A category without an interval is known to be within -1..1, and no better."""
    confidences = {one.interval.confidence for one in members if one.interval is not None}
    if len(confidences) > 1:
        raise ValueError(f"intervals of several confidences: {sorted(confidences)}")
    if not confidences:
        return None
    values = [one.difference for one in members if one.difference is not None]
    ends = [
        (one.interval.low, one.interval.high) if one.interval is not None else (-1.0, 1.0)
        for one in members
    ]
    low, high = mover(values, ends)
    return Interval(low, high, MOVER, confidences.pop())
