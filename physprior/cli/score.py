"""``physprior score``: every measure with its interval, as a table and as a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.console import list_skipped, remark, say
from physprior.cli.scores_table import print_evaluation
from physprior.dataset.names import shown

if TYPE_CHECKING:
    from physprior.eval.explanations.evaluation import Explanations
    from physprior.eval.report import Evaluation
    from physprior.eval.thresholds import Thresholds

Per = Literal["category", "global"]
RULE = "youden"
PER: Per = "category"
_LISTED = 20


def score_command(
    predictions: Annotated[
        Path, typer.Argument(help="A file that 'predict' or 'eval import' has written.")
    ],
    beside: Annotated[
        list[Path] | None,
        typer.Option("--beside", help="Predictions of another run on the same videos; repeatable."),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(
            "--validation",
            help="The model's predictions of the val split, to choose thresholds on.",
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            help="What a threshold is chosen by: youden, f1, accuracy, fpr=0.05, or zero.",
            show_default=RULE,
        ),
    ] = None,
    per: Annotated[
        Per | None,
        typer.Option(
            "--per", help="A threshold for each category, or one for all.", show_default=PER
        ),
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option("--thresholds", help="A thresholds.json that was written earlier."),
    ] = None,
    control: Annotated[
        list[Path] | None,
        typer.Option(
            "--control",
            help="Predictions that the same model made with --control; repeatable.",
            show_default="those beside the predictions",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Folder of the report.", show_default="that of the predictions"
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every table of the report.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all numbers, unrounded, as JSON.")
    ] = False,
) -> None:
    """Score predictions: every measure with its interval, and a report as Markdown and HTML.

    Controls and explanation scores that lie beside the predictions are shown with them.
    """
    if everything and as_json:
        raise typer.BadParameter("--json holds everything already", param_hint="--all")
    if validation is None and (rule or per):
        name = "--rule" if rule else "--per"
        raise typer.BadParameter("it needs --validation to choose on", param_hint=name)
    if validation is not None and thresholds is not None:
        raise typer.BadParameter("name --validation or --thresholds", param_hint="--thresholds")
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report import evaluate, write_report

    chosen = _thresholds(validation, rule or RULE, per or PER, thresholds)
    evaluation = evaluate(
        read_predictions(predictions),
        beside=beside or (),
        controls=control or (),
        thresholds=chosen,
    )
    folder = out or predictions.parent
    _, html = write_report(evaluation, folder)
    kept = _keep(chosen, folder) if chosen and validation else None
    if as_json:
        from physprior.eval.report.exports.record import record

        say(json.dumps(record(evaluation), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_evaluation(evaluation, everything=everything)
    _tell_what_is_left_out(evaluation)
    tell = remark if as_json else say
    tell(f"report: {html}")
    if kept:
        tell(f"thresholds: {kept}")


def _thresholds(
    validation: Path | None,
    rule: str,
    per: Per,
    path: Path | None,
) -> Thresholds | None:
    from physprior.eval.predictions import read_predictions
    from physprior.eval.thresholds import choose_thresholds, read_thresholds

    if path is not None:
        return read_thresholds(path)
    if validation is None:
        return None
    return choose_thresholds(read_predictions(validation), rule, per)


def _keep(thresholds: Thresholds, folder: Path) -> Path:
    from physprior.eval.thresholds import FILE_NAME, write_thresholds

    write_thresholds(folder / FILE_NAME, thresholds)
    return folder / FILE_NAME


def _tell_what_is_left_out(evaluation: Evaluation) -> None:
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
