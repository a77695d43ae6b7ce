"""Statistics of detection: numbers in, numbers out."""

from __future__ import annotations

from physprior.stats.ranking import auroc, auroc_error, macro, roc_curve

__all__ = ["auroc", "auroc_error", "macro", "roc_curve"]
