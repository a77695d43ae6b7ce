"""The axes of a chart: from values to places of 0 to 100, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_SPAN = 30.0
"""From such a ratio of largest to smallest on, values are read better by their decades."""
_TICKS = 5


@dataclass(frozen=True)
class Tick:
    """A mark at an axis."""

    at: float
    """0 to 100."""
    text: str


@dataclass(frozen=True)
class Axis:
    """An axis from ``low`` to ``high``."""

    low: float
    high: float
    log: bool
    ticks: tuple[Tick, ...]
    note: str = ""
    """What must be known to read it."""

    def place(self, value: float) -> float:
        """Where a value stands, 0 to 100, to a tenth; beyond it for what lies outside."""
        if not self.log:
            return round(100 * _share(value, self.low, self.high), 1)
        # What is no positive number has no logarithm, and stands at the lower end.
        low, high = math.log10(self.low), math.log10(self.high)
        return round(100 * _share(math.log10(max(value, self.low)), low, high), 1)


def axis_of(values: Sequence[float], log: bool | None = None) -> Axis:
    """The axis of values: by decades where they span more than one, unless ``log`` is False.

    Values that are not positive stand at the lower end of an axis by decades.
    """
    positive = [value for value in values if value > 0]
    wide = bool(positive) and max(positive) / min(positive) >= _SPAN
    if wide and log is not False and min(values) >= 0:
        return _by_decades(positive, zeros=len(positive) < len(values))
    return _linear(min(values), max(values))


def steps_axis(steps: Sequence[int]) -> Axis:
    """The axis of steps, from 0 to the last."""
    last = max(*steps, 1) if steps else 1
    gap = max(1.0, _round_gap(last / _TICKS))
    marks = [gap * place for place in range(int(last / gap) + 1)]
    ticks = tuple(Tick(round(100 * mark / last, 1), f"{mark:,.0f}") for mark in marks)
    return Axis(0.0, float(last), False, ticks)


def _linear(low: float, high: float) -> Axis:
    if low == high:
        half = abs(low) / 2 or 0.5
        low, high = low - half, high + half
    # Of halves, because the difference of two numbers may be too large for one.
    gap = _round_gap((high / 2 - low / 2) / _TICKS * 2)
    first, last = math.ceil(low / gap - 1e-9), math.floor(high / gap + 1e-9)
    large = max(abs(low), abs(high)) >= 1e6
    ticks = tuple(
        Tick(
            round(100 * _share(gap * place, low, high), 1),
            _said(gap * place, gap, short=large or gap < 1e-3),
        )
        for place in range(first, last + 1)
    )
    return Axis(low, high, False, ticks)


def _by_decades(positive: Sequence[float], *, zeros: bool) -> Axis:
    low, high = min(positive), max(positive)
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first) / 6))
    span = math.log10(low), math.log10(high)
    ticks = tuple(
        Tick(round(100 * _share(power, *span), 1), f"{10.0**power:g}")
        for power in range(first, last + 1, step)
    )
    note = "The scale is logarithmic: each line up is ten times as much."
    if step > 1:
        note = "The scale is logarithmic."
    return Axis(low, high, True, ticks, f"{note} What is 0 stands at its foot." if zeros else note)


def _share(value: float, low: float, high: float) -> float:
    return (value / 2 - low / 2) / (high / 2 - low / 2)


def _round_gap(raw: float) -> float:
    """1, 2 or 5 times a power of ten, not below ``raw``."""
    power = math.floor(math.log10(raw)) if raw > 0 else 0
    unit = 10.0**power
    return next((unit * step for step in (1, 2, 5, 10) if unit * step >= raw * (1 - 1e-9)), raw)


def _said(value: float, gap: float, *, short: bool) -> str:
    """A tick's number: all ticks of an axis with as many decimals, or all as powers of ten."""
    if value == 0:
        return "0"
    if short:
        return f"{value:g}" if 1e-4 <= abs(value) < 1e6 else _power(value)
    digits = max(0, -math.floor(math.log10(gap) + 1e-9))
    return f"{value:,.{digits}f}"


def _power(value: float) -> str:
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{float(digits):g}e{int(power)}"
