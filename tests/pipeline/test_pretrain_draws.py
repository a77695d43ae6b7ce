"""Batches of a pre-training that are drawn ahead are those that would be drawn in their turn."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from physprior.pipeline.pretrain.captions import vocabulary
from physprior.pipeline.pretrain.draws import Draws
from physprior.pipeline.pretrain.make import SHAPE
from physprior.vlm.tiny import make_model, make_processor, make_tokenizer


@pytest.fixture(scope="module")
def draws() -> Draws:
    shape = SHAPE.model_copy(update={"vocabulary": 900, "width": 32, "layers": 2})
    tokenizer: Any = make_tokenizer(vocabulary(), shape.vocabulary)
    config = make_model(shape, tokenizer, 0).config
    return Draws(config, tokenizer, make_processor(shape), batch=3, seed=5)


def test_what_processes_draw_ahead_is_the_same_in_the_same_order(draws: Draws) -> None:
    steps = range(4, 9)
    # Whoever draws numbers beside it gets what he would have got.
    before = torch.random.get_rng_state()
    ahead = list(draws.of(steps, workers=2))
    assert torch.equal(torch.random.get_rng_state(), before)
    own = list(draws.of(steps, workers=0))
    assert len(ahead) == len(own) == len(steps)
    for one, other in zip(ahead, own, strict=True):
        assert all(torch.equal(vars(one)[name], vars(other)[name]) for name in vars(other))
        assert vars(one).keys() == vars(other).keys()
    assert not torch.equal(own[0].frames, own[1].frames)


def test_a_batch_goes_whole_to_another_device(draws: Draws) -> None:
    there = draws(1).to(torch.device("meta"))
    assert {one.device.type for one in vars(there).values()} == {"meta"}
