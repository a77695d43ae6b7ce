"""Whether a device holds a training, said before weights are loaded, and what would fit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from physprior.errors import RecipeError
from physprior.paths import recipes_folder
from physprior.train.estimate.base import Base, open_base
from physprior.train.estimate.memory import GIB, Load, Memory, estimate_memory
from physprior.train.recipe import Recipe, read_recipe

_DECISIVE = (
    *("tune", "lora_rank", "frames", "cache_features", "batch_size", "optimizer"),
    *("frozen_layers", "gradient_checkpointing", "validate_every", "gradient_every"),
)
"""Fields of a recipe that decide what memory it takes."""
_FAR = 1.25
"""On the CPU a training is refused where it takes this many times the memory: the system has ways
to do with somewhat less."""
_UNCOUNTABLE = (
    *(ArithmeticError, AssertionError, AttributeError, ImportError, LookupError),
    *(NotImplementedError, RuntimeError, TypeError, ValueError),
)
"""What a count on another version of torch or a strange config may end in."""


@dataclass(frozen=True)
class Fitting:
    """A shipped recipe that fits where another does not."""

    name: str
    memory: Memory
    changes: dict[str, Any]
    """Fields to set to come from the one to the other."""


def refuse_small_device(
    recipe: Recipe,
    longest_tokens: int,
    supervised_tokens: int,
    *,
    device_bytes: int | None = None,
    announce: Callable[[str], None] = lambda line: None,
) -> None:
    """Raise RecipeError where the device cannot hold the training, with the recipe that fits.

    ``longest_tokens``: of the longest dialogue, its video's included; ``supervised_tokens``: taught
    ones in it. ``device_bytes`` is a card's memory; what is found here if None. Reads the base's
    config alone. Where no estimate can be made, says so by ``announce`` and stops nothing.
    """
    if _is_sharded():
        announce("note: weights are shared out over several devices: memory was not estimated")
        return
    on_card, have = (True, device_bytes) if device_bytes is not None else device_memory()
    if not have:
        return
    load = Load(longest_tokens, supervised_tokens)
    try:
        base = open_base(recipe.base)
        if base is None:
            return  # whoever loads it says why
        if not on_card and _is_small(base, recipe, load, have):
            return
        memory = estimate_memory(base, recipe, load, on_card=on_card)
        if memory.peak <= have * (1 if on_card else _FAR):
            return
        other = fitting_recipe(base, recipe, load, have, on_card=on_card)
    except _UNCOUNTABLE as error:
        announce(f"note: memory could not be estimated: {(str(error).splitlines() or ['?'])[0]}")
        return
    device = "GPU" if on_card else "computer"
    raise RecipeError(
        f"the {device} has {have / GIB:.1f} GiB of memory, and this recipe takes about "
        f"{memory.peak / GIB:.1f} GiB",
        remedy=remedy(other, device),
    )


def _is_small(base: Base, recipe: Recipe, load: Load, have: int) -> bool:
    # A rough count, several times too high, spares a tiny model the true one, which takes a second.
    text = base.config.text_config
    token = 64 * text.hidden_size + 8 * text.intermediate_size + load.tokens * 2
    activations = recipe.batch_size * load.tokens * text.num_hidden_layers * token * 4
    logits = recipe.batch_size * load.columns * text.vocab_size * 4 * 4
    return base.total * 32 + activations + logits < have / 4


def remedy(other: Fitting | None, device: str) -> str:
    """What to do where a recipe does not fit."""
    if other is None:
        return (
            f"use a {device} with more memory, or several with FSDP (docs/recipes.md): no shipped "
            "recipe fits"
        )
    changes = " ".join(f"--set {name}={_yaml(value)}" for name, value in other.changes.items())
    return (
        f"{other.name} fits, with about {other.memory.peak / GIB:.1f} GiB; "
        f"the same by {changes}; 'physprior model estimate' says what takes how much"
    )


def fitting_recipe(
    base: Base, recipe: Recipe, load: Load, have: int, *, on_card: bool
) -> Fitting | None:
    """The shipped recipe that fits into ``have`` bytes with the fewest changes, or None.

    Of those with as few, the one that takes the most: it gives up the least.
    """
    found = []
    for name, shipped in _shipped():
        changes = {
            field: getattr(shipped, field)
            for field in _DECISIVE
            if getattr(shipped, field) != getattr(recipe, field)
        }
        # Accumulation makes up for a smaller batch; a step of one batch holds less.
        if changes:
            other = recipe.model_copy(update=changes)
            memory = estimate_memory(base, other, load, on_card=on_card)
            if memory.peak <= have:
                found.append(Fitting(name, memory, changes))
    return min(found, key=lambda one: (len(one.changes), -one.memory.peak), default=None)


def device_memory() -> tuple[bool, int]:
    """Whether there is a CUDA device, and its memory, or else the computer's; 0 if not known."""
    import torch

    from physprior.vlm.machine import installed_memory

    if torch.cuda.is_available():
        current = torch.cuda.current_device()
        return True, int(torch.cuda.get_device_properties(current).total_memory)
    return False, installed_memory()


def _shipped() -> Iterator[tuple[str, Recipe]]:
    for path in sorted(recipes_folder().glob("video_llava_*.yaml")):
        yield path.stem, read_recipe(str(path), ["dataset=dataset", "out=out"])


def _is_sharded() -> bool:
    names = ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED")
    return any(os.environ.get(name, "").lower() in ("1", "true") for name in names)


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
