"""One statistic over several seeds: its mean with an interval over videos, and how it spreads."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from physprior.pipeline.ablate.report.model import Measured, Spread
from physprior.stats import Estimate, Interval

METHOD = "mean of the seeds' ends"


def mean_of_seeds(found: Sequence[Estimate]) -> Estimate:
    """The mean over seeds, of those that have a value.

    All seeds were asked about the same videos, so that their errors go together; how much, nobody
    knows. Its interval runs from the mean of the lower ends to that of the upper: it would be
    right if they went together wholly, and is too wide where they do not. It says nothing of seeds
    that were not drawn.
    """
    known = [one for one in found if one.value is not None]
    values = [one.value for one in known if one.value is not None]
    if not values:
        return Estimate(None, 0)
    mean, n = math.fsum(values) / len(values), max(one.n for one in known)
    spans = [one.interval for one in known if one.interval is not None]
    if len(spans) < len(known):
        return Estimate(mean, n)
    if len(spans) == 1:
        return Estimate(mean, n, spans[0])
    low = math.fsum(one.low for one in spans) / len(spans)
    high = math.fsum(one.high for one in spans) / len(spans)
    return Estimate(mean, n, Interval(low, high, METHOD, spans[0].confidence))


def spread(seeds: Sequence[int], found: Sequence[Estimate]) -> Spread:
    """The spread of a statistic, an estimate a seed; without seeds, of the one that there is."""
    mean = Measured.of(mean_of_seeds(found))
    if not seeds:
        return Spread(mean=mean)
    by_seed = {
        str(seed): one.value for seed, one in sorted(zip(seeds, found, strict=True), key=_seed)
    }
    values = [value for value in by_seed.values() if value is not None]
    return Spread(
        mean=mean,
        seeds=by_seed,
        least=min(values, default=None),
        most=max(values, default=None),
        deviation=statistics.stdev(values) if len(values) > 1 else None,
    )


def mean_of(found: Sequence[float | None]) -> float | None:
    """The mean of what is known; None where nothing is."""
    known = [one for one in found if one is not None]
    return math.fsum(known) / len(known) if known else None


def means_by_name(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each name over the mappings that have it, in the order of first sight."""
    names = dict.fromkeys(name for one in found for name in one)
    means = {name: mean_of([one.get(name) for one in found]) for name in names}
    return {name: value for name, value in means.items() if value is not None}


def _seed(pair: tuple[int, Estimate]) -> int:
    return pair[0]
