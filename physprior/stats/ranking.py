"""How well scores rank anomalous above normal: AUROC, average precision, and the ROC curve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from physprior.stats.delong import placements
from physprior.stats.labelled import labelled


def auroc(labels: Sequence[int], scores: Sequence[float]) -> float | None:
    """Area under the ROC curve; None where only one class is there, for then it has no meaning.

    ``labels``: 1 for anomalous, 0 for normal; ``scores``: raw, higher is more anomalous; ties count
    one half. Raises ValueError with its index for a score that is not finite.
    """
    flags, _ = labelled(labels, scores)
    return placements(labels, scores).auroc if flags.any() and not flags.all() else None


def average_precision(labels: Sequence[int], scores: Sequence[float]) -> float | None:
    """The precision at each anomalous video's score, averaged; None where one class is alone.

    Scores that tie are one threshold, as in scikit-learn; nothing is interpolated. A ranking by
    chance has about the share of anomalous videos, which therefore belongs beside it.
    """
    flags, values = labelled(labels, scores)
    if flags.all() or not flags.any():
        return None
    order = np.argsort(-values, kind="stable")
    values, found = values[order], np.cumsum(flags[order])
    last_of_tie = np.flatnonzero(np.append(values[1:] != values[:-1], True))
    found, taken = found[last_of_tie], last_of_tie + 1
    return float(np.sum(np.diff(found, prepend=0) * (found / taken)) / flags.sum())


def auroc_error(area: float, anomalous: int, normal: int) -> float:
    """Standard error of an AUROC of so many videos (Hanley and McNeil, Radiology 1982).

    A rough one, for telling noise from gain; it is 0 at 0 and at 1, where it says nothing. What is
    reported has DeLong's (``physprior.stats.auroc_estimate``).
    """
    both_anomalous = area / (2 - area)
    both_normal = 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (anomalous - 1) * (both_anomalous - area**2)
        + (normal - 1) * (both_normal - area**2)
    ) / (anomalous * normal)
    return math.sqrt(max(variance, 0.0))


def roc_curve(labels: Sequence[int], scores: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """False-positive and true-positive rates (both float64, from 0 to 1) over all thresholds."""
    from sklearn import metrics

    false_rate, true_rate, _ = metrics.roc_curve(labels, np.asarray(scores, dtype=np.float64))
    return false_rate, true_rate


def macro(values: Iterable[float | None]) -> float | None:
    """The plain mean of what there is, as the paper averages over categories; None of nothing."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
