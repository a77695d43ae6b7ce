"""Frames of videos as the model sees them: decoded, resized and cropped once, then cached.

A cached clip is uint8 (frames, 3, side, side), named by the video's content, the sampling and the
image processor, so that a changed one of these is another file and a stale one is never read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from physprior import files, fingerprint
from physprior.errors import VideoError
from physprior.video.decode import decode
from physprior.video.probe import probe
from physprior.video.sample import Sampling, frame_indices

_FEW = 64
"""Fewer clips than this are decoded here: starting workers would take longer."""


@dataclass(frozen=True)
class Clip:
    """A video to prepare: its file and the hash of its content."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Skipped:
    """A video that cannot be used, and why."""

    path: Path
    reason: str


class FrameStore:
    """The cache of prepared frames for one image processor and one sampling."""

    def __init__(self, folder: Path, image_processor: Any, sampling: Sampling) -> None:
        self._processor = image_processor
        self._sampling = sampling
        key = fingerprint.of_json([image_processor.to_dict(), sampling.model_dump()])
        self.folder = folder / key[:16]

    def prepare(
        self,
        clips: Sequence[Clip],
        *,
        workers: int = 1,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> list[Skipped]:
        """Decode what is not cached yet; returns the videos that cannot be used, in order.

        ``progress`` is called with (done, total). Killed and started again, it goes on.
        Raises OutputError where the cache cannot be written.
        """
        files.make_folder(self.folder)
        missing = [clip for clip in clips if not self.path(clip).exists()]
        done = len(clips) - len(missing)
        progress(done, len(clips))
        skipped: list[Skipped] = []
        for clip, reason in self._made(missing, workers):
            done += 1
            progress(done, len(clips))
            if reason:
                skipped.append(Skipped(clip.path, reason))
        return skipped

    def _made(self, missing: list[Clip], workers: int) -> Any:
        if workers < 2 or len(missing) < _FEW:
            for clip in missing:
                yield clip, self._make(clip)
            return
        # Forking a process that has used torch's threads can hang, so workers start afresh.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield from zip(missing, pool.map(self._make, missing, chunksize=16), strict=True)

    def _make(self, clip: Clip) -> str:
        try:
            frames = read_frames(clip.path, self._processor, self._sampling)
        except VideoError as error:
            return error.message
        # The cache goes by content: frames of another file must not be kept under this one's name.
        if fingerprint.of_file(clip.path) != clip.sha256:
            return f"{clip.path}: changed since the dataset was built"
        path = self.path(clip)
        with files.writing_to(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            with part.open("wb") as stream:
                np.save(stream, frames)
            part.replace(path)
        return ""

    def path(self, clip: Clip) -> Path:
        """Where the frames of a clip lie."""
        return self.folder / clip.sha256[:2] / f"{clip.sha256}.npy"

    def load(self, clip: Clip) -> np.ndarray:
        """The prepared frames of a clip: uint8 (frames, 3, side, side). Raises VideoError."""
        try:
            frames: np.ndarray = np.load(self.path(clip))
        except (OSError, ValueError, EOFError) as error:
            raise VideoError(
                f"the cached frames of {clip.path} cannot be read: {error}",
                remedy=f"remove {self.path(clip)} and run the same command again",
            ) from error
        return frames


def read_frames(path: Path, image_processor: Any, sampling: Sampling) -> np.ndarray:
    """Decode, resize and crop the sampled frames: uint8 (frames, 3, side, side).

    Raises VideoError where the file cannot be used or has too few frames.
    """
    info = probe(path)
    indices = frame_indices(info.frames, info.fps, sampling)
    decoded = decode(path, indices)
    prepared = image_processor(
        list(decoded),
        do_rescale=False,
        do_normalize=False,
        return_tensors="np",
        return_legacy_image_output=False,
    )
    return np.asarray(prepared["pixel_values"], dtype=np.uint8)


def normalise(frames: np.ndarray, image_processor: Any) -> torch.Tensor:
    """Pixel values from prepared frames: float32 of the same shape (…, 3, side, side).

    The same numbers that VideoLlavaImageProcessor's rescaling and normalising give, for a whole
    batch at once.
    """
    shape = (3, 1, 1)
    mean = np.asarray(image_processor.image_mean, dtype=np.float32).reshape(shape)
    deviation = np.asarray(image_processor.image_std, dtype=np.float32).reshape(shape)
    scaled = frames.astype(np.float32) * np.float32(image_processor.rescale_factor)
    return torch.from_numpy((scaled - mean) / deviation)
