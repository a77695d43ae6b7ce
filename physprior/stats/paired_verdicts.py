"""McNemar's test: two runs' hard verdicts on the same videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from physprior.stats.exchange import SignedSum
from physprior.stats.labelled import anomalous_flags, same_length, usable_clusters


@dataclass(frozen=True)
class McNemar:
    """Hard verdicts of two runs on ``n`` videos; on the others both are right, or both wrong."""

    only_a: int
    """Videos that a has right and b wrong."""
    only_b: int
    p: float | None
    """Exact and two-sided; None where there is no video."""
    n: int


def mcnemar(
    labels: Sequence[int],
    said_a: Sequence[bool | None],
    said_b: Sequence[bool | None],
    *,
    clusters: Sequence[str] | None = None,
) -> McNemar:
    """Whether one run is right more often, by the videos that only one of them has right.

    ``said``: True for anomalous; None, an answer without a verdict, counts as wrong. Where the runs
    do not differ, a fair coin says which has such a video right (McNemar, Psychometrika 1947; by
    the exact law, so for few videos too). Where ``clusters`` can be used, one coin is thrown for
    each object instance. Raises ValueError for lists of unequal length and a label that is not 0 or
    1.
    """
    same_length(labels, said_a, "verdicts of a")
    same_length(labels, said_b, "verdicts of b")
    if clusters is not None:
        same_length(labels, clusters, "clusters")
    flags = anomalous_flags(labels).tolist()
    right = [
        (one is not None and bool(one) is truth, other is not None and bool(other) is truth)
        for truth, one, other in zip(flags, said_a, said_b, strict=True)
    ]
    only_a, only_b = right.count((True, False)), right.count((False, True))
    used = usable_clusters(clusters)
    p = _exact(only_a, only_b) if used is None else _clustered(right, used)
    return McNemar(only_a, only_b, p if right else None, len(right))


def _exact(only_a: int, only_b: int) -> float:
    """Two tails of the fair binomial law."""
    from scipy.stats import binom

    if only_a == only_b:
        return 1.0
    return min(1.0, 2 * float(binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)))


def _clustered(right: Sequence[tuple[bool, bool]], clusters: Sequence[str]) -> float:
    """The same test of sums of whole clusters, each under a sign of its own."""
    sums = dict.fromkeys(clusters, 0)
    for name, (one, other) in zip(clusters, right, strict=True):
        sums[name] += other - one
    return SignedSum(np.array(list(sums.values()), dtype=np.int64)).p()
