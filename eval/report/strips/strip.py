"""Strips of frames: what the model saw of a video, small enough for a page of thousands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Strips:
    """The strips of a report's videos, within its budget of bytes."""

    images: Mapping[str, bytes]
    """Card id to a WebP picture of its frames side by side; ids without one are left out."""
    frames: int
    """Frames in a strip."""
    width: int
    """Pixels of one frame."""
    height: int
    note: str
    """How many of how many videos have one, of what size, in how many megabytes, and why not all:
    a sentence or two."""
    missing: Mapping[str, str]
    """Card id to why its frames cannot be shown."""
    faithful: bool
    """The frames are those that the model saw; False: those it would see by default."""
