"""``physprior report``: one page that says how good, how sure, where it fails and what to edit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import Steps, paragraph, quiet_libraries, remark, say
from physprior.cli.options import (
    DEFAULT_WORKERS,
    ControlFiles,
    Kb,
    TemplatesFolder,
    Workers,
    project_kb,
    project_templates,
)
from physprior.cli.runs import dataset_of_newest, newest_predictions
from physprior.cli.threshold_options import (
    PerWhat,
    Rule,
    ThresholdOptions,
    ThresholdsFile,
    ValidationFile,
)

if TYPE_CHECKING:
    from physprior.eval.predictions import Predictions
    from physprior.eval.report import Report

MEGABYTES = 45


def report_command(
    what: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RUN|PREDICTIONS...",
            help="Predictions, and run folders for their training. The first predictions are the "
            "report's own, others stand beside them.",
            show_default="the project's newest run and its test predictions",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="Folder of the report.",
            show_default="that of the predictions, or RUN/report",
        ),
    ] = None,
    validation: ValidationFile = None,
    rule: Rule = None,
    per: PerWhat = None,
    thresholds: ThresholdsFile = None,
    control: ControlFiles = None,
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            help="Where the dataset lies now.",
            show_default="where it was when it was predicted",
        ),
    ] = None,
    videos: Annotated[
        Path | None,
        typer.Option("--videos", help="Where the videos lie.", show_default="as the dataset says"),
    ] = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    frames: Annotated[
        bool, typer.Option("--frames/--no-frames", help="Show the frames that the model saw.")
    ] = True,
    megabytes: Annotated[
        int,
        typer.Option("--megabytes", min=1, max=1000, help="What the page may spend on frames."),
    ] = MEGABYTES,
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            help="Where frames are kept.",
            show_default="where training kept them, else the user's cache",
        ),
    ] = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Make the report: report.html, report.md, scores.json, CSV files and LaTeX tables.

    The page is one file and needs no network: numbers with intervals, where the model fails, a card
    for each video with the frames and the dialogue, and the lines of the KB to look at. Controls,
    thresholds and explanation scores that lie beside the predictions are taken in.
    """
    asked = ThresholdOptions(validation, rule, per, thresholds)
    asked.check()
    files, runs = _sorted(what or newest_predictions("RUN|PREDICTIONS"))
    if not what:
        dataset = dataset or dataset_of_newest()
    if not files and (validation or thresholds or control):
        raise typer.BadParameter("name predictions, too: these options are about them")
    quiet_libraries()
    from physprior.eval.report.gather import ReportOptions, gather
    from physprior.eval.report.write import write_report
    from physprior.files import make_folder

    # What is left out stands in the report, too, and is told with what is missing there.
    chosen = asked.choose(files[0], tell=False) if files else None
    options = ReportOptions(
        thresholds=chosen,
        controls=tuple(control or ()),
        dataset=dataset,
        videos=videos,
        cache=cache,
        kb=project_kb(kb),
        templates=project_templates(templates),
        frames=frames,
        budget=megabytes * 1_000_000,
        workers=workers,
    )
    folder = out or (files[0].path.parent if files else runs[0] / "report")
    make_folder(folder)
    with Steps() as steps:
        report = gather(files, runs, options, progress=steps)
    written = write_report(report, folder)
    kept = asked.keep(chosen, folder)
    tell_report(report, written)
    if kept:
        say(f"thresholds: {kept}")


def _sorted(what: Sequence[Path]) -> tuple[list[Predictions], list[Path]]:
    """The predictions, read, and the run folders; a run that holds its predictions brings them."""
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report.named import predictions_of

    files, runs = [], []
    for path in what:
        if path.is_dir():
            runs.append(path)
            files += predictions_of(path)
        else:
            files.append(read_predictions(path))
    return files, runs


def tell_report(report: Report, written: Sequence[Path]) -> None:
    """Say what is missing in the report, and where it lies."""
    lines = [*report.missing, *_left_out(report)]
    if lines:
        remark("not in the report:")
        for line in lines:
            remark(f"  {line}")
    if report.strips is not None:
        paragraph(f"frames: {report.strips.note}")
    say(f"report: {written[0]}")


def _left_out(report: Report) -> list[str]:
    """Files beside the predictions that are not of them; the report's data section lists these."""
    if report.evaluation is None:
        return []
    explanations = report.evaluation.explanations
    return [*report.evaluation.unfit_controls, *(explanations.unfit if explanations else ())]
