"""The batches of a pre-training: scenes with what moves in them and what is said of them.

Step ``n`` of a seed has the same batch wherever and whenever it is drawn, so that a card need not
wait for them: processes can draw ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from physprior.pipeline.pretrain.captions import movers, talk
from physprior.pipeline.pretrain.motions import FRAMES
from physprior.pipeline.pretrain.paint import motion_in_patches, paint
from physprior.pipeline.pretrain.scenes import draw_scenes
from physprior.vlm.tokens import IGNORE, DialogueEncoder

_SCALE = torch.tensor([0.08, 0.08, 0.09, 0.5, 0.03])
"""About the spread of each number of FLOW: each is to count alike."""
_SEED_STEP = 1_000_003
"""Apart by this are the seeds of one step's scenes and the next's."""


@dataclass
class Batch:
    """What one step learns from, all of it on one device."""

    frames: torch.Tensor
    """(n, FRAMES, 3, side, side) float32, normalised as the image processor does."""
    flow: torch.Tensor
    """(n, FRAMES - 1, patches², 5) float32: what moves in each patch, see FLOW, scaled."""
    ids: torch.Tensor
    """(n, tokens) int64: the talks, padded on the right."""
    labels: torch.Tensor
    """(n, tokens) int64: the same where a token is taught, IGNORE elsewhere."""

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        held = (self.frames, self.flow, self.ids, self.labels)
        return Batch(*(one.to(device, non_blocking=True) for one in held))


class Draws(Dataset[tuple[NDArray[Any], ...]]):
    """Draws the batch of a step: ``draws(step)``. On the CPU, from a generator of its own."""

    def __init__(
        self, config: Any, tokenizer: Any, image_processor: Any, *, batch: int, seed: int
    ) -> None:
        vision = config.vision_config
        self._batch, self._seed = batch, seed
        self._side = int(vision.image_size)
        self._patches = self._side // int(vision.patch_size)
        self._pad = tokenizer.pad_token_id
        self._encoder = DialogueEncoder(
            tokenizer,
            video_token=config.video_token_index,
            video_tokens=FRAMES * (self._patches**2 + 1),
        )
        self._mean, self._spread = (
            torch.tensor(values)[:, None, None]
            for values in (image_processor.image_mean, image_processor.image_std)
        )

    def __call__(self, step: int) -> Batch:
        """The batch of a step."""
        generator = torch.Generator().manual_seed(self._seed * _SEED_STEP + step)
        scene = draw_scenes(generator, self._batch)
        frames, cover = paint(generator, scene, self._side)
        flow = motion_in_patches(scene, frames, cover, self._patches)
        talks = [
            self._encoder.dialogue(talk(movers(scene, number), generator))
            for number in range(self._batch)
        ]
        return Batch(
            (frames - self._mean) / self._spread,
            flow / _SCALE,
            _pad([one.input_ids for one in talks], self._pad),
            _pad([one.labels for one in talks], IGNORE),
        )

    def __getitem__(self, step: int) -> tuple[NDArray[Any], ...]:
        """The same as arrays. Tensors would go from process to process by shared memory, of which
        a container often has too little."""
        return tuple(one.numpy() for one in vars(self(step)).values())

    def of(self, steps: range, workers: int) -> Iterator[Batch]:
        """The batches of these steps in their order, drawn ahead by so many processes; with 0 each
        is drawn here when it is asked for."""
        if not workers:
            yield from map(self, steps)
            return
        ahead = DataLoader(
            self,
            sampler=steps,
            batch_size=None,
            num_workers=workers,
            collate_fn=tuple,
            # Without one of its own it would take from the numbers that others draw from.
            generator=torch.Generator(),
        )
        for arrays in ahead:
            yield Batch(*map(torch.from_numpy, arrays))


def _pad(rows: list[list[int]], value: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])
