"""Keys and values that are written in place, with room for what is still to come."""

from __future__ import annotations

from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer

_ROOM = 128
"""Tokens that there is room for beyond those that are read; about an answer."""


def growing_cache() -> Cache:
    """An empty cache for ``past_key_values``.

    transformers' own copies all that was read for every new token: with 2,056 video tokens before
    it, most of the time that a token takes.
    """
    return Cache(layer_class_to_replicate=_GrowingLayer)


class _GrowingLayer(DynamicLayer):
    """``keys`` and ``values`` are views of the beginning of larger tensors."""

    _whole: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write new states behind those that are held; returns all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        old = self.get_seq_length()
        new = old + key_states.shape[-2]
        if self._whole is None or not self._has_room(self._whole[0], new):
            held = self.keys, self.values
            self._whole = _larger(key_states, new), _larger(value_states, new)
            if old:
                self._whole[0][..., :old, :], self._whole[1][..., :old, :] = held
        self._whole[0][..., old:new, :] = key_states
        self._whole[1][..., old:new, :] = value_states
        return self._show(self._whole, new)

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep only these rows of the batch."""
        if self._whole is not None:
            self._whole = self._whole[0][indices], self._whole[1][indices]
            self._show(self._whole, self.get_seq_length())

    def _has_room(self, whole: torch.Tensor, length: int) -> bool:
        # Where the library has put tensors of its own in their place, they are no views any more.
        return length <= whole.shape[-2] and self.keys.data_ptr() == whole.data_ptr()

    def _show(
        self, whole: tuple[torch.Tensor, torch.Tensor], length: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        self.keys, self.values = (one[..., :length, :] for one in whole)
        return self.keys, self.values


def _larger(like: torch.Tensor, length: int) -> torch.Tensor:
    return like.new_empty((*like.shape[:-2], length + _ROOM, like.shape[-1]))
