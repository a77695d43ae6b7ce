"""Batches for the trainer: ragged dialogues padded on the right, with their videos' frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from physprior.errors import TrainingError
from physprior.vlm.frames import Clip, FrameStore, normalise
from physprior.vlm.tokens import IGNORE


class VideoCollator:
    """Pads dialogues and adds pixels. TRL would train blind without a word: this one refuses to.

    A sample is ``{"input_ids", "labels", "weights", "video", "sha256"}``; a batch is ``input_ids``,
    ``attention_mask`` and ``labels`` (batch, longest) int64, ``weights`` of the same shape float32,
    and ``pixel_values_videos`` (batch, frames, 3, side, side) float32.
    """

    def __init__(
        self,
        store: FrameStore,
        image_processor: Any,
        *,
        pad_token: int,
        video_token: int,
        video_tokens: int,
    ) -> None:
        self._store = store
        self._processor = image_processor
        self._pad = pad_token
        self._video_token = video_token
        self._video_tokens = video_tokens

    def __call__(self, samples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """One batch. Raises TrainingError for a sample without video or without its tokens."""
        for sample in samples:
            self._check(sample)
        frames = np.stack([self._store.load(_clip(sample)) for sample in samples])
        ids = [sample["input_ids"] for sample in samples]
        return {
            "input_ids": _pad(ids, self._pad),
            "attention_mask": _pad([[1] * len(row) for row in ids], 0),
            "labels": _pad([sample["labels"] for sample in samples], IGNORE),
            "weights": _pad([sample["weights"] for sample in samples], 0.0),
            "pixel_values_videos": normalise(frames, self._processor),
        }

    def _check(self, sample: dict[str, Any]) -> None:
        name = sample.get("video") or "a sample"
        remedy = "build the dataset again; each record needs its video"
        if not sample.get("video") or not sample.get("sha256"):
            raise TrainingError(f"{name} comes without a video", remedy=remedy)
        found = sample["input_ids"].count(self._video_token)
        if found != self._video_tokens:
            raise TrainingError(
                f"the dialogue of {name} has {found} video tokens "
                f"for {self._video_tokens} features",
                remedy="do not truncate dialogues; use the frames that they were made for",
            )
        if all(label == IGNORE for label in sample["labels"]):
            raise TrainingError(f"the dialogue of {name} supervises no token", remedy=remedy)


def _clip(sample: dict[str, Any]) -> Clip:
    return Clip(Path(sample["video"]), sample["sha256"])


def _pad(rows: Sequence[Sequence[float]], value: float) -> torch.Tensor:
    longest = max(len(row) for row in rows)
    return torch.tensor([list(row) + [value] * (longest - len(row)) for row in rows])
