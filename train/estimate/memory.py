"""The memory of a training on one device, by what it is for, and when it is most.

Weights, gradients and the optimizer's state are arithmetic over the base's sizes; activations are
counted on three layers of its shape (see count). What no arithmetic gives is named an assumption.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from physprior.train.estimate.base import Base
from physprior.train.recipe import Recipe

if TYPE_CHECKING:
    from physprior.train.estimate.count import Counted

GIB = 2**30
CONTEXT = GIB // 2
"""Assumed: what CUDA and its libraries take for themselves."""
SLACK = 0.05
"""Assumed: share of what comes and goes that the allocator holds beyond it, in gaps."""
PROBE = 4
"""Videos on which each part's gradient is measured (train/gradients.py)."""

_NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes of a weight in 4 bits: a half, a scale of 1 for 64 weights, and of 4 for 256 scales."""
_STATE_8BIT = 2 * (1 + 4 / 256)
"""Bytes of Adam's two moments of a weight in 8 bits, with a scale for each 256."""
_SMALL, _PAGED = 4096, 100_000
"""Tensors of fewer weights keep their state in 32 bits; of fewer than the other, on the card."""


@dataclass(frozen=True)
class Load:
    """What a device is given at once."""

    tokens: int
    """Tokens of the longest dialogue, its video's included."""
    columns: int
    """Columns of the largest batch in which a token is taught."""
    padded: bool = True
    """Whether dialogues of a batch differ in length."""


@dataclass(frozen=True)
class Component:
    """One line of what is held when memory is fullest."""

    name: str
    bytes: int
    assumed: bool = False
    """Whether it is an assumption, and no arithmetic."""


@dataclass(frozen=True)
class Memory:
    """What a training takes on its device."""

    on_card: bool
    components: tuple[Component, ...]
    """What is held at the peak; they sum to it."""
    phases: dict[str, int]
    """Bytes at the fullest moment of each part of the work, assumptions left out."""
    notes: tuple[str, ...] = ()

    @property
    def peak(self) -> int:
        """Bytes that the device needs."""
        return sum(component.bytes for component in self.components)

    @property
    def tensors(self) -> int:
        """Bytes of tensors at the peak: what torch itself counts, without any assumption."""
        return max(self.phases.values())

    @property
    def fullest(self) -> str:
        """The part of the work in which the peak comes."""
        return max(self.phases, key=lambda name: self.phases[name])


def estimate_memory(base: Base, recipe: Recipe, load: Load, *, on_card: bool) -> Memory:
    """The memory of training ``base`` as the recipe says, on a CUDA device or on the CPU."""
    counted = _counted(base, recipe, load, on_card=on_card)
    static = _Static.of(base, recipe, load, on_card=on_card)
    phases = _phases(static, counted, recipe)
    fullest = max(phases, key=lambda name: phases[name])
    components = _components(static, phases[fullest], fullest, counted.kept)
    if on_card:
        moving = phases[fullest] - static.held
        components.append(Component("CUDA and its libraries", CONTEXT, assumed=True))
        components.append(Component("gaps of the allocator", int(SLACK * moving), assumed=True))
    return Memory(
        on_card=on_card,
        components=tuple(components),
        phases=phases,
        notes=tuple(static.notes),
    )


def _counted(base: Base, recipe: Recipe, load: Load, *, on_card: bool) -> Counted:
    from physprior.train.estimate.count import count_step

    step = _step(base, recipe, load, on_card=on_card)
    counted = count_step(base.config, step)
    if base.passed_back(recipe) == 1:
        return counted
    # Below, nothing is kept for the backward pass, but keys and values are when scoring.
    config = copy.deepcopy(base.config)
    config.text_config.num_hidden_layers -= recipe.frozen_layers
    return replace(count_step(config, step), scoring=counted.scoring)


def _step(base: Base, recipe: Recipe, load: Load, *, on_card: bool) -> Any:
    from physprior.train.estimate.count import Step

    return Step(
        tune=recipe.tune,
        rank=recipe.lora_rank,
        dropout=recipe.lora_dropout,
        batch=recipe.batch_size,
        tokens=load.tokens,
        columns=load.columns,
        frames=recipe.frames,
        tokens_per_frame=base.tokens_per_frame,
        padded=load.padded,
        checkpointing=recipe.gradient_checkpointing,
        accumulates=recipe.gradient_accumulation > 1,
        from_features=recipe.cache_features,
        on_card=on_card,
        validation_batch=recipe.batch_size if recipe.validate_every else 0,
    )


