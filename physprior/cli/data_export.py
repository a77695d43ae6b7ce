"""``physprior data export``: a dataset in the file format of another project."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from physprior.cli import console
from physprior.cli.options import Dataset, the_dataset


class SplitChoice(StrEnum):
    """A split of the dataset; typer takes no list of literals."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


def export_command(
    out: Annotated[
        Path,
        typer.Option("-o", "--out", help="Folder to write; an export that is there is replaced."),
    ],
    form: Annotated[
        Literal["trl", "sharegpt", "llava", "parquet"],
        typer.Option(
            "--format",
            help="trl: TRL; sharegpt: LLaMA-Factory; llava: the original Video-LLaVA; parquet.",
        ),
    ],
    dataset: Dataset = None,
    splits: Annotated[
        list[SplitChoice] | None,
        typer.Option("--split", help="A split to export; repeatable.", show_default="all"),
    ] = None,
    paths: Annotated[
        Literal["absolute", "relative", "copy"],
        typer.Option(
            "--paths",
            help="How rows name videos: where they lie; from the videos' folder; or copied beside.",
        ),
    ] = "absolute",
    videos: Annotated[
        Path | None,
        typer.Option("--videos", help="Where the videos lie.", show_default="as the dataset says"),
    ] = None,
) -> None:
    """Write a dataset in another project's format: one file a split, and a README.

    The dialogues are those that the dataset was built with; reference sentences are not in them.
    """
    from physprior.dataset import folder
    from physprior.dataset.export.write import export
    from physprior.dataset.records import SPLITS

    opened = folder.Dataset.open(the_dataset(dataset), videos_root=videos)
    wanted = [split for split in SPLITS if not splits or split in splits]
    with console.progress("copy") as progress:
        report = export(opened, out, form, splits=wanted, paths=paths, progress=progress)
    manifest = report.manifest
    rows = [
        (split, report.files.get(split, "none"), str(count))
        for split, count in manifest.rows.items()
    ]
    total = str(sum(manifest.rows.values()))
    console.table(("split", "file", "dialogues"), [*rows, ("all", "", total)], last_apart=True)
    console.say(f"export: {out} ({form}, mode {manifest.mode}, split {manifest.split[:12]})")
