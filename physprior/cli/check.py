"""``physprior check``: what is wrong with KB files and templates, as a compiler would say it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.console import remark, say


class Format(StrEnum):
    """How each problem is shown."""

    FULL = "full"
    CONCISE = "concise"


def check_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="KB files, templates, or folders that are searched for *.yaml, *.yml and *.j2.",
            show_default="the shipped KB and templates",
        ),
    ] = None,
    layout: Annotated[
        Format,
        typer.Option(
            "--format", help="full: with the line and the remedy; concise: one line a problem."
        ),
    ] = Format.FULL,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="RULES",
            help="Listen to these rules alone: codes, their beginnings or names; may be repeated.",
            show_default="all",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="RULES",
            help="Listen to all rules but these.",
            show_default="none",
        ),
    ] = None,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Look at every file again, and remember nothing."),
    ] = False,
) -> None:
    """Check KB entries and templates; exit with 0 where all is well, 1 on problems, 2 on misuse."""
    from physprior.check import check_paths
    from physprior.paths import kb_folder, templates_folder

    result = check_paths(
        paths or [kb_folder(), templates_folder()],
        select=select or (),
        ignore=ignore or (),
        cache=not no_cache,
    )
    for diagnostic in result.diagnostics:
        say(diagnostic.concise() if layout is Format.CONCISE else f"{result.full(diagnostic)}\n")
    if result.passed_over:
        listed = ", ".join(str(path) for path in result.passed_over)
        remark(f"passed over, neither KB entry nor template: {listed}")
    say(result.closing())
    if result.diagnostics:
        raise typer.Exit(1)
