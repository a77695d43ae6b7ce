"""One strip: the frames of a video side by side, scaled down, as a WebP picture."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Sides are multiples of 16, so that two frames never share a block of the picture's coding.
_STEPS = (*((224, 80), (160, 75), (128, 70), (112, 65), (96, 60), (80, 50), (64, 45), (48, 40)),)
_MOST = 64
"""Frames in a strip: WebP pictures are at most 16,383 pixels wide."""
_SMALL = 112
"""Frames of a smaller side keep more of their few pixels where there is room."""
# Slower methods save a tenth of the bytes and take twice the time.
_METHOD = 2


@dataclass(frozen=True)
class Step:
    """How large and how fine the frames of a strip are."""

    width: int
    """Pixels of one frame."""
    height: int
    quality: int
    """WebP's, 0 to 100."""


def steps(height: int, width: int) -> tuple[Step, ...]:
    """The steps for frames of this size, the largest first; a frame is never made larger."""
    longest = max(height, width)
    finest = [(longest, 95)] if longest < _SMALL else []
    made = [
        Step(
            max(1, round(width * min(1.0, side / longest))),
            max(1, round(height * min(1.0, side / longest))),
            quality,
        )
        for side, quality in (*finest, *_STEPS)
    ]
    return tuple(dict.fromkeys(made))


def shown_frames(frames: int) -> NDArray[np.int64]:
    """Which of a clip's frames stand in its strip: all, or 64 that are spread evenly."""
    if frames <= _MOST:
        return np.arange(frames, dtype=np.int64)
    return np.linspace(0, frames - 1, _MOST).round().astype(np.int64)


def encode(frames: NDArray[np.uint8], step: Step, *, aspect: float | None = None) -> bytes:
    """A strip of uint8 RGB frames (n, 3, height, width) as a WebP picture, the first one left.

    ``aspect``: width by height of the video whose whole pictures were squeezed into the frames;
    they get it back, on black where the step's is another. The same frames give the same bytes.
    """
    count, _, height, width = frames.shape
    bands = [
        Image.fromarray(
            np.ascontiguousarray(frames[:, band].transpose(1, 0, 2)).reshape(height, count * width)
        )
        for band in range(3)
    ]
    whole = Image.merge("RGB", bands)
    strip = Image.new("RGB", (count * step.width, step.height))
    inner = _inner(step, aspect)
    left, top = (step.width - inner[0]) // 2, (step.height - inner[1]) // 2
    for at in range(count):
        # Cut out first: scaled as a whole, neighbours would bleed into one another.
        frame = whole.crop((at * width, 0, (at + 1) * width, height))
        if frame.size != inner:
            frame = frame.resize(inner, Image.Resampling.HAMMING)
        strip.paste(frame, (at * step.width + left, top))
    stream = io.BytesIO()
    strip.save(stream, "WEBP", quality=step.quality, method=_METHOD)
    return stream.getvalue()


def _inner(step: Step, aspect: float | None) -> tuple[int, int]:
    """Width and height of the picture within a step's frame."""
    if aspect is None:
        return step.width, step.height
    own = step.width / step.height
    return (
        max(1, round(step.width * min(1.0, aspect / own))),
        max(1, round(step.height * min(1.0, own / aspect))),
    )


def on_page(strip: bytes) -> int:
    """The bytes of a strip in a page: in base64, with a line break."""
    return 4 * -(-len(strip) // 3) + 1
