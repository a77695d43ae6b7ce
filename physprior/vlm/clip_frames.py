"""The frames of one clip, from the video file to the cache: what a decoding process does.

Nothing here imports torch, so that the processes start in half a second and stay small.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from physprior import fingerprint
from physprior.errors import VideoError
from physprior.video.decode import Backend, decode
from physprior.video.probe import probe
from physprior.video.sample import Sampling, frame_indices
from physprior.vlm.array_file import DamagedArrayError, map_array, write_array
from physprior.vlm.crop import Crop

# What a decoder's wrapper may raise of a file that lies about itself.
_FAULTS = (ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Clip:
    """A video to prepare: its file and the hash of its content."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class FrameMaker:
    """Makes the cached frames of clips; it is sent to the processes that do."""

    folder: Path
    crop: Crop
    sampling: Sampling

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of a clip's frames: (frames, 3, height, width)."""
        return (self.sampling.frames, *self.crop.shape)

    def path(self, clip: Clip) -> Path:
        """Where the frames of a clip lie."""
        return self.folder / clip.sha256[:2] / f"{clip.sha256}.npy"

    def __call__(self, clip: Clip) -> str:
        """Cache the frames of a clip; returns why its video cannot be used, or nothing.

        Raises OutputError where the cache cannot be written.
        """
        if self._is_there(clip):
            return ""  # Another process was faster.
        try:
            frames = self.frames(clip.path)
            sha256 = fingerprint.of_file(clip.path)
        except VideoError as error:
            return error.message.removeprefix(f"{clip.path}: ")
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        except _FAULTS as error:
            return f"cannot be decoded: {type(error).__name__}: {error}"
        # The cache goes by content: frames of another file must not be kept under this one's name.
        if sha256 != clip.sha256:
            return "changed since the dataset was built"
        write_array(self.path(clip), frames)
        return ""

    def frames(self, path: Path, backend: Backend = "auto") -> NDArray[np.uint8]:
        """Decode, resize and crop the sampled frames of a file: uint8 (frames, 3, height, width).

        Raises VideoError where the file cannot be used or has too few frames.
        """
        info = probe(path)
        indices = frame_indices(info.frames, info.fps, self.sampling)
        return self.crop(decode(path, indices, backend=backend))

    def _is_there(self, clip: Clip) -> bool:
        try:
            map_array(self.path(clip), self.shape, np.uint8, {})
        except (DamagedArrayError, OSError):
            return False
        return True
