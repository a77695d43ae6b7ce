"""Frames of a video file as an array: by decord, or by PyAV where decord will not do."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from physprior.errors import VideoError
from physprior.video.probe import count_frames, open_video

# What decord's errors begin with: the time, and a place in its own source.
_LOG_PLACE = re.compile(r"\[[\d:]+\] \S+?:\d+: |\n.*", re.DOTALL)

Backend = Literal["auto", "decord", "av"]


def decode(
    path: Path, indices: Sequence[int] | NDArray[np.int64], *, backend: Backend = "auto"
) -> NDArray[np.uint8]:
    """The frames at ``indices`` in the order of showing: uint8 RGB (len(indices), H, W, 3).

    Both backends give the same bytes. ``auto`` is decord where it is installed, and PyAV for a
    file that decord cannot read rightly: it ignores edit lists (and then repeats the last frame),
    and refuses some rotated clips. Raises VideoError for a file that ``probe`` refuses, an index
    outside the clip, a frame that cannot be decoded, or a backend that is not installed.
    """
    with open_video(path) as container:
        frames = count_frames(path, container, container.streams.video[0])
    wanted = np.asarray(indices, dtype=np.int64).reshape(-1)
    _refuse_outside(path, wanted, frames)
    unique, places = np.unique(wanted, return_inverse=True)
    images = _decode_unique(path, unique, frames, backend)
    if len(images) != len(unique):
        raise _undecodable(path, f"{len(images)} of {len(unique)} frames came out")
    return images[places]


def _decode_unique(
    path: Path, unique: NDArray[np.int64], frames: int, backend: Backend
) -> NDArray[np.uint8]:
    decord = None if backend == "av" else _decord()
    if backend == "decord":
        if decord is None:
            raise VideoError(f"{path}: decord is not installed", remedy="install it, or use av")
        return _by_decord(decord, path, unique, frames)
    if decord is not None:
        with contextlib.suppress(VideoError):
            return _by_decord(decord, path, unique, frames)
    return _by_av(path, unique)


def _by_decord(
    decord: ModuleType, path: Path, unique: NDArray[np.int64], frames: int
) -> NDArray[np.uint8]:
    try:
        # More threads than one have been seen to lose frames at the end of a clip.
        reader = decord.VideoReader(str(path), num_threads=1)
        counted = len(reader)
        if counted == frames:
            # The frame before the last one asked for is decoded on the way anyway.
            with_neighbour = np.union1d(unique, max(unique[-1] - 1, 0))
            images = reader.get_batch(with_neighbour.tolist()).asnumpy()
            _refuse_repeated(path, images)
            return images[np.isin(with_neighbour, unique)]  # type: ignore[no-any-return]
    except (RuntimeError, IndexError, decord.DECORDError) as error:
        raise _undecodable(path, _LOG_PLACE.sub("", str(error)).strip()) from error
    raise VideoError(
        f"{path}: decord counts {counted} frames where {frames} are shown",
        remedy="use the backend auto or av",
    )


def _refuse_repeated(path: Path, images: NDArray[np.uint8]) -> None:
    # Where frames are lost, decord repeats the last one. A clip that stands still looks alike, so
    # this proves nothing, but PyAV, which then decodes, can tell the two apart.
    if len(images) > 1 and np.array_equal(images[-1], images[-2]):
        raise VideoError(
            f"{path}: decord gives two frames one picture, as it does where frames are lost",
            remedy="use the backend auto or av",
        )


def _by_av(path: Path, unique: NDArray[np.int64]) -> NDArray[np.uint8]:
    import av

    wanted, images = set(unique.tolist()), []
    try:
        with open_video(path) as container:
            for index, frame in enumerate(container.decode(video=0)):
                if index in wanted:
                    turned = np.rot90(frame.to_ndarray(format="rgb24"), frame.rotation // 90)
                    images.append(turned)
                if len(images) == len(wanted):
                    break
    except av.error.FFmpegError as error:
        raise _undecodable(path, error.strerror or type(error).__name__) from error
    return np.stack(images) if images else np.empty((0, 0, 0, 3), np.uint8)


@functools.cache
def _decord() -> ModuleType | None:
    try:
        import decord
    except ImportError:
        return None
    decord.logging.set_level(decord.logging.QUIET)
    module: ModuleType = decord
    return module


def _refuse_outside(path: Path, wanted: NDArray[np.int64], frames: int) -> None:
    if not wanted.size:
        raise VideoError(f"{path}: no frame was asked for", remedy="ask for at least one")
    if wanted.min() < 0 or wanted.max() >= frames:
        raise VideoError(
            f"{path}: frame {wanted.max() if wanted.min() >= 0 else wanted.min()} was asked for;"
            f" the clip's frames are 0 to {frames - 1}",
            remedy="sample the frames by this clip's own length",
        )


def _undecodable(path: Path, why: str) -> VideoError:
    return VideoError(
        f"{path}: cannot be decoded: {why}",
        remedy="copy or download the file again, or remove it and build the dataset again",
    )
