"""What ``physprior data cache`` prepares for: the training by a recipe, or the use of a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from physprior.cli.recipes import read_recipe_here

if TYPE_CHECKING:
    from physprior.dataset.folder import Dataset
    from physprior.dataset.records import Record, SplitName
    from physprior.train.recipe import Recipe
    from physprior.video.sample import Sampling
    from physprior.vlm.frames import Clip


@dataclass(frozen=True)
class CachePlan:
    """What frames are prepared for, and how."""

    source: str
    """The checkpoint whose image processor, and vision tower, are used."""
    sampling: Sampling
    """Which frames of a video."""
    recipe: Recipe | None = None
    """What trains, where something does."""
    videos: Path | None = None
    """Where the videos lie, if not where the dataset says."""
    cache: Path | None = None
    """Where frames are kept; the user's cache if not said."""
    limit_s: float = 60.0
    """The longest that one video may take, in seconds."""
    features: bool = False
    """Whether the vision tower is run too."""
    quantise: bool = False
    """Whether the checkpoint is loaded in 4 bits, as it will be for training."""
    strict: bool = False
    """Whether a video that cannot be used is an error."""


def plan_of_recipe(
    recipe: str | None, overrides: Sequence[str], dataset: Path, asked: Sampling | None
) -> CachePlan:
    """What training by a recipe reads. Raises RecipeError, BadParameter."""
    if asked is not None:
        raise typer.BadParameter(
            "a recipe says which frames; change it, or set its fields with --set",
            param_hint="--frames, --sampling, --window-seconds, --stride",
        )
    # A recipe need not name these two; here they are known, or of no use.
    known = ["out=unused", *overrides, f"dataset={json.dumps(str(dataset))}"]
    said = read_recipe_here(recipe, known)
    return CachePlan(
        source=said.base,
        sampling=said.sample(),
        recipe=said,
        videos=said.videos,
        cache=said.cache,
        limit_s=said.clip_limit_s,
        features=said.cache_features,
        quantise=said.tune == "qlora",
        strict=said.strict,
    )


def plan_of_model(model: str, asked: Sampling | None) -> CachePlan:
    """What predicting with a model reads. Raises CheckpointError, BadParameter."""
    from physprior.video.sample import Sampling
    from physprior.vlm.load import read_finished
    from physprior.vlm.run_folder import MODEL, is_run

    folder = Path(model)
    if not is_run(folder):
        return CachePlan(model, asked or Sampling())
    run = read_finished(folder)
    if asked not in (None, run.sampling):
        raise typer.BadParameter(
            "the run was trained on other frames; leave these out: it knows its own",
            param_hint="--frames, --sampling, --window-seconds, --stride",
        )
    return CachePlan(str(folder / MODEL) if run.tune == "layers" else run.base, run.sampling)


def clips_of(
    plan: CachePlan, dataset: Path, videos: Path | None, splits: Sequence[str] | None
) -> list[Clip]:
    """The videos that training or prediction will read, each once. Raises DatasetError."""
    from physprior.dataset.folder import Dataset
    from physprior.dataset.records import SPLITS
    from physprior.errors import DatasetError

    opened = Dataset.open(dataset, videos_root=videos)
    wanted = [split for split in SPLITS if not splits or split in splits]
    records = [record for split in wanted for record in _records(plan, opened, split)]
    if not records:
        raise DatasetError(
            f"{dataset} has no videos in {', '.join(wanted)}", remedy="name another split"
        )
    from physprior.vlm.frames import Clip

    clips = (Clip(opened.videos_root / record.video, record.sha256) for record in records)
    return list(dict.fromkeys(clips))


def _records(plan: CachePlan, dataset: Dataset, split: SplitName) -> list[Record]:
    records = dataset.records(split)
    if split != "train" or plan.recipe is None:
        return records
    from physprior.train.selection import select

    return select(records, plan.recipe)
