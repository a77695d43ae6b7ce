"""Precision-recall curves: of what is called anomalous, how much is, the more of it is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.figures.curve import Curve, points, ranks, runs_of
from physprior.eval.report.words import number
from physprior.eval.scoring import CategoryScores


@dataclass(frozen=True)
class PrecisionRecallPanel:
    """The curves of one category, the model's own first; x: share found, y: precision."""

    title: str
    curves: tuple[Curve, ...]
    """Each with its average precision, which is the area below it."""
    floor: float
    """Where the share of anomalous videos lies, 0 to 100 downwards: what guessing reaches."""
    floor_said: str
    """That share: ``0.498``."""


def precision_recall_panels(evaluation: Evaluation) -> tuple[PrecisionRecallPanel, ...]:
    """A panel a category that has both classes."""
    return tuple(
        _panel(evaluation, one) for one in evaluation.scores.categories if one.auroc is not None
    )


def _panel(evaluation: Evaluation, own: CategoryScores) -> PrecisionRecallPanel:
    share = sum(own.labels) / len(own.labels)
    return PrecisionRecallPanel(
        own.category,
        tuple(_curve(name, run) for name, run in runs_of(evaluation, own.category)),
        round(100 - 100 * share, 1),
        number(share),
    )


def _curve(name: str, one: CategoryScores) -> Curve:
    recall, precision = steps(np.asarray(one.labels), np.asarray(ranks(one)))
    return Curve(
        name,
        number(one.measures["average_precision"].value),
        points(100 * recall, 100 - 100 * precision),
    )


def steps(
    labels: NDArray[np.int64], scores: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and precision of the corners of the curve, both 0 to 1, from nothing found to all.

    Each threshold that finds one anomalous video more is a level stretch at its precision: so the
    area below is the average precision, and nothing is promised between two thresholds. Videos of
    one score are one threshold. ``labels`` hold both classes.
    """
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(labels[order])
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    found, taken = found[last], last + 1
    more = np.diff(found, prepend=0) > 0
    recall, precision = found[more] / found[-1], found[more] / taken[more]
    starts = np.append(0.0, recall[:-1])
    return np.column_stack([starts, recall]).ravel(), np.repeat(precision, 2)
