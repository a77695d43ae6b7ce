"""The plain training loop that physprior's is measured against, written as well as one would.

Every epoch opens each video anew: decord's ``get_batch`` and ``VideoLlavaImageProcessor`` in the
collator, in dataloader workers that stay alive and fetch ahead; pixels go into the model's own
forward with its own loss; AdamW, gradients clipped. Frame indices, tokens, batches, threads and
what trains are physprior's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader

from physprior.train.samples import Sample
from physprior.video.sample import Sampling, frame_indices
from physprior.vlm.tokens import IGNORE


class NaiveCollator:
    """Decodes and prepares the videos of a batch, and pads its dialogues on the right."""

    def __init__(self, image_processor: Any, sampling: Sampling, pad_token: int) -> None:
        self._processor = image_processor
        self._sampling = sampling
        self._pad = pad_token

    def __call__(self, samples: Sequence[Sample]) -> dict[str, torch.Tensor]:
        ids = [torch.tensor(sample.encoded.input_ids) for sample in samples]
        labels = [torch.tensor(sample.encoded.labels) for sample in samples]
        masks = [torch.ones_like(one) for one in ids]
        pad = torch.nn.utils.rnn.pad_sequence
        return {
            "input_ids": pad(ids, batch_first=True, padding_value=self._pad),
            "attention_mask": pad(masks, batch_first=True),
            "labels": pad(labels, batch_first=True, padding_value=IGNORE),
            "pixel_values_videos": torch.stack([self.pixels(sample) for sample in samples]),
        }

    def pixels(self, sample: Sample) -> torch.Tensor:
        """The sampled frames of a video: float32 (frames, 3, side, side)."""
        import decord

        # One thread a reader: with one reader in every worker, more of them are slower.
        reader = decord.VideoReader(str(sample.clip.path), num_threads=1)
        indices = frame_indices(len(reader), reader.get_avg_fps(), self._sampling)
        frames = list(reader.get_batch(indices.tolist()).asnumpy())
        prepared = self._processor(frames, return_tensors="pt", return_legacy_image_output=False)
        pixels: torch.Tensor = prepared["pixel_values"]
        return pixels


@dataclass(frozen=True)
class Step:
    """Seconds of one step."""

    waited: float
    """Until the batch was there."""
    worked: float
    """From the batch to the changed weights."""


class NaiveLoop:
    """A model with its optimiser and its loader; each ``epoch`` trains once on every sample."""

    def __init__(
        self,
        model: Any,
        samples: Sequence[Sample],
        collator: NaiveCollator,
        *,
        batch_size: int,
        learning_rate: float,
        max_grad_norm: float,
        workers: int,
        device: torch.device,
    ) -> None:
        self._model = model.train()
        self._device = device
        self._trained = [one for one in model.parameters() if one.requires_grad]
        self._optimizer = torch.optim.AdamW(self._trained, lr=learning_rate)
        self._max_grad_norm = max_grad_norm
        self._loader = DataLoader(
            list(samples),  # type: ignore[arg-type]
            batch_size=batch_size,
            shuffle=True,
            num_workers=workers,
            collate_fn=collator,
            persistent_workers=True,
            prefetch_factor=2,
            pin_memory=device.type == "cuda",
        )

    def epoch(self) -> list[Step]:
        """Train once on every sample; what each step took."""
        steps, batches = [], iter(self._loader)
        while True:
            started = time.perf_counter()
            batch = next(batches, None)
            if batch is None:
                return steps
            arrived = time.perf_counter()
            self._step(batch)
            steps.append(Step(arrived - started, time.perf_counter() - arrived))

    def _step(self, batch: dict[str, torch.Tensor]) -> None:
        batch = {name: values.to(self._device) for name, values in batch.items()}
        on_gpu = self._device.type == "cuda"
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=on_gpu):
            loss = self._model(**batch, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._trained, self._max_grad_norm)
        self._optimizer.step()
        self._optimizer.zero_grad()
        # A trainer logs its loss: this is also where the GPU is waited for.
        loss.item()
