"""Choosing the score above which a video is called anomalous, on labelled validation videos.

A video is called anomalous where its score is **above** the threshold. Between two neighbouring
scores every threshold does the same; the middle is taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from physprior.stats.labelled import labelled

RULES = {
    "youden": "best balanced accuracy (Youden's J)",
    "f1": "best F1 of the anomalous",
    "accuracy": "best accuracy",
    "fpr=0.05": "highest recall with false alarms on at most this share of the normal videos",
    "zero": "0, where both labels are equally probable: nothing is chosen",
}
"""Each rule with what it looks for; ``fpr`` takes any share from 0 to below 1."""

_LIMIT = re.compile(r"fpr=(0?\.\d{1,9}|0)")


def check_rule(rule: str) -> str:
    """``rule``, if there is such a one. Raises ValueError saying which there are."""
    if rule not in RULES and not _LIMIT.fullmatch(rule):
        raise ValueError(f"there is no rule {rule!r}; there are {', '.join(RULES)}")
    return rule


def can_choose(labels: Sequence[int], rule: str) -> bool:
    """Whether videos of these classes are enough: ``fpr`` needs normal ones alone, ``zero`` none.

    Raises ValueError for an unknown rule.
    """
    if check_rule(rule) == "zero":
        return True
    return 0 in labels and (1 in labels or rule.startswith("fpr="))


def choose_threshold(labels: Sequence[int], scores: Sequence[float], rule: str) -> float:
    """The threshold that does best by ``rule`` on these videos; above it is anomalous.

    ``labels``: 1 for anomalous, 0 for normal; ``scores``: finite, higher is more anomalous. Of
    several gaps between scores that do equally well the widest is taken, and of equally wide ones
    the lowest, since a missed defect costs more than a false alarm; its middle is the threshold.
    A threshold below or above all scores is taken only where no gap does as well; it lies 1 away
    from them. By ``fpr`` false alarms are allowed only where they win a hit; without anomalous
    videos the lowest threshold that keeps the limit is taken. Raises ValueError for an unknown
    rule, classes that are not enough for it (``can_choose``), a label that is not 0 or 1, a score
    that is not finite, and unequal lengths.
    """
    anomalous, values = labelled(labels, scores)
    if not can_choose(labels, rule):
        raise ValueError(f"the rule {rule} cannot choose without videos of both classes")
    if rule == "zero":
        return 0.0
    cuts = _Cuts(anomalous, values)
    best = cuts.best(rule)
    return cuts.middle(int(best[np.argmax(cuts.widths()[best])]))


class _Cuts:
    """All ways to cut the scores in two: cut ``k`` leaves the ``k`` lowest distinct ones below."""

    def __init__(self, anomalous: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
        self.values, places = np.unique(scores, return_inverse=True)
        size = len(self.values)
        missed = np.bincount(places[anomalous], minlength=size)
        quiet = np.bincount(places[~anomalous], minlength=size)
        self.missed = np.concatenate([[0], np.cumsum(missed)])
        """Anomalous videos below each cut: int64 of shape (distinct scores + 1,)."""
        self.quiet = np.concatenate([[0], np.cumsum(quiet)])
        """Normal videos below each cut, likewise."""

    def best(self, rule: str) -> NDArray[np.intp]:
        """The cuts that do best by a rule; in whole numbers, so that equals are equal."""
        anomalous, normal = int(self.missed[-1]), int(self.quiet[-1])
        hits, alarms = anomalous - self.missed, normal - self.quiet
        if rule == "youden":
            return _largest(hits * normal + self.quiet * anomalous)
        if rule == "accuracy":
            return _largest(hits + self.quiet)
        if rule == "f1":
            # Quotients of whole numbers below 2**26 differ in float64 wherever they differ.
            return _largest(2 * hits / (hits + alarms + anomalous))
        # As a fraction, so that 0.29 of 100 videos are 29 and not 28.999.
        allowed = alarms <= math.floor(Fraction(rule.removeprefix("fpr=")) * normal)
        # The most hits first, then the fewest false alarms.
        worth = hits * (normal + 1) - alarms if anomalous else alarms
        return _largest(np.where(allowed, worth, np.iinfo(np.int64).min))

    def widths(self) -> NDArray[np.float64]:
        """How far the scores beside each cut lie apart; -1 for the cuts below and above all."""
        with np.errstate(over="ignore"):
            return np.concatenate([[-1.0], np.diff(self.values), [-1.0]])

    def middle(self, cut: int) -> float:
        """The threshold of a cut, from the score below (included) to the one above (excluded)."""
        values = self.values
        if cut == 0:
            return _beyond(float(values[0]), -1.0)
        if cut == len(values):
            return _beyond(float(values[-1]), 1.0)
        low, high = float(values[cut - 1]), float(values[cut])
        middle = low + (high - low) / 2
        if not math.isfinite(middle):
            middle = low / 2 + high / 2
        return middle if low <= middle < high else low


def _largest(values: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.intp]:
    return np.flatnonzero(values == values.max())


def _beyond(score: float, step: float) -> float:
    # One unit of log-odds away, or the next number where a unit is lost in rounding.
    moved = score + step
    if moved == score:
        moved = math.nextafter(score, math.copysign(math.inf, step))
    return moved if math.isfinite(moved) else score
