"""What a recipe computes in, machine by machine; the weights that train are float32 always."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.settings import in_bfloat16, sft_config
from physprior.vlm import attention, precision
from physprior.vlm.run_folder import read_run

MakeRecipe = Callable[..., Recipe]
SetMachine = Callable[..., None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SetMachine:
    """Says what the machine is: whether it has a GPU, and a CPU with bfloat16 instructions."""

    def is_one(*, gpu: bool = False, instructions: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
        monkeypatch.setattr(
            torch.cpu, "get_capabilities", lambda: {"avx2": True, "avx512_bf16": instructions}
        )

    return is_one


@pytest.mark.parametrize(
    ("capabilities", "fast"),
    [
        ({}, False),
        ({"avx2": True, "avx512": True}, False),
        ({"avx512_bf16": False, "amx_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
    ],
)
def test_a_cpu_is_fast_in_bfloat16_that_has_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], fast: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert precision.fast_bfloat16() is fast
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert precision.fast_bfloat16()


def test_a_torch_that_tells_nothing_of_the_cpu_is_taken_for_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert precision.fast_bfloat16() is False


@pytest.mark.parametrize(
    ("said", "instructions", "bfloat16"),
    [
        ("float32", False, False),
        ("float32", True, False),
        ("auto", False, False),
        ("auto", True, False),
        ("fast", False, False),
        ("fast", True, True),
    ],
)
def test_on_a_cpu_only_fast_is_bfloat16_and_only_with_instructions(
    make_recipe: MakeRecipe,
    machine: SetMachine,
    said: str,
    instructions: bool,
    bfloat16: bool,
) -> None:
    machine(instructions=instructions)
    settings = sft_config(make_recipe(precision=said), validates=False)
    assert settings.bf16 is bfloat16
    assert settings.fp16 is False
    assert settings.use_cpu is True


@pytest.mark.parametrize(("said", "bfloat16"), [("float32", False), ("auto", True), ("fast", True)])
def test_on_a_gpu_only_float32_is_not_bfloat16(
    make_recipe: MakeRecipe, machine: SetMachine, said: str, bfloat16: bool
) -> None:
    machine(gpu=True, instructions=False)
    assert in_bfloat16(make_recipe(precision=said)) is bfloat16


def test_a_recipe_that_says_nothing_is_auto(make_recipe: MakeRecipe) -> None:
    assert make_recipe().precision == "auto"
    with pytest.raises(ValidationError, match="precision"):
        make_recipe(precision="bfloat16")


def weights_of(run: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    (path,) = (
        (run / "model").glob("*.safetensors")
        if (run / "model").is_dir()
        else (run / "adapter").glob("*.safetensors")
    )
    return load_file(path)


@pytest.fixture
def attended(monkeypatch: pytest.MonkeyPatch) -> list[torch.dtype]:
    """The precision of the values, before they are made float32, wherever ours attends."""
    seen: list[torch.dtype] = []
    theirs = attention.attend_on_cpu

    def spy(model: Any) -> None:
        theirs(model)
        for layer in model.get_decoder().layers:
            layer.self_attn.v_proj.register_forward_hook(
                lambda _, given, found: seen.append(found.dtype)
            )

    monkeypatch.setattr("physprior.train.trainer.attend_on_cpu", spy)
    return seen


@pytest.mark.parametrize("how", ["layers", "lora"])
def test_fast_trains_in_bfloat16_and_ends_with_float32_weights(
    make_recipe: MakeRecipe,
    machine: SetMachine,
    attended: list[torch.dtype],
    how: str,
    tmp_path: Path,
    read_log: Any,
) -> None:
    machine(instructions=True)
    runs = {}
    for said in ("float32", "fast"):
        recipe = make_recipe(precision=said, tune=how, epochs=1, out=tmp_path / said)
        train(recipe)
        assert len(read_log(recipe.out)) >= 2
        assert bool(attended) is (said == "fast")
        runs[said] = weights_of(recipe.out)
        assert read_run(recipe.out).recipe["precision"] == said
        (config,) = recipe.out.rglob("model/config.json") if how == "layers" else (None,)
        assert config is None or "physprior" not in config.read_text()
    assert set(attended) == {torch.bfloat16}
    assert runs["fast"].keys() == runs["float32"].keys()
    for name, weight in runs["fast"].items():
        assert weight.dtype is torch.float32
        assert weight.isfinite().all()
        # Rounded otherwise, and yet the same training.
        torch.testing.assert_close(weight, runs["float32"][name], atol=0.02, rtol=0)
    assert any(not torch.equal(one, runs["float32"][name]) for name, one in runs["fast"].items())


def test_fast_where_there_are_no_instructions_is_float32_bit_for_bit(
    make_recipe: MakeRecipe, machine: SetMachine, attended: list[torch.dtype], tmp_path: Path
) -> None:
    machine(instructions=False)
    found = []
    for said in ("float32", "fast"):
        recipe = make_recipe(precision=said, epochs=1, out=tmp_path / said)
        train(recipe)
        found.append(weights_of(recipe.out))
    assert not attended
    assert all(torch.equal(one, found[1][name]) for name, one in found[0].items())
