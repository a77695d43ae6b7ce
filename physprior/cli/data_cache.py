"""``physprior data cache``: videos decoded once, before a training or a prediction reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.caching import CachePlan, clips_of, plan_of_model, plan_of_recipe
from physprior.cli.completion import recipes
from physprior.cli.console import Steps, list_skipped, quiet_libraries, remark, say
from physprior.cli.data_export import SplitChoice
from physprior.cli.in_project import project_here
from physprior.cli.options import DEFAULT_WORKERS, Dataset, Workers, the_dataset
from physprior.cli.predict import AskedKind, Cache, Frames, Videos
from physprior.cli.sampling import Stride, WindowSeconds, make_sampling

if TYPE_CHECKING:
    from physprior.vlm.frames import Clip, FrameStore

ForRecipe = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        help="Prepare for training: a recipe file, or a shipped name.",
        show_default="the project's, else none",
        autocompletion=recipes,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the recipe; repeatable."),
]
ForModel = Annotated[
    str | None,
    typer.Option(
        "--model", help="Prepare for predicting: a run or checkpoint folder, or a hub id."
    ),
]
WithFeatures = Annotated[
    bool | None,
    typer.Option(
        "--features/--no-features",
        help="Run the vision tower too, and keep its features.",
        show_default="as the recipe says",
    ),
]
ClipLimit = Annotated[
    float | None,
    typer.Option(
        "--clip-limit",
        min=0.1,
        help="Seconds that one video may take.",
        show_default="the recipe's, or 60",
    ),
]


def cache_command(
    dataset: Dataset = None,
    recipe: ForRecipe = None,
    overrides: Overrides = None,
    model: ForModel = None,
    splits: Annotated[
        list[SplitChoice] | None,
        typer.Option("--split", help="A split to prepare; repeatable.", show_default="all"),
    ] = None,
    features: WithFeatures = None,
    frames: Frames = None,
    sampling: AskedKind = None,
    window_seconds: WindowSeconds = None,
    stride: Stride = 1,
    videos: Videos = None,
    cache: Cache = None,
    clip_limit: ClipLimit = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Make a video that cannot be used an error.")
    ] = False,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Decode the videos of a dataset into the cache that training and prediction read.

    Stopped at any moment, the same command goes on. What is there is looked through, and made
    again where it is damaged.
    """
    said = frames is not None or sampling is not None or window_seconds is not None or stride != 1
    kind = sampling or "uniform"
    asked = make_sampling(frames or 8, kind, window_seconds, stride) if said else None
    training = recipe is not None or (model is None and project_here() is not None)
    if training == (model is not None):
        raise typer.BadParameter(
            "say what will read the frames: --recipe for a training, --model for a prediction",
            param_hint="--recipe, --model",
        )
    dataset = the_dataset(dataset)
    if training:
        plan = plan_of_recipe(recipe, overrides or [], dataset, asked)
    else:
        if overrides:
            raise typer.BadParameter("it sets a field of a recipe", param_hint="--set")
        plan = plan_of_model(str(model), asked)
    plan = replace(
        plan,
        cache=cache or plan.cache,
        limit_s=plan.limit_s if clip_limit is None else clip_limit,
        features=plan.features if features is None else features,
        strict=strict or plan.strict,
    )
    _prepare(plan, clips_of(plan, dataset, videos or plan.videos, splits), workers)


def _prepare(plan: CachePlan, clips: Sequence[Clip], workers: int) -> None:
    from physprior.paths import cache_folder

    quiet_libraries()
    from physprior.vlm.checkpoint import load_tokenizing
    from physprior.vlm.frames import FrameStore

    _, _, processor = load_tokenizing(plan.source)
    place = plan.cache or cache_folder() / "frames"
    store = FrameStore(place, processor, plan.sampling, limit_s=plan.limit_s)
    usable = _decode(plan, store, clips, workers)
    if plan.features:
        _run_tower(plan, store, usable)


def _decode(plan: CachePlan, store: FrameStore, clips: Sequence[Clip], workers: int) -> list[Clip]:
    """Fill the store; returns the clips that can be used. Raises DatasetError where none can."""
    from physprior.errors import DatasetError

    missing = set(store.missing(clips))
    _announce("frames", len(missing), len(clips), store.needed_bytes(clips), store.folder)
    with Steps() as steps:
        skipped = store.prepare(
            clips, workers=workers, progress=partial(steps, "decode"), verify=True
        )
    list_skipped(skipped, lambda skip: f"{skip.path}: {skip.reason}")
    bad = {skip.path for skip in skipped}
    usable = [clip for clip in clips if clip.path not in bad]
    damaged = {rebuilt.path for rebuilt in store.rebuilt}
    made = [clip for clip in usable if clip in missing or clip.path in damaged]
    said = f"{len(usable):,} of {len(clips):,} videos are cached, {len(made):,} of them made now"
    if damaged:
        said += f", {len(damaged):,} of these in place of damaged files"
    say(said)
    say(f"frames: {store.folder}")
    if not usable or (skipped and plan.strict):
        raise DatasetError(
            f"{len(skipped):,} of {len(clips):,} videos cannot be used",
            remedy="replace them, or leave strict out"
            if usable
            else "see whether the videos still lie where the dataset says, or name their folder "
            "with --videos",
        )
    return usable


def _run_tower(plan: CachePlan, store: FrameStore, clips: Sequence[Clip]) -> None:
    from physprior.vlm.checkpoint import load_checkpoint
    from physprior.vlm.features import FeatureStore

    checkpoint = load_checkpoint(plan.source, quantise=plan.quantise)
    # Beside the frames, where training looks for them.
    features = FeatureStore(store.folder.parent / "features", checkpoint, store)
    missing = len(features.missing(clips))
    _announce("features", missing, len(clips), features.needed_bytes(clips), features.folder)
    with Steps() as steps:
        features.prepare(clips, progress=partial(steps, "features"), verify=True)
    say(f"features: {features.folder}, {missing:,} made now")


def _announce(what: str, missing: int, total: int, needed: int, folder: Path) -> None:
    from rich.filesize import decimal

    there = f"{what} of {total - missing:,} of {total:,} videos are there"
    if missing:
        there += f"; the other {missing:,} take {decimal(needed)}"
    remark(f"{there} in {folder}")
