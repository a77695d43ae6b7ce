"""The whole look at a video file: every picture is decoded once, measured, hashed and printed.

``probe`` counts packets and decodes one frame; this finds damage anywhere, clips whose frames are
not shown equally long, and what makes two files the same video: ``content`` is equal where all
pictures are, whatever the container, and ``prints`` are near where the pictures look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from physprior.errors import VideoError
from physprior.video.probe import VideoInfo, count_frames, mean_rate, open_video
from physprior.video.sample import Sampling, frame_indices

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.plane import VideoPlane

LOOK = 1
"""Raised when a look at an unchanged file would find something else than before."""

PRINTS = 8
"""Frames of a clip that are printed, where it has as many."""
_ROWS, _COLUMNS = 8, 9
_JITTER = 0.01
"""Part of a frame's time by which frames may differ and still be shown equally long."""


@dataclass(frozen=True)
class Seen:
    """What a look at a whole video found."""

    info: VideoInfo
    """Its measures, with its rotation and whether its frames are shown equally long."""
    content: str
    """XXH3 (128 bits, 32 hex digits) over the shown pictures: pixel format, sizes, planes."""
    prints: tuple[str, ...]
    """dHash (64 bits, 16 hex digits) of each of the frames that ``PRINTS`` uniform samples take."""


def look(path: Path) -> Seen:
    """Decode a video file whole.

    Raises VideoError as ``probe`` does, and for damage behind the first frame.
    """
    with open_video(path) as container:
        stream = container.streams.video[0]
        frames = count_frames(path, container, stream)
        rate = mean_rate(path, stream)
        codec = stream.codec_context.name
        container.seek(0)
        pictures = _decode(container, frames)
    if pictures.count != frames or pictures.damage:
        # Seeking is the container's art, and some know it badly: what counts is a plain reading.
        with open_video(path) as container:
            pictures = _decode(container, frames)
    pictures.refuse_damage(path, frames)
    return Seen(
        info=VideoInfo(
            frames=frames,
            fps=float(rate),
            width=pictures.size[0],
            height=pictures.size[1],
            duration_s=float(frames / rate),
            codec=codec,
            rotation=pictures.rotation,
            constant_rate=_constant(pictures.times),
        ),
        content=pictures.content.hexdigest(),
        prints=tuple(pictures.prints),
    )


class _Pictures:
    """What the pictures of one video have in common, gathered one by one."""

    def __init__(self, frames: int) -> None:
        sampling = Sampling(frames=min(PRINTS, frames))
        self._printed = set(frame_indices(frames, 1.0, sampling).tolist())
        self._shape = ""
        self.content = xxhash.xxh3_128()
        self.prints: list[str] = []
        self.times: list[int] = []
        self.count = 0
        self.size = (0, 0)
        self.rotation = 0
        self.damage = ""

    def add(self, frame: VideoFrame) -> None:
        shape = f"{frame.format.name} {frame.width}x{frame.height} "
        if shape != self._shape:
            self.content.update(shape.encode())
            self._shape = shape
        if self.count == 0:
            self.rotation = frame.rotation % 360
            lying = self.rotation % 180 == 90
            self.size = (frame.height, frame.width) if lying else (frame.width, frame.height)
        for plane in _planes(frame):
            self.content.update(plane.data)
        if self.count in self._printed:
            self.prints.append(_print(_luma(frame), self.rotation))
        if frame.pts is not None:
            self.times.append(frame.pts)
        if frame.is_corrupt and not self.damage:
            self.damage = f"frame {self.count} is damaged"
        self.count += 1

    def refuse_damage(self, path: Path, frames: int) -> None:
        """Raise VideoError where not every picture came out whole."""
        if self.count == 0:
            why = self.damage.partition("(")[2].rstrip(")") or "the decoder gave nothing"
            said = f"its first frame cannot be decoded ({why})"
        elif self.damage:
            said = f"damaged: {self.damage}, of {frames}"
        elif self.count < frames:
            said = f"damaged: {self.count} of its {frames} frames can be decoded"
        else:
            return
        raise VideoError(f"{path}: {said}", remedy="copy or download the file again, or remove it")


def _decode(container: InputContainer, frames: int) -> _Pictures:
    import av

    pictures = _Pictures(frames)
    stream = container.streams.video[0]
    # Files are looked at side by side in processes; threads within one would only stand in line.
    stream.thread_type, stream.thread_count = "NONE", 1
    try:
        for frame in container.decode(stream):
            pictures.add(frame)
    except av.error.FFmpegError as error:
        why = error.strerror or type(error).__name__
        pictures.damage = pictures.damage or f"frame {pictures.count} cannot be decoded ({why})"
    return pictures


def _planes(frame: VideoFrame) -> Sequence[NDArray[np.uint8]]:
    """The picture's own bytes, plane by plane; what pads the rows in memory left out."""
    components = frame.format.components
    if len(components) != len(frame.planes):
        return [_packed(frame)]
    planes = []
    for plane, component in zip(frame.planes, components, strict=True):
        row = plane.width * ((component.bits + 7) // 8)
        if not 0 < row <= plane.line_size:
            return [_packed(frame)]
        planes.append(np.ascontiguousarray(_rows(plane)[:, :row]))
    return planes


def _packed(frame: VideoFrame) -> NDArray[np.uint8]:
    # Formats that keep several colours in one plane are rare in video: they may take longer.
    return np.ascontiguousarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _luma(frame: VideoFrame) -> NDArray[np.uint8]:
    """Brightness, uint8 (height, width), before any rotation."""
    first = frame.format.components[0]
    if first.is_luma and first.bits == 8 and len(frame.format.components) == len(frame.planes):
        return _rows(frame.planes[0])[:, : frame.width]
    return np.asarray(frame.to_ndarray(format="gray"), np.uint8)


def _rows(plane: VideoPlane) -> NDArray[np.uint8]:
    bytes_of_it: Any = plane  # It has the buffer protocol, which its annotations do not say.
    held: NDArray[np.uint8] = np.frombuffer(bytes_of_it, np.uint8)
    return held[: plane.height * plane.line_size].reshape(plane.height, plane.line_size)


def _print(luma: NDArray[np.uint8], rotation: int) -> str:
    """Difference hash: of 9 x 8 mean brightnesses, which is above its left neighbour; 64 bits."""
    turned = np.rot90(luma, rotation // 90)
    down, down_sizes = _edges(turned.shape[0], _ROWS)
    across, across_sizes = _edges(turned.shape[1], _COLUMNS)
    columns = np.add.reduceat(turned, across, axis=1, dtype=np.uint32)
    sums = np.add.reduceat(columns, down, axis=0, dtype=np.uint64)
    means = sums / (down_sizes[:, None] * across_sizes[None, :])
    bits = means[:, 1:] > means[:, :-1]
    return np.packbits(bits).tobytes().hex()


def _edges(length: int, parts: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each part of a side begins, and how many pixels it has: at least one."""
    edges = np.arange(parts + 1, dtype=np.int64) * length // parts
    return edges[:-1], np.maximum(np.diff(edges), 1)


def _constant(times: Sequence[int]) -> bool:
    """Whether frames are shown equally long, as far as the ticks of the file's clock tell."""
    # AVI has no times of showing, and FFmpeg guesses them in another order.
    steps = np.diff(np.sort(np.array(times, dtype=np.int64)))
    if len(steps) < 2:
        return True
    return bool(np.ptp(steps) <= max(1.0, float(np.median(steps)) * _JITTER))
