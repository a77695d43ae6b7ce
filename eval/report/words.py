"""How numbers are written: an estimate with its interval, and n/a for what means nothing."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from physprior.stats import Estimate, Interval

NOT_AVAILABLE = "n/a"


def number(value: float | None, digits: int = 3) -> str:
    """``value`` with so many decimals, or n/a; never a minus before nothing but zeros."""
    if value is None:
        return NOT_AVAILABLE
    written = f"{value:.{digits}f}"
    return written.lstrip("-") if not written.strip("-0.") else written


def interval(span: Interval | None) -> str:
    """``[0.87, 0.91]``, or nothing: rounded outwards so that it never looks surer than it is.

    One that is narrower than two hundredths, of thousands of videos, gets a third decimal.
    """
    if span is None:
        return ""
    digits = 3 if span.high - span.low < 0.02 else 2
    unit = Decimal(1).scaleb(-digits)
    low = Decimal(repr(span.low)).quantize(unit, ROUND_FLOOR)
    high = Decimal(repr(span.high)).quantize(unit, ROUND_CEILING)
    return f"[{number(float(low), digits)}, {number(float(high), digits)}]"


def estimate(found: Estimate | None) -> str:
    """``0.894 [0.87, 0.91]``; the value alone without an honest interval, n/a without a value."""
    if found is None or found.value is None:
        return NOT_AVAILABLE
    return f"{number(found.value)} {interval(found.interval)}".rstrip()


def scale(value: float) -> str:
    """A score or threshold, which may have any size: three decimals where they can be read."""
    return number(value) if 1e-3 <= abs(value) < 1e6 else f"{value + 0.0:.3g}"


def share(part: int, whole: int) -> str:
    """``12 of 300 (4.0%)``."""
    return f"{part} of {whole}" + (f" ({part / whole:.1%})" if whole else "")


def videos(count: int) -> str:
    """``1 video``, ``2 videos``."""
    return f"{count} video" if count == 1 else f"{count} videos"


def count(value: int | None) -> str:
    """A number of things, or n/a where there was nothing to count."""
    return NOT_AVAILABLE if value is None else str(value)
