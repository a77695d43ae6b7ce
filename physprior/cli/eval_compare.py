"""``physprior eval compare``: runs on the same videos beside a reference, with paired tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.console import paragraph, remark, say, table
from physprior.errors import PredictionError

if TYPE_CHECKING:
    from physprior.eval.compare import ComparedRuns
    from physprior.eval.thresholds import Thresholds


_RULE = "youden"
_PER: Literal["category"] = "category"


def compare_command(
    reference: Annotated[
        Path, typer.Argument(help="Predictions that the others are compared with.")
    ],
    others: Annotated[list[Path], typer.Argument(help="Predictions of the same videos.")],
    validation: Annotated[
        list[Path] | None,
        typer.Option(
            "--validation",
            help="Validation predictions that choose the thresholds of hard verdicts: one file for "
            "each run, in the runs' order.",
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            help="What a threshold is chosen by: youden, f1, accuracy, fpr=0.05, or zero.",
            show_default=_RULE,
        ),
    ] = None,
    per: Annotated[
        Literal["category", "global"] | None,
        typer.Option(
            "--per", help="A threshold for each category, or one for all.", show_default=_PER
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Markdown file to write as well.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, its numbers not rounded.")
    ] = False,
) -> None:
    """Compare runs on the same videos: differences of AUROC with intervals, p and Holm's p."""
    if not validation and (rule or per):
        name = "--rule" if rule else "--per"
        raise typer.BadParameter("it needs --validation to choose on", param_hint=name)
    from physprior import files
    from physprior.eval import compare_page
    from physprior.eval.compare import compare_all
    from physprior.eval.predictions import read_predictions

    read = [read_predictions(path) for path in (reference, *others)]
    chosen = _thresholds(validation, len(read), rule or _RULE, per or _PER) if validation else None
    runs = compare_all(read[0], read[1:], thresholds=chosen)
    if out is not None:
        files.write_text(out, compare_page.markdown(runs))
    if as_json:
        say(json.dumps(compare_page.as_json(runs), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(runs)
    if out is not None:
        remark(f"written: {out}")


def _thresholds(
    validation: list[Path], runs: int, rule: str, per: Literal["category", "global"]
) -> list[Thresholds]:
    from physprior.eval.predictions import read_predictions
    from physprior.eval.thresholds import choose_thresholds

    if len(validation) != runs:
        raise PredictionError(
            f"{runs} runs are compared, and {len(validation)} validation files are named",
            remedy="name --validation once for each run, the reference's first",
        )
    return [choose_thresholds(read_predictions(path), rule, per) for path in validation]


def _print(runs: tuple[ComparedRuns, ...]) -> None:
    from physprior.eval import compare_page, compare_words

    for line in compare_page.legend(runs):
        say(line)
    for place, one in enumerate(runs, 1):
        b = compare_words.letter(place)
        for page in (
            compare_page.ranking_table(one, b),
            compare_page.table_of_tests(one, b, len(runs)),
            *compare_page.tables_of_explanations(one, b),
        ):
            say()
            table(page.heads, page.rows, last_apart=page.apart, names=page.names)
            for note in page.notes:
                paragraph(note)
        say()
        for sentence in compare_words.remarks(one, b):
            paragraph(sentence)
        for sentence in (
            *compare_words.conclusions(one, b, len(runs)),
            *compare_words.explained(one, b, len(runs)),
        ):
            paragraph(sentence)
