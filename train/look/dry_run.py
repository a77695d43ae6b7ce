"""What a training would do, found out without training: everything up to its first step.

The weights are not read and the run folder is not made; nothing is written but the frames of the
first batch, into the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.folder import Dataset
from physprior.errors import DatasetError, RecipeError
from physprior.train.fit import last_checkpoint
from physprior.train.look.dry_facts import Fact, Plan, facts_of, memory_of
from physprior.train.look.show_batch import first_numbers, read_batch
from physprior.train.look.shown import ShownBatch
from physprior.train.material import Material, frame_store
from physprior.train.recipe import Recipe
from physprior.train.run import describe_run
from physprior.train.samples import Sample, make_samples
from physprior.train.selection import remarks, select
from physprior.train.trackers import require_trackers
from physprior.train.tune import starting_run
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import FrameStore, Skipped
from physprior.vlm.outline import open_outline
from physprior.vlm.quantise import need_bitsandbytes
from physprior.vlm.run_folder import is_run, read_run


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
    plan = Plan(recipe, checkpoint, dataset, usable, validating, store)
    notes = remarks([sample.record for sample in usable])
    memory, refused = memory_of(plan)
    if recipe.validate_every and not validating:
        notes.append("the dataset has no validation videos: the last weights are kept")
    facts = (*facts_of(plan), ("memory", memory), ("run", (out,)))
    return DryRun(facts, (*notes, *refused), tuple(skipped), batch)


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
    record = describe_run(recipe, dataset, [sample.record for sample in training], checkpoint)
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
