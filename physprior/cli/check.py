"""``physprior check``: what is wrong with KB files, as a compiler would say it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.console import say


class Format(StrEnum):
    """How each problem is shown."""

    FULL = "full"
    CONCISE = "concise"


def check_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="KB files, or folders that are searched for *.yaml and *.yml.",
            show_default="the shipped KB",
        ),
    ] = None,
    layout: Annotated[
        Format,
        typer.Option(
            "--format", help="full: with the line and the remedy; concise: one line a problem."
        ),
    ] = Format.FULL,
) -> None:
    """Check KB entries; exit with 0 where all is well, 1 on problems, 2 on misuse."""
    from physprior.check import check_paths
    from physprior.paths import kb_folder

    result = check_paths(paths or [kb_folder()])
    for diagnostic in result.diagnostics:
        say(diagnostic.concise() if layout is Format.CONCISE else f"{result.full(diagnostic)}\n")
    say(result.closing())
    if result.diagnostics:
        raise typer.Exit(1)
