"""What ``physprior check`` was asked for: its words, the project's folders, standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from physprior.check.request import Request
from physprior.check.run import Buffer
from physprior.cli.check_forms import Format
from physprior.cli.options import kb_and_templates
from physprior.knowledge.text import LARGEST

_STDIN = Path("-")


def read_request(
    paths: Sequence[Path],
    select: Sequence[str],
    ignore: Sequence[str],
    stdin_filename: Path | None,
    *,
    cache: bool,
) -> Request:
    """The request that the words of a command line make.

    Without a path it is about the project's KB and templates, outside of a project about the
    shipped ones. Raises typer.BadParameter over words that do not go together.
    """
    buffer = None
    if _STDIN in paths or stdin_filename is not None:
        buffer = _read_buffer(paths, stdin_filename)
        paths = [buffer.path]
    looked_at = tuple(paths or kb_and_templates())
    return Request(looked_at, tuple(select), tuple(ignore), cache, buffer)


def refuse_together(form: Format, request: Request, *, statistics: bool, watch: bool) -> None:
    """Raise typer.BadParameter where options exclude each other."""
    if watch and form not in (Format.FULL, Format.CONCISE):
        raise typer.BadParameter(
            f"it goes on and on, and --format {form.value} is for programs that wait for an end; "
            "use full or concise",
            param_hint="'--watch'",
        )
    if watch and request.buffer is not None:
        raise typer.BadParameter(
            "standard input is read once; name files or folders", param_hint="'--watch'"
        )
    if statistics and form in (Format.SARIF, Format.JUNIT):
        raise typer.BadParameter(
            f"--format {form.value} has no place for counts; use json",
            param_hint="'--statistics'",
        )


def _read_buffer(paths: Sequence[Path], named: Path | None) -> Buffer:
    if list(paths) != [_STDIN]:
        raise typer.BadParameter(
            "it says what file '-', standard input, stands for: give '-' and no other path",
            param_hint="'--stdin-filename'",
        )
    if named is None:
        raise typer.BadParameter(
            "standard input has no name, and what a file is called decides what it is checked "
            "as; add --stdin-filename kb/CATEGORY.yaml",
            param_hint="'-'",
        )
    if named.is_dir():
        raise typer.BadParameter(f"{named} is a folder", param_hint="'--stdin-filename'")
    if sys.stdin is None:  # As under a shell's `<&-`.
        raise typer.BadParameter("standard input is closed", param_hint="'-'")
    return Buffer(named, sys.stdin.buffer.read(LARGEST + 1))
