"""``physprior eval baselines``: methods that nobody trains, on the same split as a model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.console import Steps, list_skipped, quiet_libraries, remark, say
from physprior.cli.options import DEFAULT_WORKERS, Workers
from physprior.cli.predict import Cache, Videos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from physprior.eval.predictions import Predictions


def baselines_command(
    dataset: Annotated[Path, typer.Argument(help="A dataset folder that 'build' has made.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="The folder for the predictions files (JSONL).")
    ],
    base: Annotated[
        str,
        typer.Option(
            "--base", help="The untuned base whose frames and features are read: folder or hub id."
        ),
    ],
    split: Annotated[Literal["val", "test"], typer.Option(help="Which split to score.")] = "test",
    frames: Annotated[int, typer.Option("--frames", min=2, help="Frames of a video.")] = 8,
    videos: Videos = None,
    cache: Cache = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Score a split with baselines that nobody trains, from the normal training videos alone.

    Each gets a predictions file that is scored and compared as a model's. What is finished is not
    made again.
    """
    quiet_libraries()
    from physprior.eval.baselines import predict_baselines
    from physprior.eval.predictions import read_predictions

    with Steps() as steps:
        paths = predict_baselines(
            dataset,
            out,
            base=base,
            cache=cache,
            frames=frames,
            workers=workers,
            split=split,
            videos=videos,
            progress=steps,
        )
    _tell([read_predictions(path) for path in paths])


def _tell(made: Sequence[Predictions]) -> None:
    # Videos that cannot be used, and categories without normal ones, are the same for all.
    list_skipped(made[0].skipped, lambda skip: f"{skip.video}: {skip.reason}")
    unusable = made[0].header.provenance["baseline"]["unusable_normals"]
    if unusable:
        remark(f"without {len(unusable)} normal training videos, which cannot be used:")
        for video, reason in unusable.items():
            remark(f"  {video}: {reason}")
    unscored = Counter(line.category for line in made[0].predictions if line.score is None)
    for category, count in sorted(unscored.items()):
        remark(
            f"no score for {count} videos of {category}: it has no normal training video to "
            "measure them against"
        )
    for file in made:
        scored = sum(line.score is not None for line in file.predictions)
        say(f"{file.header.model}: scored {scored} of {file.header.total} videos: {file.path}")