@dataclass
class _Static:
    """What does not come and go with each batch, in bytes."""

    frozen: dict[str, int]
    trained: int
    optimizer: int
    gradients: int
    scratch: int
    """What the optimizer's step takes beside."""
    unpacked: int
    """A 4-bit weight while it is used."""
    batch: int
    loading: int
    """The weights as they are loaded, before anything is taken off."""
    accumulates: bool
    notes: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        return sum(self.frozen.values()) + self.trained + self.optimizer + self.batch

    @classmethod
    def of(cls, base: Base, recipe: Recipe, load: Load, *, on_card: bool) -> _Static:
        width = 2 if on_card else 4
        sizes = trained_tensors(base, recipe)
        trained = 4 * sum(sizes)
        optimizer, notes = _optimizer(sizes, recipe, on_card=on_card)
        frozen = _frozen(base, recipe, width)
        loading = sum(frozen.values())
        if recipe.tune == "layers":
            loading += width * sum(sizes)
        if recipe.cache_features and on_card:
            frozen = {name: size for name, size in frozen.items() if "tower" not in name}
            notes.append("the vision towers leave the card once their features are cached")
        largest = max(rows * columns for rows, columns in base.projections)
        scratch = 0
        if recipe.optimizer in ("adamw", "muon"):
            # On a card the step is fused, on the CPU it is taken one tensor after the other.
            scratch = 0 if on_card else 2 * 4 * max(sizes)
        return cls(
            frozen=frozen,
            trained=trained,
            optimizer=optimizer,
            gradients=trained,
            scratch=scratch,
            unpacked=largest * width if recipe.tune == "qlora" else 0,
            batch=_batch(base, recipe, load),
            loading=loading,
            accumulates=recipe.gradient_accumulation > 1,
            notes=notes,
        )


def trained_tensors(base: Base, recipe: Recipe) -> list[int]:
    """The number of weights of each tensor that trains."""
    trained = base.trained(recipe.frozen_layers)
    if recipe.tune == "layers":
        return [rows * columns for rows, columns in trained]
    rank = recipe.lora_rank
    return [rank * side for projection in trained for side in projection]


def _frozen(base: Base, recipe: Recipe, width: int) -> dict[str, int]:
    sizes = {name: width * count for name, count in base.parameters.items()}
    layers = base.parameters["language layers"]
    if recipe.tune == "layers":
        sizes["language layers"] -= width * sum(trained_tensors(base, recipe))
    if recipe.tune == "qlora":
        sizes["language layers"] = math.ceil(_NF4 * layers)
    return sizes


def _optimizer(sizes: list[int], recipe: Recipe, *, on_card: bool) -> tuple[int, list[str]]:
    if recipe.optimizer == "adamw":
        return 8 * sum(sizes), []
    if recipe.optimizer == "muon":
        return 4 * sum(sizes), []
    state = {size: _STATE_8BIT * size if size >= _SMALL else 8.0 * size for size in set(sizes)}
    total = math.ceil(sum(state[size] for size in sizes))
    if recipe.optimizer == "adamw_8bit" or not on_card:
        return total, []
    staying = math.ceil(sum(state[size] for size in sizes if size < _PAGED))
    note = (
        f"{(total - staying) / GIB:.1f} GiB of the optimizer's state may lie in the computer's "
        "memory, and are not counted"
    )
    return staying, [note]


def _batch(base: Base, recipe: Recipe, load: Load) -> int:
    vision = base.config.vision_config
    if recipe.cache_features:
        video = recipe.frames * base.tokens_per_frame * vision.hidden_size * 2
    else:
        video = recipe.frames * 3 * vision.image_size**2
    # Token, attention and label in 8 bytes, a weight in 4, kind and whether in the label in 1.
    return recipe.batch_size * (video + load.tokens * (3 * 8 + 4 + 2))


def _phases(static: _Static, counted: Any, recipe: Recipe) -> dict[str, int]:
    before = static.held + (static.gradients if static.accumulates else 0)
    phases = {
        "loading": static.loading,
        "vision": before + counted.vision,
        "forward": before + counted.forward + static.unpacked,
        "loss": before + counted.loss,
        "backward": before + counted.backward + static.unpacked,
        "optimizer": static.held + static.gradients + static.scratch,
    }
    if recipe.validate_every:
        scored = max(counted.validation, counted.scoring)
        phases["validation"] = static.held + scored + static.unpacked
    if recipe.gradient_every:
        # The sum over the batches before, beside a batch's own.
        earlier = static.gradients if recipe.batch_size < PROBE else 0
        probed = max(earlier + counted.backward + static.unpacked, 2 * static.gradients)
        phases["gradient probe"] = static.held + probed
    return phases


def _components(static: _Static, peak: int, fullest: str, kept: int) -> list[Component]:
    found = [Component(f"frozen: {name}", size) for name, size in static.frozen.items()]
    found.append(Component("trained weights", static.trained))
    found.append(Component("optimizer's state", static.optimizer))
    found.append(Component("the batch itself", static.batch))
    if fullest == "loading":
        return [Component("all weights, as they are loaded", static.loading)]
    rest = peak - static.held
    gradients = static.gradients if static.accumulates or fullest == "optimizer" else 0
    if fullest == "validation":
        gradients = 0
    found.append(Component("gradients", gradients))
    rest -= gradients
    activations = 0
    if fullest in ("loss", "backward", "forward", "gradient probe"):
        activations = min(kept, rest)
    found.append(Component("kept for the backward pass", activations))
    found.append(Component(f"at work in the fullest moment ({fullest})", rest - activations))
    return [component for component in found if component.bytes]
