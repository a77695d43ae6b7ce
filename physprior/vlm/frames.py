"""Frames of videos as the model sees them: decoded, resized and cropped once, then cached.

A cached clip is uint8 (frames, 3, side, side), named by the video's content, the sampling and the
image processor, so that a changed one of these is another file and a stale one is never read.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physprior import files, fingerprint
from physprior.errors import DatasetError, OutputError, VideoError
from physprior.processes import Died, Outcome, TimedOut, WorkerError, work
from physprior.video.sample import Sampling
from physprior.vlm.array_file import (
    FORM,
    DamagedArrayError,
    Known,
    array_file_bytes,
    map_array,
    need_room,
    remove_abandoned,
)
from physprior.vlm.clip_frames import Clip, FrameMaker
from physprior.vlm.crop import Crop

if TYPE_CHECKING:
    import torch

__all__ = ["Clip", "FrameStore", "Rebuilt", "Skipped", "normalise", "read_frames"]

Progress = Callable[[int, int], None]
"""Is told how many clips are done, and how many there are."""

LIMIT_S = 60.0
"""How long one clip may take. Eight frames of a clip of Phys-AD take two seconds or three."""

# What of an image processor decides the pixel values; the rest is names and versions.
_DECISIVE = (
    *("do_resize", "size", "resample", "do_center_crop", "crop_size"),
    *("do_rescale", "rescale_factor", "do_normalize", "image_mean", "image_std"),
)
_BLOCK = 4096


@dataclass(frozen=True)
class Skipped:
    """A video that cannot be used, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Rebuilt:
    """A video whose cached frames were damaged and made again, and what was wrong with them."""

    path: Path
    reason: str


