"""Training in a report, from the run folder alone."""

from __future__ import annotations

from physprior.eval.report.training.run import Series, TrainingRun

__all__ = ["Series", "TrainingRun"]
