"""What is known of a class that fails, beside its sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from physprior.eval.confusion import CategoryConfusion
from physprior.eval.predictions import Header
from physprior.eval.report.controls import ControlRun
from physprior.eval.scoring import CategoryScores
from physprior.stats import Estimate, rate_estimate


@dataclass(frozen=True)
class Facts:
    """The numbers that advice rests on."""

    header: Header
    category: CategoryScores
    controls: tuple[ControlRun, ...]
    severities: Mapping[str, float]
    """Of simulated anomalies, by video id."""
    trained: Mapping[str, int] | None
    """Class to its training videos; None where nobody knows."""
    auroc: Estimate
    """Of the anomaly type, or of the category for ``normal``."""
    confusion: CategoryConfusion | None = None
    """What the explanations of the category speak of; None without any."""

    def said_of(self, class_id: str, spoken: str) -> Estimate:
        """The share of a class's videos whose reason is of the class ``spoken``."""
        found = self.confusion
        if found is None or not {class_id, spoken} <= {*found.classes}:
            return Estimate(None, 0)
        row = found.counts[found.classes.index(class_id)]
        return rate_estimate(row[found.classes.index(spoken)], sum(row))
