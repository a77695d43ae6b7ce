"""Statistics of detection: numbers in, numbers out."""

from __future__ import annotations

from physprior.stats.agreement import Agreement, agreement
from physprior.stats.calibration import Bin, Calibration, calibration
from physprior.stats.comparison import Comparison, compare_auroc, compare_macro
from physprior.stats.delong import Placements, Spread, covariance, placements, spread
from physprior.stats.detection import (
    auroc_estimate,
    average_precision_estimate,
    macro_estimate,
    verdict_auroc_estimate,
)
from physprior.stats.estimate import Estimate, Interval
from physprior.stats.means import mean_estimate
from physprior.stats.multiplicity import holm
from physprior.stats.paired_means import compare_macro_means, compare_means
from physprior.stats.paired_verdicts import McNemar, mcnemar
from physprior.stats.ranking import auroc, auroc_error, average_precision, macro, roc_curve
from physprior.stats.thresholds import RULES, can_choose, check_rule, choose_threshold
from physprior.stats.unparsed import auroc_bounds
from physprior.stats.verdicts import (
    accuracy_estimate,
    balanced_accuracy_estimate,
    f1_estimate,
    rate_estimate,
)

__all__ = [
    "RULES",
    "Agreement",
    "Bin",
    "Calibration",
    "Comparison",
    "Estimate",
    "Interval",
    "McNemar",
    "Placements",
    "Spread",
    "accuracy_estimate",
    "agreement",
    "auroc",
    "auroc_bounds",
    "auroc_error",
    "auroc_estimate",
    "average_precision",
    "average_precision_estimate",
    "balanced_accuracy_estimate",
    "calibration",
    "can_choose",
    "check_rule",
    "choose_threshold",
    "compare_auroc",
    "compare_macro",
    "compare_macro_means",
    "compare_means",
    "covariance",
    "f1_estimate",
    "holm",
    "macro",
    "macro_estimate",
    "mcnemar",
    "mean_estimate",
    "placements",
    "rate_estimate",
    "roc_curve",
    "spread",
    "verdict_auroc_estimate",
]
