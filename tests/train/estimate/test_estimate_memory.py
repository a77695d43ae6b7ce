"""Estimated memory beside the memory that a real step takes, every allocation measured."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
import torch

from physprior.train.estimate.base import describe_base
from physprior.train.estimate.count import count_every_layer, count_step
from physprior.train.estimate.memory import Load, _step, estimate_memory
from physprior.train.estimate.tracked import _peak_of, measure_step, measure_validation
from physprior.train.recipe import Recipe

MakeRecipe = Callable[..., Recipe]
MakeConfig = Callable[..., Any]
LOAD = Load(tokens=160, columns=60)
NEAR = 0.1
KINDS = [("lora", False), ("lora", True), ("layers", False), ("layers", True)]
SHAPES: dict[str, dict[str, int]] = {
    "deep and narrow": {"hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 8},
    "shallow, many words": {"vocab_size": 8000, "num_hidden_layers": 2},
    "fewer heads for keys": {"num_key_value_heads": 2},
}


@pytest.mark.parametrize(("tune", "checkpointing"), KINDS)
@pytest.mark.parametrize("batch", [1, 4])
def test_the_estimate_of_a_step_is_within_a_tenth_of_the_measured_one(
    tune: str, checkpointing: bool, batch: int, recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    config = make_config()
    asked = recipe(tune=tune, gradient_checkpointing=checkpointing, batch_size=batch)
    estimated = estimate_memory(describe_base("", config), asked, LOAD, on_card=False).tensors
    assert estimated == pytest.approx(measure_step(config, asked, LOAD), rel=NEAR)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("tune", "checkpointing", "batch"), [("lora", True, 1), ("layers", False, 4)]
)
def test_so_it_is_for_models_of_other_shapes(
    shape: str,
    tune: str,
    checkpointing: bool,
    batch: int,
    recipe: MakeRecipe,
    make_config: MakeConfig,
) -> None:
    config = make_config(**SHAPES[shape])
    asked = recipe(tune=tune, gradient_checkpointing=checkpointing, batch_size=batch)
    estimated = estimate_memory(describe_base("", config), asked, LOAD, on_card=False).tensors
    assert estimated == pytest.approx(measure_step(config, asked, LOAD), rel=NEAR)


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_gradients_that_wait_for_further_batches_are_counted(
    tune: str, recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    config = make_config()
    asked = recipe(tune=tune, gradient_accumulation=3)
    estimated = estimate_memory(describe_base("", config), asked, LOAD, on_card=False).tensors
    assert estimated == pytest.approx(measure_step(config, asked, LOAD), rel=NEAR)


@pytest.mark.parametrize(("tune", "checkpointing"), KINDS)
def test_frozen_layers_keep_nothing_for_the_backward_pass(
    tune: str, checkpointing: bool, recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    config = make_config(num_hidden_layers=6)
    asked = recipe(tune=tune, gradient_checkpointing=checkpointing, frozen_layers=4, batch_size=4)
    base = describe_base("", config)
    estimated = estimate_memory(base, asked, LOAD, on_card=False).tensors
    assert estimated == pytest.approx(measure_step(config, asked, LOAD), rel=NEAR)
    every = asked.model_copy(update={"frozen_layers": 0})
    assert estimated < estimate_memory(base, every, LOAD, on_card=False).tensors


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_muon_keeps_one_number_a_weight(
    tune: str, recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    config = make_config()
    asked = recipe(tune=tune, optimizer="muon")
    estimated = estimate_memory(describe_base("", config), asked, LOAD, on_card=False).tensors
    assert estimated == pytest.approx(measure_step(config, asked, LOAD), rel=NEAR)


@pytest.mark.parametrize("batch", [1, 4])
def test_the_estimate_of_a_validation_is_within_a_tenth_of_the_measured_one(
    batch: int, recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    config, asked = make_config(), recipe(batch_size=batch, validate_every=1)
    memory = estimate_memory(describe_base("", config), asked, LOAD, on_card=False)
    state = next(part.bytes for part in memory.components if part.name == "optimizer's state")
    measured = measure_validation(config, asked, LOAD)
    assert memory.phases["validation"] - state == pytest.approx(measured, rel=NEAR)


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_three_layers_tell_what_all_of_them_take(
    tune: str, recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    config = make_config(num_hidden_layers=7)
    asked = recipe(tune=tune, gradient_checkpointing=True, validate_every=1)
    step = _step(describe_base("", config), asked, LOAD, on_card=True)
    assert count_step(config, step) == count_every_layer(config, step)


def test_components_sum_to_the_peak_and_only_what_no_arithmetic_gives_is_assumed(
    recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    memory = estimate_memory(describe_base("", make_config()), recipe(), LOAD, on_card=True)
    known = sum(part.bytes for part in memory.components if not part.assumed)
    assert known == memory.tensors == memory.phases[memory.fullest]
    assumed = [part.name for part in memory.components if part.assumed]
    assert assumed == ["CUDA and its libraries", "gaps of the allocator"]


def test_the_cpu_has_no_assumption_in_it(recipe: MakeRecipe, make_config: MakeConfig) -> None:
    memory = estimate_memory(describe_base("", make_config()), recipe(), LOAD, on_card=False)
    assert memory.peak == memory.tensors


def test_towers_whose_features_are_cached_are_not_on_the_card(
    recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    base = describe_base("", make_config())
    memory = estimate_memory(base, recipe(cache_features=True), LOAD, on_card=True)
    assert not [part for part in memory.components if "tower" in part.name]


def test_four_bits_take_what_bitsandbytes_makes_of_a_weight(
    recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    import torch
    from bitsandbytes.nn import Params4bit

    base = describe_base("", make_config(hidden_size=512, intermediate_size=1024))
    memory = estimate_memory(base, recipe(tune="qlora"), LOAD, on_card=True)
    said = next(part.bytes for part in memory.components if "language layers" in part.name)
    weight = Params4bit(torch.randn(512, 512), compress_statistics=True, quant_type="nf4").to("cpu")
    state = weight.quant_state
    held = [weight.data, state.absmax, state.state2.absmax]
    own = sum(tensor.numel() * tensor.element_size() for tensor in held)
    assert said / base.parameters["language layers"] == pytest.approx(own / 512**2, rel=0.001)


def test_adam_s_state_in_eight_bits_is_a_quarter(
    recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    base = describe_base("", make_config())

    def state(optimizer: str) -> int:
        asked = recipe(tune="layers", optimizer=optimizer)
        memory = estimate_memory(base, asked, LOAD, on_card=True)
        return sum(p.bytes for p in memory.components if p.name == "optimizer's state")

    assert state("adamw") == 8 * base.parameters["language layers"]
    assert state("adamw_8bit") == pytest.approx(state("adamw") / 4, rel=0.02)


def test_paged_state_leaves_the_card_and_is_said(
    recipe: MakeRecipe, make_config: MakeConfig
) -> None:
    base = describe_base("", make_config(hidden_size=512, intermediate_size=1024))
    asked = recipe(tune="layers", optimizer="paged_adamw_8bit")
    memory = estimate_memory(base, asked, LOAD, on_card=True)
    assert not [part for part in memory.components if part.name == "optimizer's state"]
    assert "may lie in the computer's memory" in memory.notes[0]


def test_what_an_earlier_measurement_left_behind_is_not_measured() -> None:
    def leave() -> None:
        left = [torch.zeros(500_000)]
        left.append(left)  # type: ignore[arg-type]  # a cycle: only the collector frees it

    def work() -> None:
        gc.collect()
        torch.zeros(250_000)

    _peak_of(leave)

    assert _peak_of(work) == pytest.approx(1_000_000, rel=0.01)
