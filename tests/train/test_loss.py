from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.dialogue import PART_KINDS
from physprior.train.collator import VideoCollator
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.trainer import DialogueTrainer, make_trainer
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.frames import Clip, FrameStore
from physprior.vlm.tokens import IGNORE

MakeRecipe = Callable[..., Recipe]
ReadLog = Callable[[Path], list[dict[str, Any]]]
HUSHED = {"part_weights": {"component": 0.1, "subject": 0.2, "motion": 0.3}}
LABEL = {"label_weight": 20.0}
WEIGHTS = pytest.mark.parametrize(
    "weights",
    [{}, HUSHED, LABEL, {**HUSHED, **LABEL}],
    ids=["plain", "by part", "by label", "by both"],
)


def open_records(recipe: Recipe) -> tuple[Dataset, list[Record]]:
    dataset = Dataset.open(recipe.dataset)
    return dataset, dataset.records("train")


def frames_of(recipe: Recipe, checkpoint: Checkpoint) -> FrameStore:
    assert recipe.cache
    dataset, records = open_records(recipe)
    store = FrameStore(recipe.cache, checkpoint.image_processor, recipe.sample())
    clips = [Clip(dataset.videos_root / record.video, record.sha256) for record in records]
    assert store.prepare(clips) == []
    return store


def samples_of(recipe: Recipe, checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """Every training dialogue; tokens weighted as the recipe says, dialogues by their length."""
    parts: dict[str, float] = {"plain": 1.0, **dict.fromkeys(PART_KINDS, 1.0)}
    parts.update(recipe.part_weights)
    dataset, records = open_records(recipe)
    samples = []
    for record in records:
        encoded = checkpoint.encoder(recipe.frames).dialogue(record.dialogue())
        raw = [parts[kind] if kind else 0.0 for kind in encoded.kinds]
        for place, in_label in enumerate(encoded.in_label):
            raw[place] *= recipe.label_weight if in_label else 1.0
        scale = sum(label != IGNORE for label in encoded.labels) / sum(raw)
        samples.append(
            {
                "input_ids": encoded.input_ids,
                "labels": encoded.labels,
                "weights": [weight * scale for weight in raw],
                "video": str(dataset.videos_root / record.video),
                "sha256": record.sha256,
            }
        )
    return samples


def collator_of(recipe: Recipe, checkpoint: Checkpoint) -> VideoCollator:
    return VideoCollator(
        frames_of(recipe, checkpoint),
        checkpoint.image_processor,
        pad_token=checkpoint.tokenizer.pad_token_id,
        video_token=checkpoint.model.config.video_token_index,
        video_tokens=recipe.frames * checkpoint.tokens_per_frame,
    )


def trainer_of(recipe: Recipe, checkpoint: Checkpoint) -> DialogueTrainer:
    recipe.out.mkdir()
    return make_trainer(
        checkpoint.model,
        checkpoint.tokenizer,
        samples_of(recipe, checkpoint),
        collator_of(recipe, checkpoint),
        recipe,
        lambda done, total, said: None,
    )


def by_definition(checkpoint: Checkpoint, batch: dict[str, torch.Tensor]) -> tuple[float, int]:
    """The weighted sum of -log p over supervised tokens, dialogue by dialogue; their number."""
    total, count = 0.0, 0
    for row in range(len(batch["input_ids"])):
        length = int(batch["attention_mask"][row].sum())
        ids, labels = batch["input_ids"][row, :length], batch["labels"][row, :length]
        with torch.no_grad():
            logits = checkpoint.model(
                input_ids=ids[None],
                pixel_values_videos=batch["pixel_values_videos"][row : row + 1],
                use_cache=False,
            ).logits[0]
        logs = torch.log_softmax(logits.double(), dim=-1)
        for place in range(1, length):
            if labels[place] != IGNORE:
                weight = float(batch["weights"][row, place])
                total -= weight * float(logs[place - 1, labels[place]])
                count += 1
    return total, count


@pytest.fixture
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
@WEIGHTS
def test_the_loss_of_a_ragged_batch_equals_its_definition(
    make_recipe: MakeRecipe,
    checkpoint: Checkpoint,
    datasets: dict[str, Path],
    mode: str,
    weights: dict[str, Any],
) -> None:
    recipe = make_recipe(dataset=datasets[mode], **weights)
    trainer = trainer_of(recipe, checkpoint)
    samples = sorted(samples_of(recipe, checkpoint), key=lambda sample: len(sample["input_ids"]))
    batch = collator_of(recipe, checkpoint)([*samples[:2], *samples[-3:]])
    assert (batch["attention_mask"] == 0).any()
    total, count = by_definition(checkpoint, batch)
    with torch.no_grad():
        alone = trainer.compute_loss(checkpoint.model, batch)
        shared = trainer.compute_loss(
            checkpoint.model, batch, num_items_in_batch=torch.tensor(4 * count)
        )
    assert float(alone) == pytest.approx(total / count, rel=1e-5)
    assert float(shared) == pytest.approx(total / (4 * count), rel=1e-5)


@WEIGHTS
def test_a_run_logs_the_loss_of_the_recipes_weights(
    make_recipe: MakeRecipe, checkpoint: Checkpoint, read_log: ReadLog, weights: dict[str, Any]
) -> None:
    _, records = open_records(make_recipe())
    # All videos are one step, so that what is logged first is the base's own loss on all of them.
    recipe = make_recipe(**weights, batch_size=len(records), epochs=1)
    samples = samples_of(recipe, checkpoint)
    total, count = by_definition(checkpoint, collator_of(recipe, checkpoint)(samples))
    train(recipe)
    (line,) = read_log(recipe.out)
    assert line["loss"] == pytest.approx(total / count, rel=1e-4)


def test_batches_that_are_accumulated_make_the_step_of_one_large_batch(
    make_recipe: MakeRecipe, read_log: ReadLog, tiny_base: Path
) -> None:
    from safetensors.torch import load_file

    made = {}
    for batch_size, accumulation in ((8, 1), (2, 4)):
        recipe = make_recipe(
            out=make_recipe().out.with_name(f"run-{batch_size}"),
            batch_size=batch_size,
            gradient_accumulation=accumulation,
            epochs=0.3,
            weight_decay=0.0,
        )
        train(recipe)
        (line,) = read_log(recipe.out)
        made[batch_size] = line, load_file(recipe.out / "model" / "model.safetensors")
        shutil.rmtree(recipe.out)
    (large, large_weights), (small, small_weights) = made[8], made[2]
    assert small["loss"] == pytest.approx(large["loss"], rel=1e-5)
    assert small["grad_norm"] == pytest.approx(large["grad_norm"], rel=1e-4)
    base = load_file(tiny_base / "model.safetensors")
    # Adam's first step is the sign of the gradient: where that is rounding noise, signs may differ.
    step = sum(float((large_weights[name] - base[name]).abs().sum()) for name in base)
    apart = sum(float((large_weights[n] - small_weights[n]).abs().sum()) for n in base)
    assert step > 0
    assert apart < 0.01 * step
