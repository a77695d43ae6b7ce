"""ROC curves: anomalies found against false alarms, at every threshold."""

from __future__ import annotations

from dataclasses import dataclass

from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.figures.curve import Curve, points, ranks, runs_of
from physprior.eval.report.words import number
from physprior.eval.scoring import CategoryScores
from physprior.stats import roc_curve


@dataclass(frozen=True)
class RocPanel:
    """The ROC curves of one category, the model's own first; x: false alarms, y: found."""

    title: str
    curves: tuple[Curve, ...]


def roc_panels(evaluation: Evaluation) -> tuple[RocPanel, ...]:
    """A panel a category whose AUROC has a meaning."""
    return tuple(
        RocPanel(
            one.category,
            tuple(_curve(name, run) for name, run in runs_of(evaluation, one.category)),
        )
        for one in evaluation.scores.categories
        if one.auroc is not None
    )


def _curve(name: str, one: CategoryScores) -> Curve:
    false_rate, true_rate = roc_curve(one.labels, ranks(one))
    return Curve(name, number(one.auroc), points(100 * false_rate, 100 - 100 * true_rate))
