"""Paths as one types them where a report is made, and where those lie that were typed elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def typed(path: Path | str) -> str:
    """A path as one types it here: relative where it lies below the current folder."""
    text = str(path)
    if not os.path.isabs(text):
        return text
    inside = os.path.relpath(text)
    return text if inside == os.pardir or inside.startswith(os.pardir + os.sep) else inside


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
