"""The verdict's share of the gradient, and that measuring it changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from trained import record_of, trainer_of

from physprior import fingerprint
from physprior.dialogue import PART_KINDS
from physprior.train.gradients import choose_probe
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.samples import KINDS, Sample
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.frames import Clip, normalise
from physprior.vlm.tokens import Encoded
from physprior.vlm.trainable import select_layers

MakeRecipe = Callable[..., Recipe]


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
@pytest.mark.parametrize("batch_size", [1, 4])
def test_the_share_is_that_of_each_part_s_own_gradient(
    make_recipe: MakeRecipe,
    tiny_base: Path,
    datasets: dict[str, Path],
    mode: str,
    batch_size: int,
) -> None:
    checkpoint = load_checkpoint(tiny_base)
    model = checkpoint.model
    select_layers(model)
    recipe = make_recipe(
        dataset=datasets[mode], batch_size=batch_size, part_weights={"motion": 0.2}, label_weight=5
    )
    trainer = trainer_of(recipe, checkpoint)
    found = trainer.measure_gradients()

    probe = choose_probe(trainer.course.collator.samples, recipe.seed)
    batch = trainer.course.collator([{"sample": number} for number in probe])
    pixels = normalise(batch["frames"].numpy(), checkpoint.image_processor)
    norms: dict[str, float] = {}
    for part in PART_KINDS:
        logits = model(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            pixel_values_videos=pixels,
        ).logits
        logs = torch.log_softmax(logits[:, :-1], dim=-1)
        own = batch["kinds"][:, 1:] == KINDS.index(part)
        picked = logs.gather(2, batch["input_ids"][:, 1:, None])[..., 0]
        loss = -(picked * batch["weights"][:, 1:] * own).sum() / (batch["kinds"] > 0).sum()
        if not own.any():
            continue
        model.zero_grad()
        loss.backward()
        grads = [p.grad for p in model.parameters() if p.requires_grad]
        norms[part] = float(sum((grad.double() ** 2).sum() for grad in grads) ** 0.5)
    model.zero_grad()
    expected = {f"gradient/{part}": norm for part, norm in norms.items()}
    expected["gradient/share"] = norms["verdict"] / sum(norms.values())
    assert found == pytest.approx(expected, rel=1e-4)
    assert (found["gradient/share"] == 1) == (mode == "no_phys")


def sample(number: int, label: int) -> Sample:
    return Sample(
        record_of(f"clip/{number}.mp4", label=label), Clip(Path(), ""), Encoded([], [], [], []), ()
    )


def test_the_fixed_batch_has_both_classes() -> None:
    samples = [sample(number, label=int(number == 17)) for number in range(40)]
    probe = choose_probe(samples, seed=0)
    assert len(probe) == 4
    assert 17 in probe
    assert probe == choose_probe(samples, seed=0)


def test_few_samples_are_all_taken() -> None:
    assert choose_probe([sample(number, 0) for number in range(3)], seed=0) == [0, 1, 2]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"tune": "layers"}, id="layers"),
        pytest.param({"tune": "lora", "lora_dropout": 0.5}, id="lora", marks=pytest.mark.slow),
    ],
)
def test_measuring_and_validating_change_no_weight(
    make_recipe: MakeRecipe, tmp_path: Path, changes: dict[str, Any]
) -> None:
    hashes = []
    for name, watched in (("plain", 0), ("watched", 1)):
        recipe = make_recipe(
            out=tmp_path / name,
            gradient_every=watched,
            validate_every=watched,
            keep="last",
            **changes,
        )
        train(recipe)
        (weights,) = [*recipe.out.glob("*/model.safetensors"), *recipe.out.glob("adapter/*.safet*")]
        hashes.append(fingerprint.of_file(weights))
    assert hashes[0] == hashes[1]


def test_a_run_logs_the_share_at_the_first_step_and_then_as_often_as_asked(
    make_recipe: MakeRecipe,
) -> None:
    recipe = make_recipe(gradient_every=3)
    train(recipe)
    lines = [json.loads(line) for line in (recipe.out / "log.jsonl").read_text().splitlines()]
    shares = {line["step"]: line["gradient/share"] for line in lines if "gradient/share" in line}
    assert sorted(shares) == [1, 3, 6]
    assert all(0 < share < 1 for share in shares.values())
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3, 4, 5, 6]
