"""A few frames of a video side by side, as one picture for a page."""

from __future__ import annotations

import io
from pathlib import Path

from physprior.errors import VideoError
from physprior.video.montage import montage

FRAMES = 6
_HEIGHT = 160
_WIDEST = 284
"""Pixels of a frame: 16:9 at that height."""
_QUALITY = 80


def strip(path: Path) -> bytes:
    """Up to six frames that are spread over a video, the first one left, as a WebP picture.

    Raises VideoError for a video that cannot be decoded.
    """
    whole = montage(path, FRAMES, (_WIDEST, _HEIGHT), columns=FRAMES)
    stream = io.BytesIO()
    whole.save(stream, "WEBP", quality=_QUALITY)
    return stream.getvalue()


def try_strip(path: Path) -> tuple[bytes, str]:
    """The strip of a video, or why it has none."""
    try:
        return strip(path), ""
    except VideoError as error:
        return b"", error.message