class FrameStore:
    """The cache of prepared frames for one image processor and one sampling.

    Several processes may use the same folder at once, and any may be killed at any moment.
    """

    def __init__(
        self, folder: Path, image_processor: Any, sampling: Sampling, *, limit_s: float = LIMIT_S
    ) -> None:
        settings = image_processor.to_dict()
        decisive = {name: settings.get(name) for name in _DECISIVE}
        self.key = fingerprint.of_json([FORM, decisive, sampling.model_dump()])
        """What the frames of this store have in common, besides the videos."""
        self.folder = folder / self.key[:16]
        self.sampling = sampling
        """Which frames of a video are taken."""
        self.rebuilt: list[Rebuilt] = []
        """The damaged files that this process has found and made again."""
        self._maker = FrameMaker(self.folder, Crop.of(image_processor), sampling)
        self.shape = self._maker.shape
        """Shape of a clip's frames: (frames, 3, side, side)."""
        self._limit_s = limit_s
        self._known: Known = {}

    def path(self, clip: Clip) -> Path:
        """Where the frames of a clip lie."""
        return self._maker.path(clip)

    def missing(self, clips: Iterable[Clip]) -> list[Clip]:
        """The clips that are not cached, each once. Files are not opened."""
        return [clip for clip in dict.fromkeys(clips) if self._size(clip) != self._file_bytes]

    def needed_bytes(self, clips: Iterable[Clip]) -> int:
        """The room on the disk for the frames of those that are not cached yet."""
        return len({clip.sha256 for clip in self.missing(clips)}) * self._room

    def prepare(
        self,
        clips: Sequence[Clip],
        *,
        workers: int = 1,
        progress: Progress = lambda done, total: None,
        verify: bool = False,
    ) -> list[Skipped]:
        """Decode what is not cached yet; returns the videos that cannot be used, in order.

        It is done in ``workers`` processes; a clip that takes too long, or kills its process, costs
        no other. ``progress`` is called with (clips done, clips). Killed and started again, it goes
        on. ``verify`` reads what is cached and makes anew what is damaged; else only files of a
        wrong size are found here, and others at ``load``. Raises OutputError where the cache cannot
        be written or has no room, DatasetError where no process can be started.
        """
        wanted = list(dict.fromkeys(clips))
        damaged = self._damaged(wanted, verify, progress)
        todo = [clip for clip in self.missing(wanted) if clip not in damaged] + [*damaged]
        done = len(wanted) - len(todo)
        progress(done, len(wanted))
        if todo:  # A cache that has everything may be read-only.
            self._make_ready(todo)
        reasons: dict[Clip, str] = {}
        for clip, reason in self._made(todo, workers):
            done += 1
            progress(done, len(wanted))
            if reason:
                reasons[clip] = reason
            elif clip in damaged:
                self.rebuilt.append(Rebuilt(clip.path, damaged[clip]))
        return [Skipped(clip.path, reasons[clip]) for clip in wanted if clip in reasons]

    def load(self, clip: Clip) -> NDArray[np.uint8]:
        """The prepared frames of a clip: uint8 (frames, 3, side, side), mapped and read-only.

        Their checksum is looked at once. Damaged or lost ones are made again from the video.
        Raises VideoError where that cannot be used any more, OutputError as ``prepare``.
        """
        try:
            return self._map(clip)
        except FileNotFoundError:
            reason = "it was not there"
        except (DamagedArrayError, OSError) as error:
            reason = str(error)
        ((_, failure),) = self._made([clip], 1)
        if failure:
            raise VideoError(
                f"{clip.path}: {failure}; its cached frames cannot be used ({reason})",
                remedy="restore the video and give the same command again, or build the dataset "
                "without it",
            )
        self.rebuilt.append(Rebuilt(clip.path, reason))
        try:
            return self._map(clip)
        except (DamagedArrayError, OSError) as error:
            raise OutputError(
                f"{self.path(clip)} cannot be read as it was just written: {error}",
                remedy="see whether the disk is sound, or set PHYSPRIOR_CACHE to another one",
            ) from error

    def _map(self, clip: Clip) -> NDArray[np.uint8]:
        return map_array(self.path(clip), self.shape, np.uint8, self._known)

    @property
    def _file_bytes(self) -> int:
        return array_file_bytes(self.shape, np.uint8)

    @property
    def _room(self) -> int:
        # A disk gives whole blocks.
        return math.ceil(self._file_bytes / _BLOCK) * _BLOCK

    def _size(self, clip: Clip) -> int | None:
        try:
            return os.stat(self.path(clip)).st_size
        except OSError:
            return None

    def _damaged(self, clips: Sequence[Clip], verify: bool, progress: Progress) -> dict[Clip, str]:
        """The clips with a file that is not what was written, and what is wrong with it."""
        found: dict[Clip, str] = {}
        whole = 0
        for clip in clips:
            size = self._size(clip)
            if size is None or (size == self._file_bytes and not verify):
                continue
            try:
                self._map(clip)
            except (DamagedArrayError, OSError) as error:
                found[clip] = str(error)
            else:
                whole += 1
                progress(whole, len(clips))
        return found

    def _make_ready(self, clips: Sequence[Clip]) -> None:
        files.make_folder(self.folder)
        remove_abandoned(self.folder)
        videos = len({clip.sha256 for clip in clips})
        need_room(self.folder, videos * self._room, f"the frames of {videos:,} videos")

    def _made(self, clips: Sequence[Clip], workers: int) -> Iterator[tuple[Clip, str]]:
        """Each clip with why its video cannot be used, or nothing, as they come."""
        waiting = list(clips)
        while waiting:
            # One video may lie in several places: another copy is tried where one is no use.
            firsts = {clip.sha256: clip for clip in reversed(waiting)}
            now = [clip for clip in waiting if firsts[clip.sha256] == clip]
            made = set()
            for clip, reason in self._worked(now, workers):
                yield clip, reason
                if not reason:
                    made.add(clip.sha256)
            waiting = [clip for clip in waiting if firsts[clip.sha256] != clip]
            yield from ((clip, "") for clip in waiting if clip.sha256 in made)
            waiting = [clip for clip in waiting if clip.sha256 not in made]

    def _worked(self, clips: Sequence[Clip], workers: int) -> Iterator[tuple[Clip, str]]:
        try:
            tasks = work(self._maker, clips, workers=workers, limit_s=self._limit_s)
            with closing(tasks) as outcomes:
                for at, outcome in outcomes:
                    yield clips[at], _reason(outcome)
        except WorkerError as error:
            raise DatasetError(
                f"videos cannot be decoded, as worker processes cannot be started: {error}",
                remedy="free memory or raise the limit of processes",
            ) from error


def _reason(outcome: Outcome[str]) -> str:
    if isinstance(outcome, TimedOut):
        return f"not decoded within {outcome.limit_s:g} s, so it was given up"
    if isinstance(outcome, Died):
        return "the process that decoded it died; it may be damaged"
    return outcome.value


def read_frames(path: Path, image_processor: Any, sampling: Sampling) -> NDArray[np.uint8]:
    """Decode, resize and crop the sampled frames: uint8 (frames, 3, side, side).

    Raises VideoError where the file cannot be used or has too few frames.
    """
    return FrameMaker(Path(), Crop.of(image_processor), sampling).frames(path)


def normalise(frames: NDArray[np.uint8] | torch.Tensor, image_processor: Any) -> torch.Tensor:
    """Pixel values from prepared frames: float32 of the same shape (…, 3, side, side).

    The same numbers that VideoLlavaImageProcessor's rescaling and normalising give, for a whole
    batch at once, on the device where the frames are.
    """
    import torch

    if isinstance(frames, np.ndarray):
        scaled = torch.from_numpy(frames.astype(np.float32))
    else:
        scaled = frames.to(torch.float32, copy=True)

    def channels(values: Any) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32, device=scaled.device).reshape(-1, 1, 1)

    scaled *= channels(image_processor.rescale_factor)
    scaled -= channels(image_processor.image_mean)
    scaled /= channels(image_processor.image_std)
    return scaled
