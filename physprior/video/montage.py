"""Some frames of a video as one picture, for eyes: a person's or a model's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def montage(
    path: Path, most: int, largest: tuple[int, int], columns: int, *, least: int = 1
) -> Image.Image:
    """Up to ``most`` frames that are spread over a video, in rows of ``columns``, the first left.

    ``largest`` is the box, in pixels (width, height), that a frame is made smaller to fit into;
    smaller frames are not enlarged. Raises VideoError for a video that cannot be decoded, or has
    fewer than ``least`` frames.
    """
    from PIL import Image

    from physprior.video.decode import decode
    from physprior.video.probe import probe
    from physprior.video.sample import Sampling, frame_indices

    info = probe(path)
    count = max(least, min(most, info.frames))
    frames = decode(path, frame_indices(info.frames, info.fps, Sampling(frames=count)))
    height, width = frames.shape[1:3]
    scale = min(1.0, largest[0] / width, largest[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    rows = -(-count // columns)
    whole = Image.new("RGB", (size[0] * min(count, columns), size[1] * rows))
    for at, frame in enumerate(frames):
        small = Image.fromarray(frame).resize(size, Image.Resampling.BOX)
        whole.paste(small, (at % columns * size[0], at // columns * size[1]))
    return whole
