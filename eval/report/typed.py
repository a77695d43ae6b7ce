"""Where a path lies that was typed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def places(path: str, near: Path) -> Iterator[Path]:
    """Where a path may lie that someone typed in another folder: here, or above ``near``."""
    named = Path(path)
    yield named
    if not named.is_absolute():
        yield from (above / named for above in near.absolute().parents)


def found(path: str, near: Path) -> Path:
    """The first of those places where something lies; the path as it is where there is none."""
    try:
        return next((place for place in places(path, near) if place.exists()), Path(path))
    except (OSError, ValueError):
        # A file may name what no file system can hold.
        return Path(path)
