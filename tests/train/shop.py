"""A training's samples and collator, for tests of what is shown of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from physprior.dataset.folder import Dataset
from physprior.train.collator import VideoCollator
from physprior.train.look.show_batch import read_batch
from physprior.train.look.shown import ShownBatch, ShownRecord
from physprior.train.material import frame_store
from physprior.train.recipe import Recipe
from physprior.train.samples import Sample, make_samples
from physprior.vlm.outline import open_outline
from physprior.vlm.tokens import IGNORE

Batch = dict[str, torch.Tensor]


@dataclass
class Shop:
    """Samples and a collator of a recipe, as a training has them."""

    recipe: Recipe
    samples: list[Sample]
    collator: VideoCollator
    load: Callable[..., np.ndarray]
    checkpoint: Any

    def batch(self, numbers: list[int]) -> Batch:
        return self.collator([{"sample": number} for number in numbers])

    def read(self, batch: Batch) -> ShownBatch:
        return read_batch(
            batch,
            self.samples,
            self.load,
            self.recipe.sample(),
            tokenizer=self.checkpoint.tokenizer,
            video_token=self.checkpoint.model.config.video_token_index,
            tokens_per_frame=self.checkpoint.tokens_per_frame,
        )


def open_shop(recipe: Recipe, say: str = "") -> Shop:
    """What a training of a recipe would have; ``say`` is every first question."""
    dataset = Dataset.open(recipe.dataset)
    checkpoint = open_outline(recipe.base)
    records = dataset.records("train")
    if say:
        records = [with_prompt(record, say) for record in records]
    samples = make_samples(
        recipe, checkpoint.encoder(recipe.frames), records, dataset, context=4096
    )
    store = frame_store(recipe, checkpoint.image_processor)
    assert not store.prepare([sample.clip for sample in samples])
    collator = VideoCollator(
        samples,
        store.load,
        pad_token=checkpoint.tokenizer.pad_token_id,
        video_token=checkpoint.model.config.video_token_index,
        video_tokens=recipe.frames * checkpoint.tokens_per_frame,
    )
    return Shop(recipe, samples, collator, store.load, checkpoint)


def with_prompt(record: Any, text: str) -> Any:
    first, *rest = record.turns
    part = first.parts[0].model_copy(update={"text": text})
    return record.model_copy(update={"turns": (first.model_copy(update={"parts": (part,)}), *rest)})


def mixed(shop: Shop, size: int = 4) -> list[int]:
    """Samples of both labels, with dialogues of different lengths: the longest first."""
    anomalous = [n for n, one in enumerate(shop.samples) if one.record.label]
    normal = [n for n, one in enumerate(shop.samples) if not one.record.label]
    chosen = sorted({anomalous[0], normal[0], *anomalous[: size // 2], *normal[: size // 2]})
    chosen.sort(key=lambda number: -shop.samples[number].length)
    assert shop.samples[chosen[0]].length > shop.samples[chosen[-1]].length
    return chosen


def taught_text(row: ShownRecord) -> str:
    return "".join(token.text for token in row.tokens if token.taught)


def everything_taught(batch: Batch) -> None:
    batch["labels"] = torch.where(batch["attention_mask"] == 1, batch["input_ids"], IGNORE)
