"""Batches for the trainer: ragged dialogues padded on the right, with their videos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch

from physprior.errors import TrainingError
from physprior.train.samples import KINDS, Sample
from physprior.vlm.frames import Clip
from physprior.vlm.tokens import IGNORE

VideoField = Literal["frames", "features"]
"""What a batch holds of a video: prepared frames, or the vision tower's features."""


class VideoCollator:
    """Pads dialogues and adds videos. TRL would train blind without a word: this one refuses to.

    A row of the trainer's dataset is ``{"sample": number}``. A batch has ``input_ids``,
    ``attention_mask`` and ``labels`` (batch, longest) int64; ``weights`` float32, ``kinds`` uint8
    (codes of KINDS) and ``in_label`` bool of the same shape; ``sample`` (batch,) int64; and the
    videos as the store holds them: ``frames`` (batch, frames, 3, side, side) uint8, or ``features``
    (batch, frames, tokens, hidden) float16.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        load: Callable[[Clip], np.ndarray],
        *,
        field: VideoField = "frames",
        pad_token: int,
        video_token: int,
        video_tokens: int,
    ) -> None:
        self.samples = samples
        self._load = load
        self._field = field
        self._pad = pad_token
        self._video_token = video_token
        self._video_tokens = video_tokens

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """One batch. Raises TrainingError for a sample without video or without its tokens."""
        numbers = [int(row["sample"]) for row in rows]
        samples = [self.samples[number] for number in numbers]
        for sample in samples:
            self._check(sample)
        encoded = [sample.encoded for sample in samples]
        codes = [[KINDS.index(kind) for kind in one.kinds] for one in encoded]
        videos = np.stack([self._load(sample.clip) for sample in samples])
        return {
            "input_ids": _pad([one.input_ids for one in encoded], self._pad),
            "attention_mask": _pad([[1] * len(one.input_ids) for one in encoded], 0),
            "labels": _pad([one.labels for one in encoded], IGNORE),
            "weights": _pad([sample.weights for sample in samples], 0.0),
            "kinds": _pad(codes, 0).to(torch.uint8),
            "in_label": _pad([one.in_label for one in encoded], False),
            "sample": torch.tensor(numbers),
            self._field: torch.from_numpy(videos),
        }

    def _check(self, sample: Sample) -> None:
        remedy = "build the dataset again; each record needs its video"
        name = sample.record.id
        if not sample.record.video or not sample.clip.sha256:
            raise TrainingError(f"{name} comes without a video", remedy=remedy)
        found = sample.encoded.input_ids.count(self._video_token)
        if found != self._video_tokens:
            raise TrainingError(
                f"the dialogue of {name} has {found} video tokens "
                f"for {self._video_tokens} features",
                remedy="do not truncate dialogues; use the frames that they were made for",
            )
        if all(label == IGNORE for label in sample.encoded.labels):
            raise TrainingError(f"the dialogue of {name} supervises no token", remedy=remedy)


def _pad(rows: Sequence[Sequence[float]], value: float) -> torch.Tensor:
    longest = max(len(row) for row in rows)
    return torch.tensor([list(row) + [value] * (longest - len(row)) for row in rows])
