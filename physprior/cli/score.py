"""``physprior score``: AUROC per category, a table, and a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import list_skipped, remark, say, table

if TYPE_CHECKING:
    from physprior.eval.scoring import Scores


def score_command(
    predictions: Annotated[Path, typer.Argument(help="A file that 'predict' has written.")],
    beside: Annotated[
        Path | None,
        typer.Option("--beside", help="Predictions of another model on the same videos."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Folder of the report.", show_default="that of the predictions"
        ),
    ] = None,
) -> None:
    """Score predictions: AUROC per category and macro, with a report as Markdown and HTML."""
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report import write_report
    from physprior.eval.scoring import same_videos, score

    scores = score(read_predictions(predictions))
    other = score(read_predictions(beside)) if beside else None
    if other is not None:
        same_videos(scores.predictions, other.predictions)
    folder = out or predictions.parent
    _, html = write_report(scores, folder, beside=other)
    print_scores(scores, other)
    say(f"report: {html}")


def print_scores(scores: Scores, beside: Scores | None) -> None:
    """Print the table, how the answers were read, and what was skipped."""
    from physprior.eval.report import heads, rows

    table(
        heads(beside is not None),
        [row.cells() for row in rows(scores, beside)],
        last_apart=True,
    )
    if scores.parse_rate is not None:
        read = ", ".join(f"{count} {status}" for status, count in sorted(scores.parsing.items()))
        say(f"answers with a readable verdict: {scores.parse_rate:.1%} ({read})")
    if scores.predictions.missing:
        remark(f"{scores.predictions.missing} videos have no prediction yet: run 'predict' again")
    list_skipped(scores.predictions.skipped, lambda skip: f"{skip.video}: {skip.reason}")
