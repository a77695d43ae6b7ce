"""``physprior score``: every measure with its interval, as a table and for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import list_skipped, remark, say
from physprior.cli.options import ControlFiles
from physprior.cli.runs import newest_predictions
from physprior.cli.scores_table import print_evaluation
from physprior.cli.threshold_options import (
    PerWhat,
    Rule,
    ThresholdOptions,
    ThresholdsFile,
    ValidationFile,
)
from physprior.dataset.names import shown

if TYPE_CHECKING:
    from physprior.eval.explanations.evaluation import Explanations
    from physprior.eval.report import Evaluation

_LISTED = 20


def score_command(
    predictions: Annotated[
        Path | None,
        typer.Argument(
            help="A file that 'predict' or 'eval import' has written.",
            show_default="the test predictions of the project's newest run",
        ),
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option("--beside", help="Predictions of another run on the same videos; repeatable."),
    ] = None,
    validation: ValidationFile = None,
    rule: Rule = None,
    per: PerWhat = None,
    thresholds: ThresholdsFile = None,
    control: ControlFiles = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="Write scores.json into this folder, and the thresholds that were chosen.",
            show_default="no scores.json, thresholds beside the predictions",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every table that a report has.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all numbers, unrounded, as JSON.")
    ] = False,
) -> None:
    """Score predictions: every measure with its interval, printed; with -o for programs, too.

    'physprior report' makes the page. Controls, thresholds and explanation scores that lie beside
    the predictions are taken in.
    """
    if everything and as_json:
        raise typer.BadParameter("--json holds everything already", param_hint="--all")
    options = ThresholdOptions(validation, rule, per, thresholds)
    options.check()
    predictions = predictions or newest_predictions("PREDICTIONS")[0]
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report import Report, evaluate
    from physprior.eval.report.exports.record import record
    from physprior.eval.report.scores_file import write_scores

    file = read_predictions(predictions)
    chosen = options.choose(file)
    evaluation = evaluate(file, beside=beside or (), controls=control or (), thresholds=chosen)
    folder = out or predictions.parent
    report = Report(evaluation)
    # A report's own scores.json holds more, and is not replaced unasked.
    written = write_scores(report, folder) if out else None
    kept = options.keep(chosen, folder)
    if as_json:
        say(json.dumps(record(report), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_evaluation(evaluation, everything=everything)
    tell_what_is_left_out(evaluation)
    tell = remark if as_json else say
    if written:
        tell(f"scores: {written}")
    if kept:
        tell(f"thresholds: {kept}")


def tell_what_is_left_out(evaluation: Evaluation) -> None:
    """Say what has no place in the numbers: nothing is dropped in silence."""
    file = evaluation.scores.predictions
    if file.missing and file.header.source == "import":
        remark(f"{file.missing} videos have no prediction: the imported table left them out")
    elif file.missing:
        remark(f"{file.missing} videos have no prediction yet: run 'predict' again")
    list_skipped(file.skipped, lambda skip: f"{skip.video}: {shown(skip.reason)}")
    explanations = evaluation.explanations
    for reason in (*evaluation.unfit_controls, *(explanations.unfit if explanations else ())):
        remark(f"left out: {reason}")
    if explanations is not None:
        _list_unscored(explanations)


def _list_unscored(explanations: Explanations) -> None:
    from physprior.eval.report.explained_words import unscored

    for title, lines in unscored(explanations):
        remark(f"{title}:")
        for line in lines[:_LISTED]:
            remark(f"  {line}")
        if len(lines) > _LISTED:
            remark(f"  and {len(lines) - _LISTED} more; all of them stand in the report")
