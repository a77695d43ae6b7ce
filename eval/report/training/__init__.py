"""Training in a report, from the run folder alone."""

from __future__ import annotations

from physprior.eval.report.training.chart import TrainingChart
from physprior.eval.report.training.charts import training_charts
from physprior.eval.report.training.find import find_run
from physprior.eval.report.training.record import is_run
from physprior.eval.report.training.run import TrainingRun, read_training
from physprior.eval.report.training.series import Series
from physprior.eval.report.training.tables import training_tables

__all__ = [
    "Series",
    "TrainingChart",
    "TrainingRun",
    "find_run",
    "is_run",
    "read_training",
    "training_charts",
    "training_tables",
]
