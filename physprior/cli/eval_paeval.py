"""``physprior eval paeval``: the table of PAEval for predictions that a judge was asked about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import remark, say
from physprior.cli.options import open_kb
from physprior.cli.paeval_table import list_unscored, print_paeval
from physprior.dataset.names import shown
from physprior.errors import JudgeError

if TYPE_CHECKING:
    from physprior.eval.paeval.scores import PaevalScores


def paeval_command(
    predictions: Annotated[
        Path, typer.Argument(help="A file that 'predict' or 'eval import' has written.")
    ],
    replies: Annotated[
        Path | None,
        typer.Option(
            "--replies",
            help="What 'eval judge --profile paeval' has written.",
            show_default="that beside the predictions",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="A result file to write (JSON).")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all numbers, unrounded, as JSON.")
    ] = False,
) -> None:
    """Print Phys-AD's three numbers: classification, description and explanation."""
    from physprior.eval.paeval.record import refuse_other
    from physprior.eval.paeval.scores import prediction_scores
    from physprior.eval.predictions import read_predictions

    if out:
        refuse_other(out)
    tell_paeval(prediction_scores(read_predictions(predictions), replies), out, as_json)


def import_raw(
    raw_output: Path,
    *,
    kb: Path | None,
    name: str | None,
    skip_unknown: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Print the aggregate of the official judge's raw output (``eval import --paeval``).

    Raises JudgeError where it cannot be read, or none of its replies is a number.
    """
    from physprior.eval.paeval.raw import read_raw
    from physprior.eval.paeval.record import refuse_other
    from physprior.eval.paeval.scores import raw_scores

    if out:
        refuse_other(out)
    raw = read_raw(raw_output, open_kb(kb), skip_unknown=skip_unknown)
    if all(one.value is None for one in raw.replies):
        first = raw.replies[0]
        raise JudgeError(
            f"{raw_output}: none of its replies is a number for sure; the first, {first.path}, is "
            f"{first.reason}",
            remedy="see that these are the judge's replies about similarity, a number each",
        )
    tell_paeval(raw_scores(raw, shown(name or raw_output.stem)), out, as_json)
    for note in raw.remarks:
        remark(f"{raw.source}: {note.path}: {note.said}")
    for one in raw.unplaced:
        remark(f"{raw.source}: {one.path}: left out: {one.reason}")


def tell_paeval(scores: PaevalScores, out: Path | None, as_json: bool) -> None:
    """Print the scores as tables or JSON, and write them where ``out`` says."""
    from physprior.eval.paeval.record import record, write_record

    if as_json:
        say(json.dumps(record(scores), indent=2, ensure_ascii=False, allow_nan=False))
        list_unscored(scores)
    else:
        print_paeval(scores)
    if out:
        write_record(scores, out)
        (remark if as_json else say)(f"result: {out}")
