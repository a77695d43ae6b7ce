"""``physprior check --fix`` and ``--diff``: what fixes make of files, written or shown."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer

from physprior.check import Result
from physprior.check.repair import Repair, fixable, repair
from physprior.check.request import Request
from physprior.check.run import count
from physprior.cli.check_forms import Format
from physprior.cli.console import remark
from physprior.edit.patch import unified
from physprior.edit.replace import replace_file
from physprior.errors import OutputError
from physprior.knowledge.text import LARGEST

Show = Callable[..., None]
"""Prints a check; its ``closing`` is said in the place of the check's own closing line."""


@dataclass(frozen=True)
class Chosen:
    """What was asked for about fixes; at least one of them."""

    fix: bool
    unsafe: bool
    diff: bool


def follow(request: Request, show: Show, chosen: Chosen) -> NoReturn:
    """Do what was asked for, and exit."""
    if chosen.diff:
        show_difference(request, unsafe=chosen.unsafe)
    fix_files(request, show, unsafe=chosen.unsafe)


def refuse_fixes(
    request: Request, form: Format, chosen: Chosen, *, watch: bool, statistics: bool
) -> None:
    """Raise typer.BadParameter where the options of fixes do not go with others."""
    diff = chosen.diff
    if not (chosen.fix or diff):
        raise typer.BadParameter(
            "it says which fixes --fix makes and --diff shows; add one of them",
            param_hint="'--unsafe-fixes'",
        )
    option = "'--diff'" if diff else "'--fix'"
    if watch:
        raise typer.BadParameter(
            "what is being typed is not to be changed under the hands that type; leave --watch out",
            param_hint=option,
        )
    if diff and (form is not Format.FULL or statistics):
        raise typer.BadParameter(
            "a difference is all that it prints; leave --format and --statistics out",
            param_hint=option,
        )
    buffer = request.buffer
    if buffer is not None and len(buffer.data) > LARGEST:
        raise typer.BadParameter(
            f"standard input has more than {LARGEST:,} bytes, and is not read to its end",
            param_hint=option,
        )


def show_difference(request: Request, *, unsafe: bool) -> NoReturn:
    """Print what fixes would change as a unified diff; exit with 1 where that is anything."""
    done = repair(request.check, unsafe=unsafe)
    for path, before in done.before.items():
        _write(unified(str(path), before, done.after[path]))
    _remark_refused(done)
    remark(_would(done) + ("" if unsafe else _guesses(done)))
    raise typer.Exit(1 if done.fixed else 0)


def fix_files(request: Request, show: Show, *, unsafe: bool) -> NoReturn:
    """Make the fixes, and show what is left; exit with 1 where that is anything.

    Of standard input the fixed text goes to standard output, and what is left to standard error.
    Each file that cannot be replaced is said, the others are all the same, and it exits with 2.
    """
    done = repair(request.check, unsafe=unsafe)
    if request.buffer is not None:
        _write(done.after.get(request.buffer.path, request.buffer.data))
        with contextlib.redirect_stdout(sys.stderr):
            _close(done, show)
    elif failed := _replace(done):
        for error in failed.values():
            remark(f"error: {error}")
        _close(_without(done, failed, request), show)
        raise typer.Exit(2)
    else:
        _close(done, show)
    raise typer.Exit(1 if done.result.diagnostics else 0)


def remark_fixable(result: Result) -> None:
    """Say how many findings could be fixed, where any could."""
    safe = sum(fixable(found, unsafe=False) for found in result.diagnostics)
    unsafe = sum(fixable(found, unsafe=True) for found in result.diagnostics) - safe
    if safe:
        more = f", and {unsafe} more with --unsafe-fixes" if unsafe else ""
        remark(f"{safe} of them can be fixed with --fix{more}; --diff shows how")
    elif unsafe:
        remark(
            f"{unsafe} of them can be fixed with --fix --unsafe-fixes, by a guess; "
            "--diff --unsafe-fixes shows how"
        )


def _replace(done: Repair) -> dict[Path, OutputError]:
    """Write what fixes made; the files that could not be, each with the reason."""
    failed = {}
    for path, before in done.before.items():
        try:
            replace_file(path, before, done.after[path])
        except OutputError as error:
            failed[path] = error
        else:
            for one in done.fixed:
                if one.path == path and one.fix:
                    remark(f"fixed {path}:{one.line}: {one.code} {one.name}: {one.fix.title}")
    return failed


def _without(done: Repair, failed: Container[Path], request: Request) -> Repair:
    """What fixes have come to where some files could not be written, by the files as they are."""
    return replace(
        done,
        before={path: data for path, data in done.before.items() if path not in failed},
        fixed=tuple(one for one in done.fixed if one.path not in failed),
        refused=tuple(one for one in done.refused if one[0].path not in failed),
        result=request.check(),
    )


def _close(done: Repair, show: Show) -> None:
    _remark_refused(done)
    closing = ""
    if done.fixed:
        files = count(len(done.before), "file")
        closing = f"{count(len(done.fixed), 'problem')} fixed in {files}; {done.result.closing()}"
    show(done.result, closing=closing)


def _remark_refused(done: Repair) -> None:
    for one, brings in done.refused:
        title = one.fix.title if one.fix else ""
        remark(f"not fixed {one.path}:{one.line}: {one.code}: to {title} would bring {brings}")


def _would(done: Repair) -> str:
    if not done.fixed:
        return "nothing to fix"
    fixed, files = count(len(done.fixed), "problem"), count(len(done.before), "file")
    return f"{fixed} would be fixed in {files}, {len(done.result.diagnostics)} would be left"


def _guesses(done: Repair) -> str:
    """What of the rest --unsafe-fixes has a fix for; a safe fix that was refused is none of it."""
    refused = {(one.path, one.code, one.message) for one, _ in done.refused}
    guesses = sum(
        fixable(one, unsafe=True) and (one.path, one.code, one.message) not in refused
        for one in done.result.diagnostics
    )
    return f"; --unsafe-fixes has a fix for {guesses}, by a guess" if guesses else ""


def _write(data: bytes) -> None:
    # By the byte: a text stream would write line ends of its own.
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
