"""How fast AUROC and DeLong's variance are, against the pairs of the definition in numpy.

    python bench/delong.py

10,000 normal against 10,000 anomalous scores: lists in, AUROC with its interval out, best of five,
the two ways by turns, in one process. The plain evaluation compares every pair once, in rows, so
that it needs no more memory than a row at a time. Then memory at ten times as many videos, as
tracemalloc sees it: ten times as much, where pairs would be a hundred times.
"""

from __future__ import annotations

import math
import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from physprior.stats import auroc_estimate, spread
from physprior.stats.delong import placements

VIDEOS = 10_000
LIMIT_S = 0.2
FASTER = 5.0
MOST_GROWTH = 12.0
"""Of memory, at ten times as many videos."""


def drawn(videos: int) -> tuple[list[int], list[float]]:
    """Labels and scores of as many normal as anomalous videos, a tenth of the scores tied."""
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(0, 1, videos), rng.normal(1, 1, videos)])
    scores[::10] = np.round(scores[::10], 1)
    return [0] * videos + [1] * videos, scores.tolist()


def plain(labels: list[int], scores: list[float]) -> tuple[float, float]:
    """AUROC and DeLong's variance by their definition, a row of pairs after the other."""
    flags, values = np.asarray(labels) == 1, np.asarray(scores)
    normal, anomalous = values[~flags], values[flags]
    below, above = np.empty(anomalous.size), np.zeros(normal.size)
    for index, value in enumerate(anomalous):
        won = (value > normal) + 0.5 * (value == normal)
        below[index] = won.mean()
        above += won
    above /= anomalous.size
    return below.mean(), below.var(ddof=1) / below.size + above.var(ddof=1) / above.size


def seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def peak_kib(videos: int) -> float:
    """The most memory that an estimate holds at once, beside its own labels and scores."""
    labels, scores = drawn(videos)
    auroc_estimate(labels[:10] + labels[-10:], scores[:10] + scores[-10:])  # imports, once
    tracemalloc.start()
    auroc_estimate(labels, scores)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024


def main() -> int:
    """Print the figures; exit 1 where one is over its limit."""
    labels, scores = drawn(VIDEOS)
    area, variance = plain(labels, scores)
    placed = placements(labels, scores)
    same = math.isclose(area, placed.auroc, abs_tol=1e-12) and math.isclose(
        variance, spread([placed]).variance, rel_tol=1e-9
    )
    turns = [
        (seconds(lambda: plain(labels, scores)), seconds(lambda: auroc_estimate(labels, scores)))
        for _ in range(5)
    ]
    slow, ours = (min(column) for column in zip(*turns, strict=True))
    small, large = peak_kib(VIDEOS), peak_kib(10 * VIDEOS)
    print(f"{VIDEOS} against {VIDEOS}, best of 5, the same result: {same}")
    print(f"  every pair, in numpy   {slow:7.3f} s")
    print(f"  auroc_estimate         {ours:7.3f} s  (limit {LIMIT_S} s)  {slow / ours:.0f} times")
    print(f"  memory {small:.0f} KiB, of ten times as many {large:.0f}: {large / small:.1f} times")
    good = ours < LIMIT_S and slow / ours >= FASTER and large / small < MOST_GROWTH
    return int(not (good and same))


if __name__ == "__main__":
    sys.exit(main())
