"""A growing cache holds what the library's own does, whatever is done to it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers.cache_utils import Cache, DynamicCache

from physprior.vlm.growing import growing_cache


def states(rows: int, tokens: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, rows, 3, tokens, 5, generator=generator).unbind()


def held(cache: Cache) -> list[torch.Tensor]:
    return [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]


# Each step: tokens that are added; or a negative number that are removed; or rows that are kept;
# or (a tuple) rows in another order, as the library's own code puts them.
HISTORIES = {
    "token by token": [7, 1, 1, 1],
    "more than there is room for": [3, 200, 1, 300],
    "labels looked at and forgotten": [7, 2, -2, 4, -4, 1, 1],
    "rows that end": [7, 1, [0, 2], 1, [1], 1],
    "all of it": [5, 130, -3, [1, 2], 150, -100, 1, [0], 2],
    "tensors that the library put there": [7, (2, 0, 1), 1, -1, 2, (1, 1, 0), 1],
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_it_holds_what_the_library_s_cache_holds(history: list[Any]) -> None:
    ours, theirs = growing_cache(), DynamicCache()
    rows = 3
    for step, what in enumerate(history):
        if isinstance(what, tuple):
            for cache in (ours, theirs):
                cache.reorder_cache(torch.tensor(what))
        elif isinstance(what, list):
            rows = len(what)
            for cache in (ours, theirs):
                cache.batch_select_indices(torch.tensor(what))
        elif what < 0:
            for cache in (ours, theirs):
                cache.crop(what)
        else:
            for layer in range(2):
                new = states(rows, what, 10 * step + layer)
                for cache in (ours, theirs):
                    given = cache.update(*new, layer)
                    assert given[0].shape[-2] == cache.get_seq_length(layer)
        assert ours.get_seq_length() == theirs.get_seq_length()
        for mine, other in zip(held(ours), held(theirs), strict=True):
            assert torch.equal(mine, other)


def test_a_token_that_there_is_room_for_moves_nothing_that_is_held() -> None:
    cache = growing_cache()
    cache.update(*states(2, 7, 0), 0)
    before = cache.layers[0].keys.data_ptr()
    cache.update(*states(2, 1, 1), 0)
    assert cache.layers[0].keys.data_ptr() == before
