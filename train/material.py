"""What a run trains and validates on: samples, and their videos' frames or features, cached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from accelerate import PartialState

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import DatasetError
from physprior.paths import cache_folder
from physprior.train.collator import VideoCollator, VideoField
from physprior.train.recipe import Recipe
from physprior.train.samples import Sample, make_samples
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import Clip, FrameStore, Rebuilt, Skipped
from physprior.vlm.processes import from_main
from physprior.vlm.tokens import DialogueEncoder

Announce = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """What a run trains and validates on."""

    training: list[Sample]
    validating: list[Sample]
    """Empty where there are no validation videos, or no validation is wanted."""
    skipped: list[Skipped]
    """Videos that could not be used."""
    encoder: DialogueEncoder
    load: Callable[[Clip], np.ndarray]
    """Reads a video's frames or features from the cache."""
    field: VideoField
    towers: Any = None
    """Vision towers that were taken off the model, to be put back for saving; None if none were."""
    rebuilt: Sequence[Rebuilt] = ()
    """Damaged files of the cache that this process has made again; it grows while training."""

    def collator(self, samples: list[Sample], checkpoint: Checkpoint, frames: int) -> VideoCollator:
        """What makes batches of samples of this material."""
        return VideoCollator(
            samples,
            self.load,
            field=self.field,
            pad_token=checkpoint.tokenizer.pad_token_id,
            video_token=checkpoint.model.config.video_token_index,
            video_tokens=frames * checkpoint.tokens_per_frame,
        )


def frame_store(recipe: Recipe, image_processor: Any) -> FrameStore:
    """The cache of prepared frames that a recipe reads and fills."""
    folder = recipe.cache or cache_folder() / "frames"
    return FrameStore(folder, image_processor, recipe.sample(), limit_s=recipe.clip_limit_s)


def gather(
    recipe: Recipe,
    checkpoint: Checkpoint,
    dataset: Dataset,
    records: list[Record],
    processes: PartialState,
    decoding: Callable[[int, int], None],
    announce: Announce,
) -> Material:
    """Samples of the chosen records and of the validation split, with their videos cached.

    Decoding is the main process's work. Raises DatasetError where no video can be used, or with
    ``strict`` where one cannot.
    """
    held_back = dataset.records("val") if recipe.validate_every else []
    if recipe.validate_every and not held_back:
        announce("note: the dataset has no validation videos: the last weights are kept")
    store = frame_store(recipe, checkpoint.image_processor)
    clips = [_clip(record, dataset) for record in [*records, *held_back]]
    skipped = _prepare(recipe, store, clips, processes, decoding)
    bad = {skip.path for skip in skipped}
    training, validating = (
        [record for record in own if _clip(record, dataset).path not in bad]
        for own in (records, held_back)
    )
    if not training:
        raise DatasetError(
            f"none of the {len(records)} training videos can be used: {skipped[0].reason}",
            remedy="see whether the videos still lie where the dataset says, or set videos",
        )
    encoder = checkpoint.encoder(recipe.frames)
    context = checkpoint.model.config.text_config.max_position_embeddings
    material = Material(
        make_samples(recipe, encoder, training, dataset, context=context),
        make_samples(recipe, encoder, validating, dataset, context=context),
        skipped,
        encoder,
        store.load,
        "frames",
        rebuilt=store.rebuilt,
    )
    if not recipe.cache_features:
        return material
    from physprior.vlm.features import FeatureStore, release_towers

    features = FeatureStore(store.folder.parent / "features", checkpoint, store)
    usable = [clip for clip in clips if clip.path not in bad]
    with processes.main_process_first():
        needed = features.needed_bytes(usable)
        if needed:
            announce(f"features take {needed / 1e9:.2f} GB in {features.folder}")
        features.prepare(usable, progress=decoding)
    return replace(
        material,
        load=features.load,
        field="features",
        towers=release_towers(checkpoint.model),
        rebuilt=features.rebuilt,
    )


def _clip(record: Record, dataset: Dataset) -> Clip:
    return Clip(dataset.videos_root / record.video, record.sha256)


def _prepare(
    recipe: Recipe,
    store: FrameStore,
    clips: list[Clip],
    processes: PartialState,
    decoding: Callable[[int, int], None],
) -> list[Skipped]:
    skipped = from_main(
        processes, lambda: store.prepare(clips, workers=recipe.workers, progress=decoding)
    )
    if skipped and recipe.strict:
        listed = "\n".join(f"  {skip.path}: {skip.reason}" for skip in skipped)
        raise DatasetError(
            f"{len(skipped)} videos cannot be used:\n{listed}",
            remedy="replace them, or leave strict out",
        )
    return skipped
