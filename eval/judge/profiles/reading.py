"""Reading the marks in a judge's reply; the reply itself is read in ``physprior.endpoint``."""

from __future__ import annotations

from physprior.endpoint.reading import Unreadable, kind_of, read_object, read_text, shown

__all__ = ["read_integer", "read_number", "read_object", "read_text", "shown"]


def read_integer(value: object, key: str, most: int) -> int:
    """A value that must be an integer from 0 to ``most``; 3.0 is one. Raises Unreadable."""
    number = read_number(value, key, most)
    if not number.is_integer():
        raise Unreadable(f"{key} is {shown(value)}, not an integer")
    return int(number)


def read_number(value: object, key: str, most: int) -> float:
    """A value that must be a number from 0 to ``most``. Raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{key} is {kind_of(value)}, not a number")
    if not 0 <= value <= most:
        raise Unreadable(f"{key} is {shown(value)}, not within 0 to {most}")
    return abs(float(value))  # -0.0 is 0
