"""A few frames of a video side by side, as one picture for a page."""

from __future__ import annotations

import io
from pathlib import Path

from physprior.errors import VideoError

FRAMES = 6
_HEIGHT = 160
_WIDEST = 284
"""Pixels of a frame: 16:9 at that height."""
_QUALITY = 80


def strip(path: Path) -> bytes:
    """Up to six frames that are spread over a video, the first one left, as a WebP picture.

    Raises VideoError for a video that cannot be decoded.
    """
    from PIL import Image

    from physprior.video.decode import decode
    from physprior.video.probe import probe
    from physprior.video.sample import Sampling, frame_indices

    info = probe(path)
    count = min(FRAMES, info.frames)
    frames = decode(path, frame_indices(info.frames, info.fps, Sampling(frames=count)))
    height, width = frames.shape[1:3]
    scale = min(1.0, _HEIGHT / height, _WIDEST / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    whole = Image.new("RGB", (size[0] * count, size[1]))
    for at, frame in enumerate(frames):
        picture = Image.fromarray(frame).resize(size, Image.Resampling.BOX)
        whole.paste(picture, (at * size[0], 0))
    stream = io.BytesIO()
    whole.save(stream, "WEBP", quality=_QUALITY)
    return stream.getvalue()


def try_strip(path: Path) -> tuple[bytes, str]:
    """The strip of a video, or why it has none."""
    try:
        return strip(path), ""
    except VideoError as error:
        return b"", error.message
