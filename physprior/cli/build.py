"""``physprior build``: videos, KB and templates become a dataset folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

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
    kb: Annotated[
        Path | None, typer.Option("--kb", help="Folder of the KB entries.  [default: the shipped]")
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option("--templates", help="Folder of the templates.  [default: the shipped]"),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of the split and of the choice of explanations.")
    ] = 0,
    fractions: Annotated[
        str, typer.Option("--fractions", help="Parts of train, val and test; they sum to 1.")
    ] = "0.7,0.1,0.2",
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse to build where a video cannot be used.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Processes that read videos.  [default: one a core]"),
    ] = None,
) -> None:
    """Build a dataset: place and check every video, split, render the dialogues, write it all."""
    from physprior import paths
    from physprior.dataset.compile import build
    from physprior.dialogue.templates import Templates
    from physprior.knowledge.load import load_knowledge

    parts = _parse_fractions(fractions)
    knowledge = load_knowledge(kb or paths.kb_folder())
    with _progress() as progress:
        report = build(
            videos,
            out,
            knowledge=knowledge,
            templates=Templates(templates or paths.templates_folder()),
            mode=mode,
            seed=seed,
            fractions=parts,
            strict=strict,
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
    _print_report(report.manifest, out)


def _parse_fractions(text: str) -> tuple[float, float, float]:
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is not three numbers such as 0.7,0.1,0.2", param_hint="--fractions"
        ) from None
    return train, val, test


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("reading videos"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("videos", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_report(manifest: Manifest, out: Path) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(_table(manifest))
    console.print(f"dataset: {out} (mode {manifest.mode}, split {manifest.split[:12]})")
    for line in _remarks(manifest):
        console.print(line)


def _table(manifest: Manifest) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for title in ("category", "class", "train", "val", "test", "all", "kept together"):
        number = title in ("train", "val", "test", "all")
        table.add_column(title, justify="right" if number else "left")
    sums = {"train": 0, "val": 0, "test": 0}
    for name, category in manifest.categories.items():
        for class_id, counts in category.counts.items():
            row = [str(n) for n in (*counts.values(), sum(counts.values()))]
            table.add_row(name, class_id, *row, category.grouping)
            sums = {split: sums[split] + counts[split] for split in sums}
    table.add_section()
    table.add_row("all", "", *(str(n) for n in (*sums.values(), sum(sums.values()))), "")
    return table


def _remarks(manifest: Manifest) -> Iterator[str]:
    for category, class_id, split in manifest.missing:
        yield f"missing: {category}/{class_id} has no video in {split}"
    for same in manifest.duplicates:
        yield f"same file, kept in one split: {' = '.join(same)}"
    if manifest.ignored:
        kinds = ", ".join(
            f"{n} {ending or '(no ending)'}" for ending, n in manifest.ignored.items()
        )
        yield f"ignored, no videos by their names: {kinds}"
    if manifest.skipped:
        yield f"skipped: {len(manifest.skipped)} videos that cannot be used"
    for skip in manifest.skipped:
        yield f"  {skip.path}: {skip.reason}"
