"""AUROC by severity: how small a failure may be and still be found."""

from __future__ import annotations

from dataclasses import dataclass

from physprior.stats import Estimate


@dataclass(frozen=True)
class SeverityBin:
    """The anomalous videos of a range of severity, against all normal ones of their categories."""

    low: float
    high: float
    anomalous: int
    normal: int
    macro: Estimate
    """Mean over the categories that have videos in the range."""
    categories: tuple[tuple[str, Estimate], ...]
    """By category, in the order of ids; value None where it has no video in the range."""


@dataclass(frozen=True)
class Severity:
    """All ranges, the slightest first."""

    bins: tuple[SeverityBin, ...]
    without: int
    """Anomalous videos that have no severity."""
