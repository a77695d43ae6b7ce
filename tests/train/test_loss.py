from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from trained import trainer_of

from physprior.dataset.folder import Dataset
from physprior.dialogue import PART_KINDS
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.samples import KINDS
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.frames import normalise
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


def by_definition(
    checkpoint: Checkpoint, batch: dict[str, torch.Tensor]
) -> tuple[float, int, dict[str, tuple[float, int]]]:
    """The weighted sum of -log p over taught tokens, dialogue by dialogue; how many there are; and
    for each part the plain sum and the number of its tokens.
    """
    total, count = 0.0, 0
    parts: dict[str, tuple[float, int]] = {}
    pixels = normalise(batch["frames"].numpy(), checkpoint.image_processor)
    for row in range(len(batch["input_ids"])):
        length = int(batch["attention_mask"][row].sum())
        ids, labels = batch["input_ids"][row, :length], batch["labels"][row, :length]
        with torch.no_grad():
            logits = checkpoint.model(
                input_ids=ids[None],
                pixel_values_videos=pixels[row : row + 1],
                use_cache=False,
            ).logits[0]
        logs = torch.log_softmax(logits.double(), dim=-1)
        for place in range(1, length):
            if labels[place] != IGNORE:
                loss = -float(logs[place - 1, labels[place]])
                total += float(batch["weights"][row, place]) * loss
                count += 1
                part = KINDS[batch["kinds"][row, place]]
                before = parts.get(part, (0.0, 0))
                parts[part] = before[0] + loss, before[1] + 1
    return total, count, parts


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
    trainer = trainer_of(make_recipe(dataset=datasets[mode], **weights), checkpoint)
    collator = trainer.course.collator
    order = sorted(range(len(collator.samples)), key=lambda n: collator.samples[n].length)
    batch = collator([{"sample": number} for number in [*order[:2], *order[-3:]]])
    assert (batch["attention_mask"] == 0).any()
    total, count, _ = by_definition(checkpoint, batch)
    with torch.no_grad():
        alone = trainer.compute_loss(checkpoint.model, batch)
        shared = trainer.compute_loss(
            checkpoint.model, batch, num_items_in_batch=torch.tensor(4 * count)
        )
    assert float(alone) == pytest.approx(total / count, rel=1e-5)
    assert float(shared) == pytest.approx(total / (4 * count), rel=1e-5)


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
@WEIGHTS
def test_a_run_logs_the_loss_of_the_recipes_weights_and_each_part_s_own(
    make_recipe: MakeRecipe,
    checkpoint: Checkpoint,
    datasets: dict[str, Path],
    read_log: ReadLog,
    mode: str,
    weights: dict[str, Any],
) -> None:
    changes = {**weights, "dataset": datasets[mode], "validate_every": 0, "gradient_every": 0}
    videos = len(Dataset.open(datasets[mode]).records("train"))
    # All videos are one step, so that what is logged first is the base's own loss on all of them.
    recipe = make_recipe(**changes, batch_size=videos, epochs=1)
    trainer = trainer_of(recipe.model_copy(update={"out": recipe.out.with_name("x")}), checkpoint)
    batch = trainer.course.collator([{"sample": number} for number in range(videos)])
    total, count, parts = by_definition(checkpoint, batch)
    train(recipe)
    (first,) = read_log(recipe.out)
    assert first["loss"] == pytest.approx(total / count, rel=1e-4)
    wanted = set(PART_KINDS) if mode != "no_phys" else {"verdict"}
    assert set(parts) == wanted
    logged = {name.removeprefix("loss/"): value for name, value in first.items() if "loss/" in name}
    assert logged == pytest.approx({part: own / n for part, (own, n) in parts.items()}, rel=1e-4)
    assert {f"accuracy/{part}" for part in wanted} | {"accuracy/label"} <= set(first)


@WEIGHTS
def test_batches_that_are_accumulated_make_the_step_of_one_large_batch(
    make_recipe: MakeRecipe, read_log: ReadLog, tiny_base: Path, weights: dict[str, Any]
) -> None:
    from safetensors.torch import load_file

    made = {}
    for batch_size, accumulation in ((8, 1), (2, 4)):
        recipe = make_recipe(
            out=make_recipe().out.with_name(f"run-{batch_size}"),
            batch_size=batch_size,
            gradient_accumulation=accumulation,
            **weights,
            epochs=0.3,
            weight_decay=0.0,
            validate_every=0,
            gradient_every=0,
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
