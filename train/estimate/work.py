"""The floating-point operations of a training, and the time that they take at a given rate.

A product of (m, k) and (k, n) is 2·m·k·n operations. Counted is what is computed, recomputation
included: what normalising, activations and the optimizer take beside the products is left out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from physprior.train.estimate.base import Base
from physprior.train.estimate.tokens import Tokens
from physprior.train.recipe import Recipe

SHARES = (0.25, 0.5)
"""Assumed: the shares of a device's matrix rate that a training reaches, at worst and at best."""
_ATTENTION_BACKWARD = 2.5
"""Five products for the forward's two: flash attention computes the first of them again."""


@dataclass(frozen=True)
class Work:
    """Operations of a training."""

    step: dict[str, float]
    """Those of one step, by what they are for."""
    training: float
    """Those of all steps."""
    validation: float
    """Those of all validations."""

    @property
    def total(self) -> float:
        """All of them."""
        return self.training + self.validation


@dataclass(frozen=True)
class Duration:
    """The seconds of a training: a range where the share of the matrix rate is assumed."""

    rate: float
    """The device's matrix rate in operations a second."""
    rate_from: str
    """Where the rate is from."""
    shares: tuple[float, float]
    """Of that rate, what training reaches: at worst and at best."""
    shares_from: str
    """The measured runs that they are from; empty where they are assumed."""
    seconds: tuple[float, float]
    """At best and at worst."""


def estimate_work(base: Base, recipe: Recipe, tokens: Tokens) -> Work:
    """The operations of a training, from means over its dialogues."""
    taught = tokens.supervised / tokens.dialogues
    one = work_of(base, recipe, tokens.mean, taught)
    step = {name: value * tokens.dialogues / tokens.steps_per_epoch for name, value in one.items()}
    validations = 0
    if recipe.validate_every and tokens.validated:
        validations = tokens.steps // recipe.validate_every
        validations += tokens.steps % recipe.validate_every > 0
    # A forward for the loss and one for the score; tower and projector run once.
    forward = 2 * one["forward"] + one.get("vision", 0.0)
    return Work(
        step=step,
        training=sum(one.values()) * tokens.dialogues * recipe.epochs,
        validation=forward * tokens.validated * validations,
    )


def work_of(base: Base, recipe: Recipe, tokens: float, taught: float) -> dict[str, float]:
    """The operations of training on one dialogue of so many tokens, so many of them taught."""
    text = base.config.text_config
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    products = 2 * base.parameters["language layers"] * tokens
    # Two products of (tokens, head) and (head, tokens) a head, half of them behind the diagonal.
    attention = 2.0 * text.num_hidden_layers * text.num_attention_heads * head * tokens**2
    logits = 2 * text.vocab_size * text.hidden_size * taught
    adapters = 0.0
    trained = base.trained(recipe.frozen_layers)
    share, back = len(trained) / len(base.projections), base.passed_back(recipe)
    if recipe.tune != "layers":
        sides = sum(rows + columns for rows, columns in trained)
        adapters = 2 * recipe.lora_rank * sides * tokens
    layers = products + attention + adapters
    through = back * (products + _ATTENTION_BACKWARD * attention)
    found = {
        "forward": layers + logits,
        "backward, activations": through + adapters + logits,
        "backward, weights": share * products if recipe.tune == "layers" else adapters,
    }
    if recipe.gradient_checkpointing:
        found["forward again"] = layers
    vision = _vision(base, recipe)
    if vision:
        found["vision"] = vision
    return found


def _vision(base: Base, recipe: Recipe) -> float:
    features = recipe.frames * base.tokens_per_frame
    projector = 2.0 * base.parameters["projector"] * features
    if recipe.cache_features:
        return projector
    vision = base.config.vision_config
    of_frame = 4.0 * vision.num_hidden_layers * vision.hidden_size * base.tokens_per_frame**2
    return projector + 2.0 * base.parameters["video tower"] * features + recipe.frames * of_frame


def measure_rate(*, on_card: bool, seconds: float = 0.5) -> float:
    """The matrix rate of the device at hand, in operations a second, in the dtype of training."""
    import torch

    device = torch.device("cuda" if on_card else "cpu")
    size = 8192 if on_card else 1024
    dtype = torch.bfloat16 if on_card else torch.float32
    one, other = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))

    def settle() -> None:
        if on_card:
            torch.cuda.synchronize()

    best = float("inf")
    begun = time.perf_counter()
    while best == float("inf") or time.perf_counter() - begun < seconds:
        started = time.perf_counter()
        one @ other
        settle()
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best


def duration(work: Work, rate: float, rate_from: str, measured: list[Any]) -> Duration:
    """The time that work takes at a matrix rate; ``measured``: runs of this kind (see measured)."""
    found = [run.share for run in measured if run.share]
    shares = (min(found), max(found)) if found else SHARES
    return Duration(
        rate=rate,
        rate_from=rate_from,
        shares=shares,
        shares_from=", ".join(sorted({run.source for run in measured})) if found else "",
        seconds=(work.total / (rate * shares[1]), work.total / (rate * shares[0])),
    )
