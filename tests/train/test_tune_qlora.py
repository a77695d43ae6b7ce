"""Language layers in 4 bits, for real: bitsandbytes computes on the CPU too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.errors import CheckpointError
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.tune import refuse_setup, tune
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.load import load_model
from physprior.vlm.trainable import assert_trainable, hold_in_float32

MakeRecipe = Callable[..., Recipe]
TOKENS = torch.arange(5, 45)[None]


def recipe(**fields: Any) -> Recipe:
    least = {"base": "base", "dataset": "dataset", "out": "run", "tune": "qlora", "lora_rank": 4}
    return Recipe.model_validate({**least, **fields})


def loss(model: Any) -> torch.Tensor:
    found: torch.Tensor = model(input_ids=TOKENS, labels=TOKENS, use_cache=False).loss
    return found


def test_the_language_layers_are_in_4_bits_and_nothing_else_is(tiny_base: Path) -> None:
    from bitsandbytes.nn import Linear4bit

    model = load_checkpoint(tiny_base, quantise=True).model
    packed = [name for name, module in model.named_modules() if isinstance(module, Linear4bit)]
    assert len(packed) == 4 * 7
    assert all(name.startswith("model.language_model.layers.") for name in packed)
    whole = load_checkpoint(tiny_base).model.state_dict()
    for name, weight in model.named_parameters():
        if name.removesuffix(".weight") in packed:
            assert weight.dtype == torch.uint8
            assert weight.numel() * 2 == whole[name].numel()
        else:
            assert torch.equal(weight, whole[name]), name


def test_the_4_bits_are_nf4_with_quantised_scales(tiny_base: Path) -> None:
    state = (
        load_checkpoint(tiny_base, quantise=True)
        .model.model.language_model.layers[0]
        .mlp.down_proj.weight.quant_state
    )
    assert state.quant_type == "nf4"
    assert state.nested


def test_a_quantised_base_says_about_what_the_whole_one_says(tiny_base: Path) -> None:
    with torch.no_grad():
        packed, whole = (
            load_checkpoint(tiny_base, quantise=quantise).model(input_ids=TOKENS).logits.flatten()
            for quantise in (True, False)
        )
    assert not torch.equal(packed, whole)
    assert torch.corrcoef(torch.stack([packed, whole]))[0, 1] > 0.8


def test_only_the_adapter_moves_and_the_loss_falls_also_after_an_evaluation(
    tiny_base: Path,
) -> None:
    model = tune(load_checkpoint(tiny_base, quantise=True), recipe(lora_dropout=0.0))
    names = assert_trainable(model, "qlora")
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    steps = torch.optim.AdamW([w for w in model.parameters() if w.requires_grad], lr=3e-3)
    losses = []
    for _ in range(4):
        model.eval()
        with torch.no_grad():
            losses.append(loss(model).item())
        model.train()
        loss(model).backward()
        steps.step()
        steps.zero_grad()
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.8 * losses[0]
    for name, weight in model.named_parameters():
        assert torch.equal(weight, before[name]) != (name in names), name


def test_gradient_checkpointing_gives_the_same_gradients(tiny_base: Path) -> None:
    found = []
    for checkpointing in (False, True):
        torch.manual_seed(0)
        model = tune(load_checkpoint(tiny_base, quantise=True), recipe(lora_dropout=0.0)).train()
        if checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        loss(model).backward()
        found.append([w.grad for w in model.parameters() if w.requires_grad])
    assert all(one is not None for one in found[0])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_a_run_over_4_bits_trains_in_float32_and_predicts_on_the_whole_base(
    make_recipe: MakeRecipe, tiny_base: Path
) -> None:
    from safetensors.torch import load_file

    wanted = make_recipe(tune="qlora", epochs=1)
    report = train(wanted)
    assert report.results["moved_tensors"] == report.results["trained_tensors"] > 0
    saved = load_file(wanted.out / "adapter/adapter_model.safetensors")
    assert {weight.dtype for weight in saved.values()} == {torch.float32}
    assert any(weight.any() for name, weight in saved.items() if "lora_B" in name)
    tuned = load_model(wanted.out).checkpoint.model
    assert not any("4bit" in type(module).__name__ for module in tuned.modules())
    base = load_checkpoint(tiny_base).model
    assert not torch.equal(tuned(input_ids=TOKENS).logits, base(input_ids=TOKENS).logits)


def test_a_trainer_s_rounding_to_half_precision_is_noticed_and_undone(tiny_base: Path) -> None:
    model = tune(load_checkpoint(tiny_base, quantise=True), recipe())
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.bfloat16()
    with pytest.raises(Exception, match="are not float32"):
        assert_trainable(model, "qlora")
    hold_in_float32(model)
    assert_trainable(model, "qlora")


@pytest.mark.parametrize("field", [{}, {"tune": "lora", "optimizer": "adamw_8bit"}])
def test_without_bitsandbytes_the_line_that_installs_it_is_said(
    monkeypatch: pytest.MonkeyPatch, field: dict[str, str]
) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(CheckpointError, match="needs bitsandbytes") as caught:
        refuse_setup(recipe(**field))
    assert caught.value.remedy == "pip install 'physprior[qlora]'"


def test_loading_in_4_bits_without_bitsandbytes_is_refused_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, tiny_base: Path
) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(CheckpointError, match="tune: qlora needs bitsandbytes"):
        load_checkpoint(tiny_base, quantise=True)
