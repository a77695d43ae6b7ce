"""Video files from frames: H.264 in mp4, the same bytes for the same frames."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from physprior.errors import VideoError
from physprior.files import writing_to

# One thread, because x264's slices and rate control depend on how many there are. No tune and no
# scene cut detection beyond the preset's own: what the file holds depends on the frames alone.
_ENCODER = {"preset": "ultrafast", "crf": "18", "threads": "1", "x264-params": "threads=1"}


def write_video(path: Path, frames: Iterable[NDArray[np.uint8]], fps: int) -> None:
    """Encode ``frames`` at ``fps`` frames a second into ``path``, which appears whole or not.

    Each frame is uint8 (height, width, 3) in RGB; all have one size, and both sides are even.
    The compressed stream is held in memory, the frames are not: an iterator may make them one
    by one. Raises VideoError for frames that cannot be encoded, OutputError where ``path`` cannot
    be written.
    """
    data = _encode(path, frames, fps)
    with writing_to(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unlike files.write_bytes this does not wait for the disk: a video can be made again, and
        # for thousands of short ones the waiting would take longer than the making.
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            part.write_bytes(data)
            part.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise


def _encode(path: Path, frames: Iterable[NDArray[np.uint8]], fps: int) -> bytes:
    buffer = io.BytesIO()
    shape: tuple[int, ...] | None = None
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options=_ENCODER)
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for frame in frames:
            if shape is None:
                shape = _checked_shape(path, frame)
                stream.height, stream.width = shape[:2]
            elif frame.shape != shape:
                raise VideoError(
                    f"{path}: frames of different shapes, {shape} and {frame.shape}",
                    remedy="give every frame the same height and width",
                )
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            container.mux(stream.encode(picture))
        if shape is None:
            raise VideoError(f"{path}: no frame to write", remedy="give at least one frame")
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _checked_shape(path: Path, frame: NDArray[np.uint8]) -> tuple[int, ...]:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise VideoError(
            f"{path}: a frame of {frame.dtype} {frame.shape} is no picture",
            remedy="give uint8 frames of shape (height, width, 3) in RGB",
        )
    if frame.shape[0] % 2 or frame.shape[1] % 2 or 0 in frame.shape:
        raise VideoError(
            f"{path}: {frame.shape[1]}x{frame.shape[0]} pixels cannot be stored as yuv420p",
            remedy="make width and height even: colour is kept for squares of 2x2 pixels",
        )
    return frame.shape
