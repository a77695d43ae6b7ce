"""``physprior diagnose``: videos that nobody has labelled, each with verdict, score and reason."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.completion import categories, modes
from physprior.cli.console import Steps, list_skipped, quiet_libraries, remark, say
from physprior.cli.options import (
    DEFAULT_WORKERS,
    Kb,
    TemplatesFolder,
    Workers,
    open_kb,
    open_templates,
)
from physprior.cli.predict import AcceptChangedPrior, AskedKind, Cache, Frames
from physprior.cli.runs import model_and_videos
from physprior.cli.sampling import Stride, WindowSeconds, make_sampling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from physprior.dataset.unlabelled import Unlabelled
    from physprior.eval.diagnosis import Diagnosis
    from physprior.eval.thresholds import Thresholds

_SHOWN = 20


def diagnose_command(
    model: Annotated[
        str | None,
        typer.Argument(
            help="A run folder, a checkpoint folder, or a hub id.",
            show_default="the project's newest run",
        ),
    ] = None,
    videos: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Video files, or folders that are searched for them.", show_default="required"
        ),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(
            "--category",
            help="What is in all of them, such as clip.",
            show_default="the nearest folder's",
            autocompletion=categories,
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            help="Scores above it are anomalous.",
            show_default="0, where both verdicts are equally likely",
        ),
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            "--thresholds", help="Thresholds that 'score' has chosen on validation videos."
        ),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            "--mode",
            help="The template to ask with.",
            show_default="the run's own",
            autocompletion=modes,
        ),
    ] = None,
    history: Annotated[
        Literal["given", "generated"],
        typer.Option("--history", help="What stands before the verdict."),
    ] = "given",
    score_only: Annotated[
        bool, typer.Option("--score-only", help="Leave the words out; much faster.")
    ] = False,
    max_new_tokens: Annotated[
        int, typer.Option("--max-new-tokens", min=1, help="Most tokens of an answer.")
    ] = 128,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, help="Videos on the device at once.")
    ] = 16,
    frames: Frames = None,
    sampling: AskedKind = None,
    window_seconds: WindowSeconds = None,
    stride: Stride = 1,
    accept_changed_prior: AcceptChangedPrior = False,
    output: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How the diagnoses are printed.")
    ] = "table",
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code", help="Exit with 1 unless every video was diagnosed and is normal."
        ),
    ] = False,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    cache: Cache = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Diagnose videos that nobody has labelled: verdict, score, and the physical reason.

    The verdict is the score's; where the words say otherwise, that is told. A video that cannot be
    used is named and costs no other.
    """
    _refuse_threshold(threshold, thresholds)
    said = frames is not None or sampling is not None or window_seconds is not None or stride != 1
    kind = sampling or "uniform"
    asked = make_sampling(frames or 8, kind, window_seconds, stride) if said else None
    from physprior.dataset.unlabelled import find_videos

    model, videos = model_and_videos(model, videos or [])
    knowledge = open_kb(kb)
    found = find_videos(videos, knowledge, category=category)
    chosen = _thresholds(threshold, thresholds)
    quiet_libraries()
    from physprior.eval.asking import DiagnoseOptions
    from physprior.eval.diagnose import diagnose

    options = DiagnoseOptions(
        mode=mode,
        history=history,
        score_only=score_only,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        sampling=asked,
        accept_changed_prior=accept_changed_prior,
        cache=cache,
        workers=workers,
    )
    with Steps() as steps:
        made = diagnose(
            model,
            found,
            chosen,
            options,
            knowledge=knowledge,
            templates=open_templates(templates),
            progress=steps,
        )
    _print(made, output)
    _refuse_nothing(made)
    list_skipped([one for one in made if one.error], lambda one: f"{one.video}: {one.error}")
    for line in (*_doubts(found), *_remarks(made)):
        remark(line)
    if exit_code and not all(one.verdict == "Normal" for one in made):
        raise typer.Exit(1)


def _refuse_threshold(threshold: float | None, thresholds: Path | None) -> None:
    if threshold is None:
        return
    if thresholds is not None:
        raise typer.BadParameter(
            "one number, or a file of them: leave one out", param_hint="--threshold, --thresholds"
        )
    if not math.isfinite(threshold):
        raise typer.BadParameter(f"{threshold} is no finite number", param_hint="--threshold")


def _thresholds(threshold: float | None, thresholds: Path | None) -> Thresholds:
    from physprior.eval.thresholds import fixed, read_thresholds

    return read_thresholds(thresholds) if thresholds else fixed(threshold or 0.0)


def _print(made: Sequence[Diagnosis], output: str) -> None:
    """Print the diagnoses: all of them as one JSON array, or those there are as tables."""
    if output == "json":
        every = [one.model_dump(mode="json") for one in made]
        say(json.dumps(every, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from physprior.cli.diagnosis_table import pages

    for line in pages([one for one in made if one.asked]):
        say(line)


def _refuse_nothing(made: Sequence[Diagnosis]) -> None:
    """Raise PredictionError where no video could be diagnosed."""
    from physprior.errors import PredictionError

    if any(one.asked for one in made):
        return
    listed = [f"  {one.video}: {one.error}" for one in made[:_SHOWN]]
    more = [f"  and {len(made) - _SHOWN} more"] if len(made) > _SHOWN else []
    raise PredictionError(
        "\n".join([f"none of these videos can be diagnosed ({len(made)}):", *listed, *more]),
        remedy="mend what each line says, or name other videos",
    )


def _remarks(made: Sequence[Diagnosis]) -> list[str]:
    """What else a person should know, a line each."""
    asked = {one.category: one.asked for one in made if one.asked}
    new = [str(name) for name, one in asked.items() if one.trained is False]
    changed = [str(name) for name, one in asked.items() if one.prompt_changed]
    lost = [one for one in made if one.mass is not None and one.mass < 0.5]
    lines = []
    if new:
        lines.append(f"the run was never trained on {', '.join(sorted(new))}")
    if changed:
        lines.append(f"prompts differ from those trained on, as accepted: {', '.join(changed)}")
    if lost:
        lines.append(
            f"less than half of the probability is on the two verdicts in {_counted(lost)}: the"
            " model is far from its task there, and the score may mean little"
        )
    return lines


def _doubts(found: Sequence[Unlabelled]) -> list[str]:
    """Where --category and the folders disagree, a line for each category that the folders say."""
    usable = [one for one in found if one.folder_category and not one.problem]
    others = [one for one in usable if one.folder_category != one.category]
    return [
        f"the folders of {_counted([one for one in others if one.folder_category == name])} say"
        f" {name}, --category says {others[0].category}"
        for name in sorted({str(one.folder_category) for one in others})
    ]


def _counted(videos: Sequence[object]) -> str:
    return f"{len(videos)} video{'' if len(videos) == 1 else 's'}"
