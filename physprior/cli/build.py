"""``physprior build``: videos, KB and templates become a dataset folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli import console
from physprior.cli.options import (
    DEFAULT_WORKERS,
    Kb,
    TemplatesFolder,
    Workers,
    open_kb,
    open_templates,
)

if TYPE_CHECKING:
    from physprior.dataset.manifest import Manifest


def build_command(
    videos: Annotated[
        Path,
        typer.Argument(help="Folder of the videos: <category>/train and <category>/test/<class>."),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", help="Dataset folder to write; a dataset that is there is replaced."
        ),
    ],
    mode: Annotated[
        str, typer.Option("--mode", help="How the prior is delivered: a template's name.")
    ] = "multi_turn",
    kb: Kb = None,
    templates: TemplatesFolder = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of the split and of the choice of explanations.")
    ] = 0,
    fractions: Annotated[
        str, typer.Option("--fractions", help="Parts of train, val and test; they sum to 1.")
    ] = "0.7,0.1,0.2",
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse to build where a video cannot be used.")
    ] = False,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Build a dataset: place and check every video, split, render the dialogues, write it all."""
    from physprior.check import refuse_errors
    from physprior.dataset.compile import build
    from physprior.paths import kb_folder

    parts = _parse_fractions(fractions)
    knowledge, folder = open_kb(kb), open_templates(templates)
    # Before any video is looked at: what the check refuses would be taught.
    checked = refuse_errors([kb or kb_folder(), folder.path(mode)])
    with console.progress("videos") as progress:
        report = build(
            videos,
            out,
            knowledge=knowledge,
            templates=folder,
            mode=mode,
            seed=seed,
            fractions=parts,
            strict=strict,
            workers=workers,
            progress=progress,
        )
    manifest = report.manifest
    _print_counts(manifest)
    for line in _remarks(manifest):
        console.say(line)
    if checked.diagnostics:
        console.say(f"the check has warnings: {checked.closing()}")
    console.say(f"dataset: {out} (mode {manifest.mode}, split {manifest.split[:12]})")
    console.list_skipped(manifest.skipped, lambda skip: f"{skip.path}: {skip.reason}")


def _parse_fractions(text: str) -> tuple[float, float, float]:
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is not three numbers such as 0.7,0.1,0.2", param_hint="--fractions"
        ) from None
    return train, val, test


def _print_counts(manifest: Manifest) -> None:
    rows = [
        (f"{name}/{class_id}", *counts.values(), sum(counts.values()))
        for name, category in manifest.categories.items()
        for class_id, counts in category.counts.items()
    ]
    totals = ("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    heads = ("class", "train", "val", "test", "all")
    console.table(heads, [[str(cell) for cell in row] for row in (*rows, totals)], last_apart=True)


def _remarks(manifest: Manifest) -> Iterator[str]:
    for grouping in ("instance", "video"):
        grouped = [name for name, made in manifest.categories.items() if made.grouping == grouping]
        if grouped:
            yield f"split by {grouping}: {', '.join(grouped)}"
    for category, class_id, split in manifest.missing:
        yield f"missing: {category}/{class_id} has no video in {split}"
    for same in manifest.duplicates:
        yield f"same file, kept in one split: {' = '.join(same)}"
    if manifest.ignored:
        kinds = ", ".join(
            f"{n} {ending or '(no ending)'}" for ending, n in manifest.ignored.items()
        )
        yield f"ignored, no videos by their names: {kinds}"
