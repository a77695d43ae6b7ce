"""``physprior check``: what is wrong with KB files and templates, as a compiler would say it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.check_forms import Format
from physprior.cli.completion import rules


def check_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="KB files, templates, or folders that are searched for *.yaml, *.yml and *.j2; "
            "'-' is standard input.",
            show_default="the project's KB and templates, else the shipped ones",
        ),
    ] = None,
    layout: Annotated[
        Format,
        typer.Option(
            "--format",
            help="full: with the line and the remedy; concise: one line a problem; json, sarif, "
            "junit: a document; github: annotations.",
        ),
    ] = Format.FULL,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="RULES",
            help="Listen to these rules alone: codes, their beginnings or names; may be repeated.",
            show_default="all",
            autocompletion=rules,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="RULES",
            help="Listen to all rules but these.",
            show_default="none",
            autocompletion=rules,
        ),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Make the fixes that leave the meaning; other bytes stay."),
    ] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="With --fix or --diff: also those that guess it."),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff", help="Show what --fix would change, and write nothing."),
    ] = False,
    statistics: Annotated[
        bool,
        typer.Option("--statistics", help="Count the findings of each rule; json counts, too."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file is saved, until Ctrl-C.")
    ] = False,
    stdin_filename: Annotated[
        Path | None,
        typer.Option(
            "--stdin-filename",
            metavar="PATH",
            help="With '-': the file that standard input stands for, as an editor's buffer does.",
            show_default="none",
        ),
    ] = None,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Look at every file again, and remember nothing."),
    ] = False,
) -> None:
    """Check KB entries and templates; exit with 0 where all is well, 1 on problems, 2 on misuse."""
    from physprior.cli.check_output import show
    from physprior.cli.check_request import read_request, refuse_together

    request = read_request(
        paths or [], select or [], ignore or [], stdin_filename, cache=not no_cache
    )
    refuse_together(layout, request, statistics=statistics, watch=watch)
    shown = partial(show, form=layout, statistics=statistics)
    if fix or diff or unsafe_fixes:
        from physprior.cli import check_fixes as fixes

        chosen = fixes.Chosen(fix=fix, unsafe=unsafe_fixes, diff=diff)
        fixes.refuse_fixes(request, layout, chosen, statistics=statistics, watch=watch)
        fixes.follow(request, shown, chosen)
    if watch:
        from physprior.cli.check_watch import watch_files

        watch_files(request, shown)
    result = request.check()
    shown(result)
    if result.diagnostics:
        from physprior.cli.check_fixes import remark_fixable

        remark_fixable(result)
        raise typer.Exit(1)
