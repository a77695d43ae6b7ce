"""How often hard verdicts are right, with an interval: accuracy, balanced accuracy and F1.

A verdict is true (anomalous), false (normal) or None: an answer that says neither counts as wrong
and keeps its place, on a normal video as if it had been a false alarm. Else a model could raise its
figures by not answering. Videos are taken as independent of one another.
"""

from __future__ import annotations

from collections.abc import Sequence

from physprior.stats.estimate import Estimate, Interval
from physprior.stats.intervals import mean_interval, wilson
from physprior.stats.labelled import anomalous_flags, same_length

Said = Sequence[bool | None]


def rate_estimate(hits: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """``hits`` of ``n`` with Wilson's interval; value None of nothing."""
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no rate")
    if n == 0:
        return Estimate(None, 0)
    return Estimate(hits / n, n, Interval(*wilson(hits, n, confidence), "Wilson", confidence))


def accuracy_estimate(labels: Sequence[int], said: Said, *, confidence: float = 0.95) -> Estimate:
    """The share of verdicts that are right, with Wilson's interval.

    It has a value where one class is alone, too: it is then that class's rate.
    """
    normal, anomalous = _right(labels, said)
    return rate_estimate(sum(normal) + sum(anomalous), len(labels), confidence=confidence)


def balanced_accuracy_estimate(
    labels: Sequence[int], said: Said, *, confidence: float = 0.95
) -> Estimate:
    """The mean of both classes' rates, with MOVER of their Wilson intervals (Newcombe 1998).

    Value None where one class is alone.
    """
    right = [(sum(ones), len(ones)) for ones in _right(labels, said)]
    return _balanced(right, len(labels), confidence)


def undecided_estimate(labels: Sequence[int], said: Said, *, confidence: float = 0.95) -> Estimate:
    """The same where an answer that says neither counts one half, as if a coin decided it."""
    silent = [0, 0]
    for label, verdict in zip(labels, said, strict=True):
        silent[label] += verdict is None
    right = [
        (sum(ones) + coins / 2, len(ones))
        for ones, coins in zip(_right(labels, said), silent, strict=True)
    ]
    return _balanced(right, len(labels), confidence)


def f1_estimate(labels: Sequence[int], said: Said, *, confidence: float = 0.95) -> Estimate:
    """F1 of the class anomalous; value None where one class is alone.

    F1 = 2J / (1 + J) with J, Jaccard's index, the share of hits among hits, misses and false
    alarms. This grows with J, so Wilson's interval of J is mapped. Strictly that is for videos
    drawn together, whatever their class; with classes of fixed size it is an approximation. As with
    average precision, a collection with more anomalous videos has the higher F1.
    """
    normal, anomalous = _right(labels, said)
    if not (normal and anomalous):
        return Estimate(None, len(labels))
    hits, union = sum(anomalous), len(anomalous) + len(normal) - sum(normal)
    low, high = (2 * end / (1 + end) for end in wilson(hits, union, confidence))
    return Estimate(
        2 * hits / (union + hits),
        len(labels),
        Interval(low, high, "Wilson of Jaccard's index", confidence),
    )


def _balanced(right: Sequence[tuple[float, int]], n: int, confidence: float) -> Estimate:
    """The mean of two rates, each so many right of so many; value None where one is of nothing."""
    if not all(videos for _, videos in right):
        return Estimate(None, n)
    rates = [hits / videos for hits, videos in right]
    ends = mean_interval(rates, [wilson(hits, videos, confidence) for hits, videos in right])
    return Estimate(sum(rates) / 2, n, Interval(*ends, "MOVER of Wilson", confidence))


def _right(labels: Sequence[int], said: Said) -> tuple[list[bool], list[bool]]:
    """Which normal and which anomalous videos have the right verdict, in their order."""
    same_length(labels, said, "verdicts")
    for index, verdict in enumerate(said):
        if verdict not in (True, False, None):
            raise ValueError(f"verdict {index} is {verdict!r}, neither true, false nor None")
    flags = anomalous_flags(labels).tolist()
    pairs = list(zip(flags, said, strict=True))
    return (
        [verdict is not None and not verdict for anomalous, verdict in pairs if not anomalous],
        [bool(verdict) for anomalous, verdict in pairs if anomalous],
    )
