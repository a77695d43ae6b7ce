"""A device that is too small is said before weights are loaded, with the recipe that fits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from physprior.errors import RecipeError
from physprior.train.estimate import fit, refuse_small_device
from physprior.train.recipe import Recipe, read_recipe

GB = 10**9
LONGEST, TAUGHT = 2400, 250


def shipped(name: str, **changes: Any) -> Recipe:
    recipe = read_recipe(f"video_llava_7b_{name}", ["dataset=dataset", "out=out"])
    return recipe.model_copy(update=changes)


def refusal(recipe: Recipe, device_bytes: int) -> str:
    with pytest.raises(RecipeError) as caught:
        refuse_small_device(recipe, LONGEST, TAUGHT, device_bytes=device_bytes)
    return str(caught.value)


@pytest.mark.parametrize(("name", "card"), [("lora", 24), ("qlora", 12), ("layers", 80)])
def test_each_shipped_recipe_fits_the_card_that_it_is_for(name: str, card: int) -> None:
    refuse_small_device(shipped(name), LONGEST, TAUGHT, device_bytes=card * GB)


def test_a_card_of_12_gb_is_pointed_from_lora_to_qlora() -> None:
    said = refusal(shipped("lora"), 12 * GB)
    assert "the GPU has 11.2 GiB" in said
    assert "video_llava_7b_qlora fits" in said
    assert "--set tune=qlora" in said


@pytest.mark.slow
def test_the_recipe_with_the_fewest_changes_is_named() -> None:
    said = refusal(shipped("lora", gradient_checkpointing=False), 24 * GB)
    assert "video_llava_7b_lora fits" in said
    assert "--set gradient_checkpointing=true" in said
    assert "tune" not in said


@pytest.mark.slow
def test_a_card_that_nothing_fits_is_told_so() -> None:
    assert "no shipped recipe fits" in refusal(shipped("lora"), 4 * GB)


def test_the_refusal_looks_at_no_weights_and_takes_seconds_at_most() -> None:
    started = time.process_time()
    refuse_small_device(shipped("lora"), LONGEST, TAUGHT, device_bytes=80 * GB)
    assert time.process_time() - started < 10


def test_a_base_that_cannot_be_found_is_left_to_whoever_loads_it() -> None:
    recipe = shipped("lora", base="no/such/folder")
    refuse_small_device(recipe, LONGEST, TAUGHT, device_bytes=GB)


def test_weights_that_are_shared_out_over_devices_are_not_judged_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    said: list[str] = []
    refuse_small_device(shipped("lora"), LONGEST, TAUGHT, device_bytes=GB, announce=said.append)
    assert said == ["note: weights are shared out over several devices: memory was not estimated"]


def test_an_estimate_that_cannot_be_made_stops_nothing_and_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("an operation without a shape")

    monkeypatch.setattr(fit, "estimate_memory", broken)
    said: list[str] = []
    refuse_small_device(shipped("lora"), LONGEST, TAUGHT, device_bytes=GB, announce=said.append)
    assert said == ["note: memory could not be estimated: an operation without a shape"]


@pytest.mark.parametrize(("memory", "refused"), [(1 * GB, True), (64 * GB, False), (0, False)])
def test_a_computer_without_a_gpu_is_refused_only_where_its_memory_is_far_too_small(
    memory: int,
    refused: bool,
    monkeypatch: pytest.MonkeyPatch,
    tiny_base: Any,
    recipe: Callable[..., Recipe],
) -> None:
    monkeypatch.setattr(fit, "device_memory", lambda: (False, memory))
    asked = recipe(base=str(tiny_base), tune="layers", batch_size=64)
    if refused:
        with pytest.raises(RecipeError, match="computer"):
            refuse_small_device(asked, 900, 300)
    else:
        refuse_small_device(asked, 900, 300)
