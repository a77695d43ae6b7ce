"""AUROC by severity as steps: each range as wide as it is, with its interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from physprior.eval.compare import MACRO
from physprior.eval.report.severity import Severity, SeverityBin
from physprior.eval.report.words import estimate
from physprior.stats import Estimate


@dataclass(frozen=True)
class SeverityStep:
    """One range of severity; all places 0 to 100, y downwards from an AUROC of 1."""

    left: float
    right: float
    x: float
    """Its middle, where the interval stands."""
    y: float
    low: float | None
    """The lower and the upper end of the interval; None where it has none."""
    high: float | None
    value: str
    """``0.894 [0.87, 0.91]``."""


@dataclass(frozen=True)
class SeverityPanel:
    """The macro average, or one category; chance is at half the height."""

    title: str
    steps: tuple[SeverityStep, ...]
    """Those ranges that have a value, the slightest first."""


def severity_panels(severity: Severity) -> tuple[SeverityPanel, ...]:
    """The macro average, where there are several categories, and each of them."""
    names = [name for name, _ in severity.bins[0].categories]
    panels = [
        SeverityPanel(name, _steps((one, dict(one.categories)[name]) for one in severity.bins))
        for name in names
    ]
    if len(names) > 1:
        whole = _steps((one, one.macro) for one in severity.bins)
        panels.insert(0, SeverityPanel(MACRO, whole))
    return tuple(panel for panel in panels if panel.steps)


def _steps(found: Iterable[tuple[SeverityBin, Estimate]]) -> tuple[SeverityStep, ...]:
    return tuple(
        SeverityStep(
            round(100 * one.low, 1),
            round(100 * one.high, 1),
            round(50 * (one.low + one.high), 1),
            _height(value.value),
            _height(value.interval.low) if value.interval else None,
            _height(value.interval.high) if value.interval else None,
            estimate(value),
        )
        for one, value in found
        if value.value is not None
    )


def _height(auroc: float) -> float:
    return round(100 - 100 * auroc, 1)
