"""``physprior predict``: a score and an answer for every video of a split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from physprior.cli.console import Steps, list_skipped, quiet_libraries, say
from physprior.cli.options import DEFAULT_WORKERS, Workers

if TYPE_CHECKING:
    from physprior.video.sample import Sampling


def predict_command(
    model: Annotated[str, typer.Argument(help="A run folder, a checkpoint folder, or a hub id.")],
    dataset: Annotated[Path, typer.Argument(help="A dataset folder that 'build' has made.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The predictions file (JSONL).")],
    split: Annotated[
        Literal["train", "val", "test"], typer.Option("--split", help="Which split to predict.")
    ] = "test",
    score_only: Annotated[
        bool, typer.Option("--score-only", help="Leave the generated text out; much faster.")
    ] = False,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, help="Videos on the device at once.")
    ] = 16,
    max_new_tokens: Annotated[
        int, typer.Option("--max-new-tokens", min=1, help="Most tokens of an answer.")
    ] = 128,
    frames: Annotated[
        int | None,
        typer.Option("--frames", min=2, help="Frames of a video, for a bare checkpoint."),
    ] = None,
    sampling: Annotated[
        Literal["uniform", "window", "burst"] | None,
        typer.Option("--sampling", help="How they are chosen, for a bare checkpoint."),
    ] = None,
    window_seconds: Annotated[
        float | None, typer.Option("--window-seconds", help="Length of the window.")
    ] = None,
    stride: Annotated[int, typer.Option("--stride", min=1, help="Distance in a burst.")] = 1,
    accept_changed_prior: Annotated[
        bool,
        typer.Option(
            "--accept-changed-prior",
            help="Predict although prompts differ from those trained on; recorded.",
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Make a video that cannot be used an error.")
    ] = False,
    videos: Annotated[
        Path | None,
        typer.Option("--videos", help="Where the videos lie.", show_default="as the dataset says"),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option("--cache", help="Where frames are kept.", show_default="the user's cache"),
    ] = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Predict a split: the anomaly score of every video, and what the model says of it.

    Run again, it finishes what is missing.
    """
    asked = _sampling(frames, sampling, window_seconds, stride)
    quiet_libraries()
    from physprior.eval.predict import PredictOptions, predict

    options = PredictOptions(
        split=split,
        score_only=score_only,
        batch_size=batch_size,
        max_new_tokens=max_new_tokens,
        sampling=asked,
        accept_changed_prior=accept_changed_prior,
        strict=strict,
        videos=videos,
        cache=cache,
        workers=workers,
    )
    with Steps() as steps:
        report = predict(model, dataset, out, options, progress=steps)
    list_skipped(report.skipped, lambda skip: f"{skip.video}: {skip.reason}")
    already = f" ({report.found} were there already)" if report.found else ""
    say(f"predicted {report.made} videos{already}: {report.path}")


def _sampling(
    frames: int | None, kind: str | None, window_seconds: float | None, stride: int
) -> Sampling | None:
    if frames is None and kind is None and window_seconds is None and stride == 1:
        return None
    from pydantic import ValidationError

    from physprior.video.sample import Sampling

    try:
        return Sampling(
            kind=cast(Literal["uniform", "window", "burst"], kind or "uniform"),
            frames=frames or 8,
            window_seconds=window_seconds,
            stride=stride,
        )
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise typer.BadParameter(said, param_hint="--sampling") from error
