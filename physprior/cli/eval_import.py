"""``physprior eval import``: another method's predictions, as a file like our own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from physprior.cli.console import remark, say

_LISTED = 20


def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="The table: CSV with a header line, or JSON lines; video, score, text."
        ),
    ],
    dataset: Annotated[Path, typer.Argument(help="A dataset folder that 'build' has made.")],
    name: Annotated[str, typer.Option("--name", help="What tables shall call the method.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The predictions file (JSONL).")],
    split: Annotated[
        Literal["train", "val", "test"], typer.Option("--split", help="Which split was predicted.")
    ] = "test",
    videos_below: Annotated[
        str | None,
        typer.Option(
            "--videos-below",
            help="The folder below the videos root that the table's paths begin in.",
        ),
    ] = None,
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="Count videos that the table leaves out as missing."),
    ] = False,
) -> None:
    """Import the predictions of another method, to be scored and compared like those of a model."""
    from physprior.eval.importing import ImportOptions, import_predictions

    options = ImportOptions(
        name=name, split=split, below=videos_below or "", allow_missing=allow_missing
    )
    report = import_predictions(file, dataset, out, options)
    for note in report.notes:
        remark(note)
    if report.missing:
        remark(f"missing: {len(report.missing)} videos of the split {split}:")
        for video in report.missing[:_LISTED]:
            remark(f"  {video}")
        if len(report.missing) > _LISTED:
            remark(f"  and {len(report.missing) - _LISTED} more")
    say(
        f"imported {report.imported} videos of the split {split}"
        f" ({report.scores} with a score, {report.texts} with a text): {report.path}"
    )
