"""What a statistic is handed on as: a value, what it rests on, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A confidence interval, both ends included."""

    low: float
    high: float
    method: str
    """How it was made, in the field's words: ``DeLong, logit scale``."""
    confidence: float = 0.95
    """The share of such intervals that are to cover the true value."""


@dataclass(frozen=True)
class Estimate:
    """A statistic of ``n`` videos; ``value`` is None where it has no meaning (n/a)."""

    value: float | None
    n: int
    """Videos it rests on."""
    interval: Interval | None = None
    """None where there is no value, or no honest interval."""
