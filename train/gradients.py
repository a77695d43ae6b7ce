"""How much of the gradient each part makes: the paper's gradient dilution, made visible.

Paper section 3.3: in one long answer the physics outweighs the verdict. Measured is, on a fixed
batch, the norm of each part's own gradient over the trainable weights, and the verdict's share
``‖g_verdict‖ / Σ‖g_part‖``, each part weighted as in training.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from physprior import fingerprint
from physprior.dialogue import PART_KINDS
from physprior.train.samples import Sample

PROBE = 4
"""Videos of the fixed batch."""


def choose_probe(samples: Sequence[Sample], seed: int) -> list[int]:
    """The numbers of the fixed batch: as many normal as anomalous ones, where there are."""
    ranked = sorted(
        range(len(samples)),
        key=lambda number: fingerprint.of_json([seed, samples[number].record.id]),
    )
    chosen: list[int] = []
    for label in (0, 1):
        own = [number for number in ranked if samples[number].record.label == label]
        chosen += own[: PROBE // 2]
    rest = [number for number in ranked if number not in chosen]
    return sorted(chosen + rest[: PROBE - len(chosen)])


def part_gradients(
    model: Any,
    batches: Sequence[Any],
    part_loss: Callable[..., torch.Tensor],
) -> dict[str, float]:
    """Norms ``gradient/<part>`` of each part's gradient, and ``gradient/share``, the verdict's.

    ``part_loss(model, batch, part=…)`` is the weighted loss of a part in a batch. Nothing of the
    training changes: no ``.grad``, no random number, no mode.
    """
    norms = {}
    with _without_dropout(model):
        for part in PART_KINDS:
            norms[part] = _norm(model, batches, partial(part_loss, part=part))
    total = sum(norms.values())
    found = {f"gradient/{part}": norm for part, norm in norms.items() if norm}
    if norms["verdict"]:
        found["gradient/share"] = norms["verdict"] / total
    return found


def _norm(model: Any, batches: Sequence[Any], loss_of: Callable[[Any, Any], torch.Tensor]) -> float:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    sums: list[torch.Tensor] = []
    for batch in batches:
        made = list(torch.autograd.grad(loss_of(model, batch), trained, materialize_grads=True))
        if sums:  # in place: a large model has no room for a third set
            torch._foreach_add_(sums, made)
        else:
            sums = made
        del made
    return float(
        torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(one) for one in sums]))
    )


@contextlib.contextmanager
def _without_dropout(model: Any) -> Iterator[None]:
    # The model stays in training mode, or it would not checkpoint its activations, and a card that
    # holds a training step would not hold this.
    was_training = model.training
    model.train()
    dropouts = [
        module
        for module in model.modules()
        if isinstance(module, torch.nn.Dropout) and module.training
    ]
    for module in dropouts:
        module.eval()
    try:
        yield
    finally:
        for module in dropouts:
            module.train()
        model.train(was_training)
