"""``physprior data tokens``: the tokens of a dataset's, or the KB's, dialogues for a model."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physprior.cli.console import quiet_libraries, say, table
from physprior.cli.options import Kb, TemplatesFolder, open_kb, open_templates

if TYPE_CHECKING:
    from physprior.vlm.token_report import Row, TokenReport


def tokens_command(
    tokenizer: Annotated[
        str,
        typer.Option("--tokenizer", help="The model: a checkpoint or run folder, or a hub id."),
    ],
    dataset: Annotated[
        Path | None,
        typer.Argument(
            help="A dataset folder that 'build' has made.",
            show_default="every dialogue of the KB, in every mode",
        ),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option(
            "--frames", min=2, help="Frames of a video.", show_default="8, or those of the run"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    kb: Kb = None,
    templates: TemplatesFolder = None,
) -> None:
    """Count the tokens of dialogues by what they are, and hold the longest against the context.

    Exits with 1 where a dialogue does not fit the model, and says what to shorten.
    """
    if dataset is not None and (kb or templates):
        raise typer.BadParameter(
            "a dataset holds its dialogues already; give these without one",
            param_hint="--kb, --templates",
        )
    from physprior.dataset.folder import Dataset
    from physprior.dataset.records import SPLITS

    opened = None if dataset is None else Dataset.open(dataset)
    knowledge, folder = open_kb(kb), open_templates(templates)
    quiet_libraries()
    from physprior.vlm.token_report import (
        count_tokens,
        dialogues_of,
        kb_dialogues,
        open_token_model,
    )

    model = open_token_model(tokenizer, frames)
    if opened is None:
        report = count_tokens(kb_dialogues(knowledge, folder), model)
    else:
        records = (record for split in SPLITS for record in opened.records(split))
        report = count_tokens(dialogues_of(records), model)
    if as_json:
        say(json.dumps(_as_json(report), indent=2, ensure_ascii=False))
    else:
        print_report(report)
    if report.unfit:
        raise typer.Exit(1)


def print_report(report: TokenReport) -> None:
    """Print a token report: a table a mode, the longest dialogue, and what does not fit."""
    from physprior.vlm.token_report import KINDS, unfit_count, unfit_lines

    modes = list(dict.fromkeys(row.mode for row in report.rows))
    for mode in modes:
        rows = [row for row in report.rows if row.mode == mode]
        kinds = [kind for kind in KINDS if rows[-1].means[kind]]
        say(f"{mode}: tokens of a dialogue, on average\n")
        heads = ("category", "dialogues", *kinds, "all", "verdict's share", "longest")
        table(heads, [_cells(row, kinds) for row in rows], last_apart=True)
        say()
    longest = report.longest
    said = longest.tokens["video"]
    say(f"the verdict's share is that of the supervised tokens; model: {report.model}")
    say(f"a video has {report.frames} × {report.tokens_per_frame} = {said:,} tokens")
    say(
        f"longest: {longest.name}: {longest.total:,} of the {report.context:,} that the model holds"
    )
    if report.unfit:
        say(f"\n{unfit_count(report)}:")
        for line in unfit_lines(report):
            say(f"  {line}")
        say(f"  remedy: {report.remedy(report.unfit[0])}")


def _cells(row: Row, kinds: list[str]) -> list[str]:
    return [
        row.category or "all",
        str(row.count),
        *(f"{row.means[kind]:.0f}" for kind in kinds),
        f"{sum(row.means.values()):.0f}",
        f"{row.share:.0%}",
        f"{row.longest.total:,}",
    ]


def _as_json(report: TokenReport) -> dict[str, Any]:
    return {
        "model": report.model,
        "context": report.context,
        "frames": report.frames,
        "tokens_per_frame": report.tokens_per_frame,
        "rows": [dataclasses.asdict(row) for row in report.rows],
        "unfit": [dataclasses.asdict(counted) for counted in report.unfit],
    }
