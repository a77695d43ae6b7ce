"""How well a ranking finds anomalies, with intervals: AUROC, average precision, macro means.

The intervals of AUROC hold that the videos (or the clusters) are drawn by chance from all that the
machine could show. They say nothing of a machine, a camera or a fault that no video shows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from physprior.stats.delong import Placements, placements, spread
from physprior.stats.estimate import Estimate, Interval
from physprior.stats.intervals import (
    logit_interval,
    mean_interval,
    normal_quantile,
    student_quantile,
    wilson,
)
from physprior.stats.labelled import independent_pairs, labelled, same_length, usable_clusters
from physprior.stats.ranking import average_precision
from physprior.stats.verdicts import (
    accuracy_estimate,
    balanced_accuracy_estimate,
    f1_estimate,
    rate_estimate,
    undecided_estimate,
)

__all__ = [
    "accuracy_estimate",
    "auroc_estimate",
    "average_precision_estimate",
    "balanced_accuracy_estimate",
    "f1_estimate",
    "macro_estimate",
    "rate_estimate",
]

NO_VARIANCE = 1e-26
"""A variance below it is rounding: a true one is at least 1e-24, even of a million videos."""


def auroc_estimate(
    labels: Sequence[int],
    scores: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """AUROC with DeLong's interval on the logit scale; value None where one class is alone.

    ``clusters``: each video's object, used where ten or more are known and none is unknown; the
    variance is then Obuchowski's. Student's t takes the normal distribution's place, with
    Satterthwaite's degrees of freedom: with 2 normal videos, or 10 clusters, the normal one covers
    too rarely. A perfect ranking has a variance of 0 and gets the exact bound of
    :func:`share_of_unanimous_pairs` instead, in one tail; so has the reverse of one, and one that
    ties all videos: of s, the share of ties, AUROC keeps s/2 off either end. Scores of two values
    alone are a verdict, whose AUROC is the mean of two rates, and have MOVER of Wilson's. The
    interval is None where a class has one video (one cluster) and none of these holds. Raises
    ValueError for what is no label, or no finite score, with its index.
    """
    normal_quantile(confidence)
    if clusters is not None:
        same_length(labels, clusters, "clusters")
    if not _both_classes(labels, scores):
        return Estimate(None, len(labels))
    placed, used = placements(labels, scores), usable_clusters(clusters)
    found = _exact_interval(placed, independent_pairs(labels, used), confidence)
    if found is None and used is None:
        found = _verdict_interval(labels, scores, confidence)
    return Estimate(
        placed.auroc,
        len(labels),
        found or _delong_interval(placed, labels, used, confidence),
    )


def share_of_unanimous_pairs(pairs: int, confidence: float = 0.95) -> float:
    """The least share of all pairs that is ranked right, where all of a sample's are: exact.

    Among m normal and n anomalous videos min(m, n) pairs share no video, so they are independent,
    and each is right with probability s; all are with at most s^min(m, n). An s below
    (1 - confidence)^(1 / min(m, n)) would therefore have shown a perfect ranking more rarely than
    the confidence allows. No distribution is assumed, and no better bound holds for all: where a
    share 1 - s of the smaller class's videos is ranked wrong against all others, it is attained.

    Where videos of one object hang together, a pair is of two objects, and no object in two pairs.
    """
    return (1 - confidence) ** (1 / pairs) if pairs else 0.0


def verdict_auroc_estimate(
    labels: Sequence[int],
    said: Sequence[bool | None],
    *,
    clusters: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """AUROC of hard verdicts, (TPR + TNR) / 2, where an answer that says neither counts one half.

    That is what would be expected if a coin decided each such answer, and the middle of
    ``auroc_bounds``. To rank them between the two words would give 1 to a model that falls silent
    on every anomaly. Value None where one class is alone. Where all were read the interval is that
    of ``auroc_estimate``; else MOVER of both rates' Wilson intervals, videos taken as independent.
    """
    if None not in said:
        words = [float(bool(word)) for word in said]
        return auroc_estimate(labels, words, clusters=clusters, confidence=confidence)
    return undecided_estimate(labels, said, confidence=confidence)


def average_precision_estimate(
    labels: Sequence[int], scores: Sequence[float], *, confidence: float = 0.95
) -> Estimate:
    """Average precision, with the interval of a share of the anomalous videos.

    To take it as such a share is Boyd, Eng and Page's (ECML 2013); the interval is Wilson's, as
    theirs on the logit scale has an error without limit near 1. At 1 it is the bound of
    :func:`lowest_average_precision`. Value None where one class is alone. It is of the sample's
    own share of anomalous videos, and not comparable between collections that differ in it.
    """
    value, n = average_precision(labels, scores), len(labels)
    if value is None:
        return Estimate(None, n)
    anomalous = sum(bool(label) for label in labels)
    if value == 1:
        low = lowest_average_precision(n - anomalous, anomalous, confidence)
        return Estimate(value, n, Interval(low, 1.0, "exact, one-sided", confidence))
    low, high = wilson(value * anomalous, anomalous, confidence)
    return Estimate(value, n, Interval(low, high, "Wilson", confidence))


def lowest_average_precision(normal: int, anomalous: int, confidence: float = 0.95) -> float:
    """The least average precision of a scorer that ranked so many videos perfectly.

    Let h(t) be the odds of a false alarm to an anomalous video at the score that finds the share t
    of the anomalous: average precision is the integral of t / (t + h(t)) over 0..1. The integral of
    h is at most c = normal / anomalous (1 - s), s from :func:`share_of_unanimous_pairs`. Of all h
    with this integral (by Lagrange's dual) none has less than 1 - sqrt(2c / 3), and from c = 1/6 on
    8 / (9 (1 + 2c)). No distribution is assumed; it is cautious, since h may not fall and this one
    may.
    """
    share = share_of_unanimous_pairs(min(normal, anomalous), confidence)
    odds = normal / anomalous * (1 - share)
    return 1 - math.sqrt(2 * odds / 3) if odds < 1 / 6 else 8 / (9 * (1 + 2 * odds))


def macro_estimate(estimates: Sequence[Estimate]) -> Estimate:
    """The plain mean of the shares that have a value, as the paper averages over categories.

    They are taken as independent, and as fixed: the interval is of these categories and not of
    others that might have been chosen (:func:`physprior.stats.intervals.mean_interval`). A member
    without an interval is taken as known to be within 0..1 and no better, and one below 0, a lone
    video's cosine, within -1..1. ``n`` is the sum of theirs. Raises ValueError where their
    confidences differ.
    """
    known = [one for one in estimates if one.value is not None]
    values = [one.value for one in known if one.value is not None]
    if not values:
        return Estimate(None, 0)
    mean, n = math.fsum(values) / len(values), sum(one.n for one in known)
    given = [one.interval for one in known]
    confidences = {one.confidence for one in given if one is not None}
    if len(confidences) > 1:
        raise ValueError(f"intervals of several confidences: {sorted(confidences)}")
    if not confidences:
        return Estimate(mean, n)
    ends = [
        (one.low, one.high) if one else (-1.0 if value < 0 else 0.0, 1.0)
        for value, one in zip(values, given, strict=True)
    ]
    low, high = mean_interval(values, ends)
    return Estimate(mean, n, Interval(low, high, "MOVER", confidences.pop()))


def _both_classes(labels: Sequence[int], scores: Sequence[float]) -> bool:
    flags, _ = labelled(labels, scores)
    return bool(flags.any() and not flags.all())


def _exact_interval(placed: Placements, pairs: int, confidence: float) -> Interval | None:
    """Of a ranking in which each pair says the same: all right, all wrong, or all tied."""
    share = share_of_unanimous_pairs(pairs, confidence)
    if placed.auroc == 1:
        return Interval(share, 1.0, "exact, one-sided", confidence)
    if placed.auroc == 0:
        return Interval(0.0, 1 - share, "exact, one-sided", confidence)
    if (placed.normal == 0.5).all() and (placed.anomalous == 0.5).all():
        return Interval(share / 2, 1 - share / 2, "exact", confidence)
    return None


def _verdict_interval(
    labels: Sequence[int], scores: Sequence[float], confidence: float
) -> Interval | None:
    """Of scores with two values: DeLong's error is 0 for a class in which all have the same one."""
    lowest, highest, sizes = min(scores), max(scores), Counter(labels)
    if not all(score in (lowest, highest) for score in scores):
        return None
    high = Counter(label for label, score in zip(labels, scores, strict=True) if score == highest)
    right = [(sizes[0] - high[0], sizes[0]), (high[1], sizes[1])]
    ends = [wilson(hits, n, confidence) for hits, n in right]
    low, top = mean_interval([hits / n for hits, n in right], ends)
    return Interval(low, top, "MOVER of Wilson", confidence)


def _delong_interval(
    placed: Placements,
    labels: Sequence[int],
    clusters: Sequence[str] | None,
    confidence: float,
) -> Interval | None:
    found, method = spread([placed]), "DeLong, logit scale"
    if clusters is not None:
        clustered = spread([placed], labels=labels, clusters=clusters)
        # Clusters that are each like the whole leave no variance between them; videos do.
        if not clustered.variance < NO_VARIANCE:
            found, method = clustered, "clustered DeLong, logit scale"
    if math.isnan(found.variance):
        return None
    quantile = student_quantile(confidence, found.degrees)
    low, high = logit_interval(placed.auroc, math.sqrt(found.variance), quantile)
    return Interval(low, high, method, confidence)
