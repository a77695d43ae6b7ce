"""The facts of a dry run: what would be trained on what, and what it would take."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.folder import Dataset
from physprior.errors import RecipeError
from physprior.train.estimate.base import open_base
from physprior.train.estimate.estimate import LARGE
from physprior.train.estimate.fit import device_memory, refuse_small_device
from physprior.train.estimate.memory import GIB, Load, estimate_memory
from physprior.train.guards import describe_trained
from physprior.train.recipe import Recipe
from physprior.train.samples import Sample
from physprior.train.selection import counts
from physprior.train.tune import tune
from physprior.train.validation import choose_aim
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import Clip, FrameStore
from physprior.vlm.trainable import assert_trainable

Fact = tuple[str, tuple[str, ...]]
"""A name, and what is said under it, a line each."""


@dataclass(frozen=True)
class Plan:
    """What the facts are read from."""

    recipe: Recipe
    checkpoint: Checkpoint
    dataset: Dataset
    training: list[Sample]
    validating: list[Sample]
    store: FrameStore


def facts_of(plan: Plan) -> list[Fact]:
    """The facts of a plan, in the order in which a person asks for them."""
    recipe, samples = plan.recipe, plan.training
    return [
        ("base", _base(plan)),
        ("dataset", _dataset(plan)),
        ("validation", _validation(plan)),
        ("frames", _frames(plan)),
        ("tokens", _tokens(plan)),
        ("steps", _steps(recipe, [sample.length for sample in samples])),
        ("trains", _trains(plan)),
        ("disk", _disk(plan)),
    ]


def _base(plan: Plan) -> tuple[str, ...]:
    size = sum(parameter.numel() for parameter in plan.checkpoint.model.parameters())
    lines = [f"{plan.recipe.base}: {size:,} parameters (weights not read in a dry run)"]
    if plan.recipe.continue_from:
        lines.append(f"going on from the run {plan.recipe.continue_from}")
    return tuple(lines)


def _dataset(plan: Plan) -> tuple[str, ...]:
    records = [sample.record for sample in plan.training]
    lines = [f"{plan.recipe.dataset}: mode {plan.dataset.manifest.mode}, {len(records)} videos"]
    if plan.recipe.only:
        share = f"; {plan.recipe.rehearse:.0%} of the rest" if plan.recipe.rehearse else ""
        lines.append(f"only {', '.join(plan.recipe.only)}{share}")
    for category, classes in counts(records).items():
        listed = ", ".join(f"{name} {count}" for name, count in classes.items())
        lines.append(f"{category}: {listed}")
    return tuple(lines)


def _validation(plan: Plan) -> tuple[str, ...]:
    if not plan.validating:
        return ("none",)
    aim, recipe = choose_aim(plan.validating), plan.recipe
    kept = f"the best by {aim.metric}" if recipe.keep == "best" else "the last weights"
    lines = [
        f"{len(plan.validating)} videos every {recipe.validate_every} steps and at the end; "
        f"the run ends with {kept}"
    ]
    if recipe.patience:
        lines.append(f"stops early after {recipe.patience} validations without gain")
    if aim.unranked:
        lines.append(f"one class alone, and no AUROC, in {', '.join(aim.unranked)}")
    return tuple(lines)


def _frames(plan: Plan) -> tuple[str, ...]:
    clips = list(dict.fromkeys(sample.clip for sample in (*plan.training, *plan.validating)))
    sampling = plan.recipe.sample()
    missing = plan.store.missing(clips)
    lines = [
        f"{sampling.frames} of each video, {sampling.kind}; cached for "
        f"{len(clips) - len(missing)} of {len(clips)} videos"
    ]
    if plan.recipe.cache_features:
        lines.append("then the vision tower's features of them, once, and training without it")
    return tuple(lines)


def _tokens(plan: Plan) -> tuple[str, ...]:
    lengths = [sample.length for sample in plan.training]
    taught = sum(sum(1 for kind in sample.encoded.kinds if kind) for sample in plan.training)
    longest = max(plan.training, key=lambda sample: sample.length)
    video = plan.recipe.frames * plan.checkpoint.tokens_per_frame
    context = plan.checkpoint.model.config.text_config.max_position_embeddings
    return (
        f"{sum(lengths):,} an epoch, of which {taught:,} are taught ({taught / sum(lengths):.1%}) "
        f"and {video} a record are the video's",
        f"the longest record, {longest.record.id}, has {longest.length:,} of the {context:,} that "
        "the model can read",
    )


def steps_of(recipe: Recipe, videos: int, processes: int = 1) -> tuple[int, int]:
    """(steps an epoch, steps in all), as the trainer counts them."""
    batches = math.ceil(math.ceil(videos / recipe.batch_size) / processes)
    epoch = max(math.ceil(batches / recipe.gradient_accumulation), 1)
    return epoch, math.ceil(recipe.epochs * epoch)


def _steps(recipe: Recipe, lengths: Sequence[int]) -> tuple[str, ...]:
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    epoch, steps = steps_of(recipe, len(lengths), processes)
    size = recipe.batch_size * recipe.gradient_accumulation * processes
    factors = [
        f"batch_size {recipe.batch_size}",
        f"gradient_accumulation {recipe.gradient_accumulation}",
        *([f"{processes} processes"] if processes > 1 else []),
    ]
    tokens = round(min(size, len(lengths)) * sum(lengths) / len(lengths))
    return (
        f"{steps:,}: {recipe.epochs:g} epochs of {epoch:,}",
        f"{size} videos a step ({' × '.join(factors)}), about {tokens:,} tokens",
    )


def _trains(plan: Plan) -> tuple[str, ...]:
    # An earlier run's weights have no place in a model without numbers; the names are the same.
    model = tune(plan.checkpoint, plan.recipe.model_copy(update={"continue_from": None}))
    frozen = plan.recipe.frozen_layers
    return tuple(
        describe_trained(model, assert_trainable(model, plan.recipe.tune, frozen_layers=frozen))
    )


def memory_of(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what is known of the memory that it takes, why this machine would refuse it)."""
    longest = max(plan.training, key=lambda sample: sample.length)
    taught = sum(1 for kind in longest.encoded.kinds if kind)
    unknown: list[str] = []
    refused: tuple[str, ...] = ()
    try:
        refuse_small_device(plan.recipe, longest.length, taught, announce=unknown.append)
    except RecipeError as error:
        # Looked at on a laptop, to be trained on a rented card: no reason to stop here.
        refused = (f"this machine would refuse it: {error.message}; {error.remedy}",)
    has_card, have = device_memory()
    base = open_base(plan.recipe.base)
    if unknown or base is None:
        return tuple(unknown) or ("not known: the base's config cannot be read",), refused
    on_card = has_card or base.total > LARGE
    memory = estimate_memory(base, plan.recipe, Load(longest.length, taught), on_card=on_card)
    device = "GPU" if on_card else "computer"
    here = f", of {have / GIB:.1f} GiB here" if have and has_card == on_card else ""
    return (
        f"about {memory.peak / GIB:.1f} GiB of a {device}'s{here}, by arithmetic; 'physprior model "
        "estimate' says what takes it, and how long it all takes",
    ), refused


def _disk(plan: Plan) -> tuple[str, ...]:
    clips: list[Clip] = [sample.clip for sample in (*plan.training, *plan.validating)]
    frames = plan.store.needed_bytes(clips)
    free = shutil.disk_usage(_existing(plan.store.folder)).free
    beside = shutil.disk_usage(_existing(plan.recipe.out.resolve())).free
    return (
        f"{_size(frames)} of frames to come in {plan.store.folder}, where {_size(free)} are free",
        f"{_size(beside)} are free for the run folder",
    )


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
