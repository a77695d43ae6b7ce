"""What a training would do, found out without training: everything up to its first step.

The weights are not read and the run folder is not made; nothing is written but the frames of the
first batch, into the cache.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.folder import Dataset
from physprior.errors import DatasetError, RecipeError
from physprior.train.fit import last_checkpoint
from physprior.train.guards import describe_trained
from physprior.train.material import Material, frame_store
from physprior.train.recipe import Recipe
from physprior.train.run import _record
from physprior.train.samples import Sample, make_samples
from physprior.train.selection import counts, remarks, select
from physprior.train.show_batch import first_numbers, read_batch
from physprior.train.shown import ShownBatch
from physprior.train.trackers import require_trackers
from physprior.train.tune import starting_run, tune
from physprior.train.validation import choose_aim
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import Clip, FrameStore, Skipped
from physprior.vlm.outline import open_outline
from physprior.vlm.quantise import need_bitsandbytes
from physprior.vlm.run_folder import is_run, read_run
from physprior.vlm.trainable import assert_trainable

Fact = tuple[str, tuple[str, ...]]
"""A name, and what is said under it, a line each."""


@dataclass(frozen=True)
class DryRun:
    """What a training would do."""

    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    """What a person should know before it begins."""
    skipped: tuple[Skipped, ...]
    """Videos that were found not to be usable; those outside the first batch are not decoded."""
    batch: ShownBatch
    """Its first batch."""


@dataclass(frozen=True)
class _Plan:
    """What the facts are read from."""

    recipe: Recipe
    checkpoint: Checkpoint
    dataset: Dataset
    training: list[Sample]
    validating: list[Sample]
    store: FrameStore


def dry_run(
    recipe: Recipe, *, decoding: Callable[[int, int], None] = lambda done, total: None
) -> DryRun:
    """Look at all that a training looks at before its first step, without the weights.

    Raises what the training itself would: RecipeError, DatasetError, CheckpointError,
    TrainingError for a dialogue that is too long, VideoError.
    """
    require_trackers(recipe)
    if recipe.tune == "qlora":
        need_bitsandbytes("tune: qlora")
    dataset = Dataset.open(recipe.dataset, videos_root=recipe.videos)
    records = select(dataset.records("train"), recipe)
    if not records:
        raise DatasetError(f"{recipe.dataset} has no training videos", remedy="build it again")
    checkpoint = open_outline(recipe.base)
    starting_run(checkpoint, recipe)
    encoder = checkpoint.encoder(recipe.frames)
    context = checkpoint.model.config.text_config.max_position_embeddings
    held_back = dataset.records("val") if recipe.validate_every else []
    training, validating = (
        make_samples(recipe, encoder, own, dataset, context=context) for own in (records, held_back)
    )
    store = frame_store(recipe, checkpoint.image_processor)
    out = _out(recipe, dataset, training, checkpoint)
    lacking = _lacking([*training, *validating], store)
    gone = {skip.path for skip in lacking}
    usable = [sample for sample in training if sample.clip.path not in gone]
    batch, usable, skipped = _first_batch(recipe, checkpoint, usable, store, lacking, decoding)
    plan = _Plan(recipe, checkpoint, dataset, usable, validating, store)
    notes = remarks([sample.record for sample in usable])
    if recipe.validate_every and not validating:
        notes.append("the dataset has no validation videos: the last weights are kept")
    return DryRun((*_facts(plan), ("run", (out,))), tuple(notes), tuple(skipped), batch)


def _first_batch(
    recipe: Recipe,
    checkpoint: Checkpoint,
    usable: list[Sample],
    store: FrameStore,
    skipped: list[Skipped],
    decoding: Callable[[int, int], None],
) -> tuple[ShownBatch, list[Sample], list[Skipped]]:
    # One video less, and the order is another: drawn again until all of the batch can be used.
    while True:
        if recipe.strict and skipped:
            raise DatasetError(
                f"{len(skipped)} videos cannot be used, such as {skipped[0].reason}",
                remedy="replace them, or leave strict out",
            )
        if not usable:
            raise DatasetError(
                f"none of the training videos can be used: {skipped[0].reason}",
                remedy="see whether the videos still lie where the dataset says, or set videos",
            )
        numbers = first_numbers(len(usable), recipe)
        clips = [usable[number].clip for number in numbers]
        bad = store.prepare(clips, workers=recipe.workers, progress=decoding)
        if not bad:
            break
        skipped = [*skipped, *bad]
        gone = {skip.path for skip in bad}
        usable = [sample for sample in usable if sample.clip.path not in gone]
    encoder = checkpoint.encoder(recipe.frames)
    material = Material(usable, [], [], encoder, store.load, "frames")
    collator = material.collator(usable, checkpoint, recipe.frames)
    shown = read_batch(
        collator([{"sample": number} for number in numbers]),
        usable,
        store.load,
        recipe.sample(),
        tokenizer=checkpoint.tokenizer,
        video_token=checkpoint.model.config.video_token_index,
        tokens_per_frame=checkpoint.tokens_per_frame,
    )
    return shown, usable, skipped


def _lacking(samples: Sequence[Sample], store: FrameStore) -> list[Skipped]:
    clips = store.missing(sample.clip for sample in samples)
    return [
        Skipped(clip.path, f"{clip.path}: there is no such file")
        for clip in clips
        if not clip.path.is_file()
    ]


def _out(
    recipe: Recipe, dataset: Dataset, training: Sequence[Sample], checkpoint: Checkpoint
) -> str:
    """What training would find in its run folder. Raises RecipeError where it would be refused."""
    out = recipe.out
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return f"{out}: to be made"
    if not is_run(out):
        raise RecipeError(
            f"{out} is not empty and is no run folder", remedy="name a new folder as out"
        )
    earlier = read_run(out)
    record = _record(recipe, dataset, [sample.record for sample in training], checkpoint)
    if earlier.fingerprint != record.fingerprint:
        raise RecipeError(
            f"{out} holds a run with another recipe, base or dataset",
            remedy="name another out, or remove that folder",
        )
    if earlier.state == "finished":
        return f"{out}: this very run, finished: there is nothing to train"
    last = last_checkpoint(out)
    step = f"after step {Path(last).name.rpartition('-')[2]}" if last else "from its beginning"
    return f"{out}: this very run, unfinished: it goes on {step}"


def _facts(plan: _Plan) -> list[Fact]:
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


def _base(plan: _Plan) -> tuple[str, ...]:
    size = sum(parameter.numel() for parameter in plan.checkpoint.model.parameters())
    lines = [f"{plan.recipe.base}: {size:,} parameters (weights not read in a dry run)"]
    if plan.recipe.continue_from:
        lines.append(f"going on from the run {plan.recipe.continue_from}")
    return tuple(lines)


def _dataset(plan: _Plan) -> tuple[str, ...]:
    records = [sample.record for sample in plan.training]
    lines = [f"{plan.recipe.dataset}: mode {plan.dataset.manifest.mode}, {len(records)} videos"]
    if plan.recipe.only:
        share = f"; {plan.recipe.rehearse:.0%} of the rest" if plan.recipe.rehearse else ""
        lines.append(f"only {', '.join(plan.recipe.only)}{share}")
    for category, classes in counts(records).items():
        listed = ", ".join(f"{name} {count}" for name, count in classes.items())
        lines.append(f"{category}: {listed}")
    return tuple(lines)


def _validation(plan: _Plan) -> tuple[str, ...]:
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


def _frames(plan: _Plan) -> tuple[str, ...]:
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


def _tokens(plan: _Plan) -> tuple[str, ...]:
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


def _trains(plan: _Plan) -> tuple[str, ...]:
    # An earlier run's weights have no place in a model without numbers; the names are the same.
    model = tune(plan.checkpoint, plan.recipe.model_copy(update={"continue_from": None}))
    return tuple(describe_trained(model, assert_trainable(model, plan.recipe.tune)))


def _disk(plan: _Plan) -> tuple[str, ...]:
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
