"""``physprior data status``: whether a dataset is up to date, and what is not."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from physprior.cli import console
from physprior.cli.options import (
    DEFAULT_WORKERS,
    Dataset,
    Kb,
    TemplatesFolder,
    Workers,
    open_kb,
    open_templates,
    the_dataset,
)


def status_command(
    dataset: Dataset = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    videos: Annotated[
        Path | None,
        typer.Option(
            "--videos",
            help="Where the videos are now: a folder, a list, or an index.",
            show_default="where the dataset was built from",
        ),
    ] = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Say what has changed since a dataset was built; exit with 0 if nothing, 1 if something."""
    from physprior.dataset.status import dataset_status

    dataset = the_dataset(dataset)
    with console.progress("videos") as progress:
        status = dataset_status(
            dataset,
            knowledge=open_kb(kb),
            templates=open_templates(templates),
            videos=videos,
            workers=workers,
            progress=progress,
        )
    for stale in status.stale:
        console.say(f"{stale.category or 'all'}: {stale.why}")
    if status.unseen:
        console.remark(f"not looked at: {status.unseen}")
    if not status.stale:
        console.say(f"up to date: {dataset}")
        return
    # The folders that were named here are no part of the manifest.
    named = {"--kb": kb, "--templates": templates}
    words = [word for flag, folder in named.items() if folder for word in (flag, str(folder))]
    console.say(f"stale; this builds it anew: {status.command} {shlex.join(words)}".rstrip())
    raise typer.Exit(1)
