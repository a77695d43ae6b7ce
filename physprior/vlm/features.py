"""Features of videos, made once: what the frozen vision tower gives, kept for the projector.

A cached clip is float16 (frames, tokens, hidden), named by its prepared frames, the tower's own
weights and the layer that is read. Runs whose language layers were tuned share it; a changed tower,
sampling or image processor is another file.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from physprior import files, fingerprint
from physprior.errors import VideoError
from physprior.vlm.array_file import (
    FORM,
    DamagedArrayError,
    Known,
    array_file_bytes,
    map_array,
    need_room,
    remove_abandoned,
    write_array,
)
from physprior.vlm.checkpoint import Checkpoint, tokens_per_frame
from physprior.vlm.frames import Clip, FrameStore, Rebuilt
from physprior.vlm.towers import Towers, release_towers, tower_fingerprint
from physprior.vlm.video_inputs import CachedFeatures, bare, pixels, tower_features

__all__ = ["FeatureStore", "Towers", "release_towers"]

_VERSION = 1
"""Of how features are made."""

_BLOCK = 4096


class FeatureStore:
    """The cache of one vision tower's features of the clips of one frame store.

    Several processes may use the same folder at once, and any may be killed at any moment. Open it
    before the towers are released: the tower's weights name it.
    """

    def __init__(self, folder: Path, checkpoint: Checkpoint, frames: FrameStore) -> None:
        core = bare(checkpoint.model).model
        layers = core.config.vision_feature_layer
        tower = tower_fingerprint(checkpoint.model)
        self.key = fingerprint.of_json([FORM, _VERSION, frames.key, tower, layers])
        """What the features of this store have in common, besides the videos."""
        self.folder = folder / self.key[:16]
        width = core.config.vision_config.hidden_size
        self.shape = (
            frames.shape[0],
            tokens_per_frame(core.config),
            width * (1 if isinstance(layers, int) else len(layers)),
        )
        """Shape of a clip's features: (frames, tokens, hidden)."""
        self.rebuilt: list[Rebuilt] = []
        """The damaged files that this process has found and made again."""
        self._model: Any = checkpoint.model
        self._processor = checkpoint.image_processor
        self._frames = frames
        self._known: Known = {}

    def path(self, clip: Clip) -> Path:
        """Where the features of a clip lie."""
        return self.folder / clip.sha256[:2] / f"{clip.sha256}.npy"

    def missing(self, clips: Sequence[Clip]) -> list[Clip]:
        """The clips that are not cached, each video once. Files are not opened."""
        videos: dict[str, Clip] = {}
        for clip in clips:
            videos.setdefault(clip.sha256, clip)
        return [clip for clip in videos.values() if not self._is_whole(clip)]

    def needed_bytes(self, clips: Sequence[Clip]) -> int:
        """The room on the disk for the features of those that are not cached yet."""
        return len(self.missing(clips)) * math.ceil(self._file_bytes / _BLOCK) * _BLOCK

    def prepare(
        self,
        clips: Sequence[Clip],
        *,
        batch_size: int = 8,
        progress: Callable[[int, int], None] = lambda done, total: None,
        verify: bool = False,
    ) -> None:
        """Make what is not cached yet, on the model's device, from frames that are prepared.

        ``progress`` is called with (videos done, videos). Killed and started again, it goes on.
        ``verify`` reads what is cached and makes anew what is damaged; else only files of a wrong
        size are found here, and others at ``load``.

        Raises OutputError where the cache cannot be written or has no room, VideoError where a
        clip's features do not fit float16 or its frames cannot be had, TrainingError where the
        towers were released.
        """
        files.make_folder(self.folder)
        remove_abandoned(self.folder)
        if verify:
            self._remove_damaged(clips)
        missing = self.missing(clips)
        room = len(missing) * self._file_bytes
        need_room(self.folder, room, f"the features of {len(missing):,} videos")
        total = len({clip.sha256 for clip in clips})
        done = total - len(missing)
        progress(done, total)
        for start in range(0, len(missing), batch_size):
            batch = missing[start : start + batch_size]
            self._make(batch)
            done += len(batch)
            progress(done, total)

    def load(self, clip: Clip) -> NDArray[np.float16]:
        """The features of a clip: float16 (frames, tokens, hidden), mapped and read-only.

        Their checksum is looked at once. Damaged or lost ones are made again from the frames where
        the tower is at hand, else VideoError is raised; a damaged file is removed in any case, so
        that whoever prepares these clips next makes it again.
        """
        try:
            return self._map(clip)
        except FileNotFoundError:
            reason = "they were not there"
        except OSError as error:
            reason = error.strerror or str(error)
        except DamagedArrayError as error:
            reason = str(error)
            self._remove(clip)
        if not self._has_tower():
            raise VideoError(
                f"the cached features of {clip.path} cannot be used: {reason}",
                remedy="give the same command again, or run 'physprior data cache' with "
                "--features: both make them again",
            )
        self._make([clip])
        self.rebuilt.append(Rebuilt(clip.path, reason))
        with files.writing_to(self.path(clip)):
            return self._map(clip)

    @property
    def _file_bytes(self) -> int:
        return array_file_bytes(self.shape, np.float16)

    def _map(self, clip: Clip) -> NDArray[np.float16]:
        return map_array(self.path(clip), self.shape, np.float16, self._known)

    def _is_whole(self, clip: Clip) -> bool:
        try:
            return os.stat(self.path(clip)).st_size == self._file_bytes
        except OSError:
            return False

    def _remove(self, clip: Clip) -> None:
        path = self.path(clip)
        with files.writing_to(path):
            path.unlink(missing_ok=True)

    def _remove_damaged(self, clips: Sequence[Clip]) -> None:
        for clip in {clip.sha256: clip for clip in clips}.values():
            try:
                self._map(clip)
            except FileNotFoundError:
                continue
            except (DamagedArrayError, OSError) as error:
                self._remove(clip)
                self.rebuilt.append(Rebuilt(clip.path, str(error)))

    def _make(self, clips: Sequence[Clip]) -> None:
        frames = torch.from_numpy(np.stack([self._frames.load(clip) for clip in clips]))
        pixel_values = pixels(self._model, self._processor, frames)
        made = tower_features(bare(self._model).model, pixel_values)
        for clip, features in zip(clips, made.view(-1, *self.shape), strict=True):
            write_array(self.path(clip), _half(features, clip))

    def _has_tower(self) -> bool:
        # What reads batches ahead is a fork, in which no accelerator can be used.
        if self._model is None or torch.utils.data.get_worker_info() is not None:
            return False
        return not isinstance(bare(self._model).model.video_tower, CachedFeatures)

    def __getstate__(self) -> dict[str, Any]:
        # Sent to another process it only reads, and does not take the model with it.
        return {**self.__dict__, "_model": None}


def _half(features: torch.Tensor, clip: Clip) -> NDArray[np.float16]:
    half = features.to(torch.float16)
    if not torch.isfinite(half).all():
        largest = float(features.float().abs().max())
        raise VideoError(
            f"the features of {clip.path} do not fit float16: the largest is {largest:g}, and "
            f"{torch.finfo(torch.float16).max:g} is the most",
            remedy="train on frames (cache_features: false)",
        )
    return half.cpu().numpy()
