"""The plain prediction that physprior's is measured against, written as well as one would.

One video after the other: decord and ``VideoLlavaImageProcessor`` in a dataloader's workers, which
fetch ahead; ``generate`` from the dialogue up to its verdict; for the score one forward over the
same dialogue and ``Verdict:``, whose keys and values are then shared by the two labels as a batch
of two. Nothing is kept from one video for the next. Frame indices, dialogues, tokens, threads and
the number of decoding processes are physprior's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from naive_train import NaiveCollator
from torch.utils.data import DataLoader

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record, SplitName
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import Clip


@dataclass(frozen=True)
class Found:
    """What was found of one video."""

    score: float
    """Log-odds of the verdict's labels."""
    text: str | None
    """The answer; None where only scores were asked for."""
    cut: bool = False
    """The answer reached the most tokens."""


def predict_plainly(
    checkpoint: Checkpoint,
    dataset: Dataset,
    sampling: Sampling,
    *,
    split: SplitName,
    max_new_tokens: int | None,
    workers: int,
) -> tuple[float, dict[str, Found]]:
    """The seconds that the split took, and what was found, by the records' ids.

    Without ``max_new_tokens`` only scores are made.
    """
    videos = [
        _Video(record, Clip(dataset.videos_root / record.video, record.sha256))
        for record in dataset.records(split)
    ]
    pad = checkpoint.tokenizer.pad_token_id
    collator = NaiveCollator(checkpoint.image_processor, sampling, pad)
    model = _PlainModel(checkpoint, sampling.frames, max_new_tokens)
    found: dict[str, Found] = {}
    started = time.perf_counter()
    loader = DataLoader(
        _Videos(videos, collator),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=2,
        pin_memory=checkpoint.device.type == "cuda",
    )
    for video, pixels in zip(videos, loader, strict=True):
        found[video.record.id] = model.ask(video.record, pixels)
    return time.perf_counter() - started, found


@dataclass(frozen=True)
class _Video:
    record: Record
    clip: Clip


class _Videos(torch.utils.data.Dataset[torch.Tensor]):
    """The pixels of each video, decoded when it is its turn."""

    def __init__(self, videos: Sequence[_Video], collator: NaiveCollator) -> None:
        self._videos, self._collator = videos, collator

    def __len__(self) -> int:
        return len(self._videos)

    def __getitem__(self, place: int) -> torch.Tensor:
        # All that it looks at is the clip, as of a sample.
        return self._collator.pixels(self._videos[place])  # type: ignore[arg-type]


class _PlainModel:
    """A model that is asked about one video at a time."""

    def __init__(self, checkpoint: Checkpoint, frames: int, max_new_tokens: int | None) -> None:
        self._model, self._device = checkpoint.model, checkpoint.device
        self._encoder = checkpoint.encoder(frames)
        self._end = checkpoint.tokenizer.eos_token_id
        self._max_new_tokens = max_new_tokens

    @torch.inference_mode()
    def ask(self, record: Record, pixels: torch.Tensor) -> Found:
        """The score and the answer. ``pixels``: float32 (frames, 3, side, side)."""
        pixels = pixels.to(self._device, self._model.dtype)[None]
        if self._max_new_tokens is None:
            return Found(self._score(record, pixels), None)
        text, cut = self._text(record, pixels)
        return Found(self._score(record, pixels), text, cut)

    def _text(self, record: Record, pixels: torch.Tensor) -> tuple[str, bool]:
        """The answer, and whether it reached the most tokens."""
        ids = self._tensor([self._encoder.prompt(record.dialogue())])
        generated = self._model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            pixel_values_videos=pixels,
            do_sample=False,
            max_new_tokens=self._max_new_tokens,
            pad_token_id=self._end,
            eos_token_id=self._end,
        )
        said = generated[0, ids.shape[1] :].tolist()
        return self._encoder.decode(said), self._end not in said

    def _score(self, record: Record, pixels: torch.Tensor) -> float:
        prefix, labels = self._encoder.labels(record.dialogue())
        read = self._model(
            input_ids=self._tensor([prefix]),
            pixel_values_videos=pixels,
            logits_to_keep=1,
            use_cache=True,
        )
        read.past_key_values.batch_repeat_interleave(2)
        longest = max(map(len, labels))
        # What fills up the shorter one stands behind all that is looked at of it.
        rows = [[*label, *label[-1:] * (longest - len(label))] for label in labels]
        more = self._model(input_ids=self._tensor(rows), past_key_values=read.past_key_values)
        logits = torch.cat([read.logits.expand(2, -1, -1), more.logits], dim=1)
        logs = torch.log_softmax(logits.double(), dim=-1).cpu()
        normal, anomalous = (
            sum(float(row[place, token]) for place, token in enumerate(label))
            for row, label in zip(logs, labels, strict=True)
        )
        return anomalous - normal

    def _tensor(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        return torch.tensor(rows, device=self._device)
