"""Operations by arithmetic beside those that torch counts while a real step runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from physprior.train.estimate.base import Base, describe_base
from physprior.train.estimate.memory import Load
from physprior.train.estimate.tokens import Tokens
from physprior.train.estimate.tracked import _batch, _model, _processor
from physprior.train.estimate.work import SHARES, duration, estimate_work, measure_rate, work_of
from physprior.train.loss import token_losses
from physprior.train.recipe import Recipe
from physprior.vlm.video_inputs import video_inputs

LOAD = Load(tokens=200, columns=50)


def counted(config: Any, recipe: Recipe) -> float:
    """Operations of a step by torch's counter, which knows products and leaves out attention on
    the CPU.
    """
    model, batch = _model(config, recipe), _batch(config, recipe, LOAD)
    with FlopCounterMode(display=False) as counter:
        video = video_inputs(model, _processor(config), frames=batch["frames"])
        token_losses(model, batch, video).total.backward()
    products = (torch.ops.aten.mm, torch.ops.aten.addmm, torch.ops.aten.convolution)
    by_operation = counter.get_flop_counts()["Global"]
    return float(sum(by_operation.get(product, 0) for product in products))


def without_attention(base: Base, recipe: Recipe) -> float:
    text = base.config.text_config
    whole = sum(work_of(base, recipe, LOAD.tokens, LOAD.columns).values())
    attention = 2.0 * text.num_hidden_layers * text.hidden_size * LOAD.tokens**2
    back = 3.5 if recipe.gradient_checkpointing else 2.5
    return whole - attention * (1 + back * base.passed_back(recipe))


@pytest.mark.parametrize("frozen", [0, 5])
@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_operations_are_those_that_torch_counts(
    tune: str,
    checkpointing: bool,
    frozen: int,
    recipe: Callable[..., Recipe],
    make_config: Callable[..., Any],
) -> None:
    config = make_config(num_hidden_layers=8)
    asked = recipe(tune=tune, gradient_checkpointing=checkpointing, frozen_layers=frozen)
    said = without_attention(describe_base("", config), asked)
    # What is computed again of a frozen layer stops short of its last product.
    near = 0.08 if frozen and checkpointing else 0.06
    assert said == pytest.approx(counted(config, asked), rel=near)


def tokens(**changes: Any) -> Tokens:
    fields: dict[str, Any] = {
        "dialogues": 10,
        "validated": 4,
        "epoch": 2000,
        "supervised": 500,
        "parts": {"verdict": 500},
        "video": 40,
        "longest": 200,
        "longest_record": "one",
        "context": 4096,
        "load": LOAD,
        "steps_per_epoch": 5,
        "steps": 10,
    }
    return Tokens(**fields | changes)


def test_all_steps_together_are_every_dialogue_as_often_as_there_are_epochs(
    recipe: Callable[..., Recipe], make_config: Callable[..., Any]
) -> None:
    base, asked = describe_base("", make_config()), recipe(epochs=2)
    work = estimate_work(base, asked, tokens())
    assert work.training == pytest.approx(10 * sum(work.step.values()))
    assert work.validation == 0


def test_validation_is_counted_as_often_as_it_comes(
    recipe: Callable[..., Recipe], make_config: Callable[..., Any]
) -> None:
    base = describe_base("", make_config())
    often, once = (
        estimate_work(base, recipe(epochs=2, validate_every=every), tokens()).validation
        for every in (2, 100)
    )
    assert often == pytest.approx(5 * once)
    assert once > 0


def test_without_a_measured_run_the_time_is_a_range_from_assumed_shares(
    recipe: Callable[..., Recipe], make_config: Callable[..., Any]
) -> None:
    work = estimate_work(describe_base("", make_config()), recipe(), tokens())
    taken = duration(work, 1e12, "given", [])
    assert taken.shares == SHARES
    assert taken.shares_from == ""
    assert taken.seconds[0] < taken.seconds[1]


def test_the_rate_of_this_machine_is_measured() -> None:
    assert 1e8 < measure_rate(on_card=False, seconds=0.01) < 1e15
