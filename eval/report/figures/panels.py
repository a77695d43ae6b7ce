"""All figures of a report by their names."""

from __future__ import annotations

from physprior.eval.report.figures.calibration import Point, reliability
from physprior.eval.report.figures.confusion import ConfusionPanel, confusion_panels
from physprior.eval.report.figures.curve import Curve
from physprior.eval.report.figures.distributions import Bar, ScorePanel, score_panels
from physprior.eval.report.figures.intervals import IntervalPlot, interval_plot
from physprior.eval.report.figures.precision_recall import (
    PrecisionRecallPanel,
    precision_recall_panels,
)
from physprior.eval.report.figures.roc import RocPanel, roc_panels
from physprior.eval.report.figures.severity import SeverityPanel, severity_panels

__all__ = [
    "Bar",
    "ConfusionPanel",
    "Curve",
    "IntervalPlot",
    "Point",
    "PrecisionRecallPanel",
    "RocPanel",
    "ScorePanel",
    "SeverityPanel",
    "confusion_panels",
    "interval_plot",
    "precision_recall_panels",
    "reliability",
    "roc_panels",
    "score_panels",
    "severity_panels",
]
