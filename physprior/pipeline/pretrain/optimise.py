"""How the weights of a pre-training take their steps: matrices by Muon, all else by AdamW."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import torch

MUON_RATE = 3.0
"""Muon's learning rate, as a multiple of AdamW's; its steps are as large as AdamW's at one rate."""

_MATRIX = re.compile(r".*(\.layers\.\d+\..*|multi_modal_projector\..*)\.weight")
_LOOKS_BACK = re.compile(r".*language_model\.layers\.0\.self_attn\..*")
"""At a higher rate the difference between frames, with which it begins, is soon lost."""


class Optimiser:
    """Two optimisers that step as one.

    Muon takes the matrices of the layers and of the projector, but for those of the attention that
    looks back; AdamW these, embeddings, head, biases, norms and ``others``. Muon learned what moves
    in each patch in about half the steps (docs/log.md).
    """

    def __init__(
        self,
        named: Iterable[tuple[str, torch.nn.Parameter]],
        others: Iterable[torch.nn.Parameter],
        rate_at: Callable[[int], float],
    ) -> None:
        matrices: list[torch.nn.Parameter] = []
        rest = list(others)
        for name, weight in named:
            is_matrix = weight.ndim == 2 and _MATRIX.fullmatch(name)
            by_muon = is_matrix and not _LOOKS_BACK.fullmatch(name)
            (matrices if by_muon else rest).append(weight)
        self._rate_at = rate_at
        self._weights = [*matrices, *rest]
        self._muon = torch.optim.Muon(matrices, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
        self._adamw = torch.optim.AdamW(rest, weight_decay=0.01, betas=(0.9, 0.98))

    def step(self, loss: torch.Tensor, number: int) -> None:
        """The step of this number, counted from 0: gradients of the loss, cut to 1, and onwards."""
        rate = self._rate_at(number)
        for optimiser, times in ((self._muon, MUON_RATE), (self._adamw, 1.0)):
            for group in optimiser.param_groups:
                group["lr"] = rate * times
            optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._muon.step()  # type: ignore[no-untyped-call]
        self._adamw.step()

    def state_dict(self) -> dict[str, Any]:
        """All that the next step depends on, beside the weights."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._muon.load_state_dict(state["muon"])
        self._adamw.load_state_dict(state["adamw"])
