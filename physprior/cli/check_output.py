"""What ``physprior check`` prints of one check: findings, counts, and the closing line."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from physprior.cli.check_forms import Format
from physprior.cli.colour import colours
from physprior.cli.console import remark, say, table

if TYPE_CHECKING:
    from physprior.check import Result

_DOCUMENTS = {Format.JSON: "json_document", Format.SARIF: "sarif", Format.JUNIT: "junit"}


def show(result: Result, form: Format, *, statistics: bool = False, closing: str = "") -> None:
    """Print a check: the findings to standard output, what was passed over to standard error.

    ``statistics`` puts a table of counts in the place of the lines for people, behind GitHub's
    annotations, and into JSON. ``closing`` is said in the place of the check's own closing line.
    A document stands alone on standard output: its closing line is a remark.
    """
    if form.is_document:
        # A form is imported when it is asked for: XML's parser is nothing a quick check waits for.
        module = import_module(f"physprior.check.formats.{_DOCUMENTS[form]}")
        say(module.render(result, statistics=True) if statistics else module.render(result))
        _remark_beside(result)
        remark(closing or result.closing())
        return
    _show_lines(result, form, statistics=statistics)
    _remark_beside(result)
    _close(result, closing)


def _show_lines(result: Result, form: Format, *, statistics: bool) -> None:
    from physprior.check.formats import text

    paint = text.coloured if colours(sys.stdout) else text.plain
    if form is Format.GITHUB:
        from physprior.check.formats import annotations

        sys.stdout.write(annotations.render(result))
    elif not statistics:
        write = text.concise if form is Format.CONCISE else text.full
        sys.stdout.write(write(result, paint))
    if statistics and result.diagnostics:
        _show_counts(result)


def _show_counts(result: Result) -> None:
    from physprior.check.formats.statistics import counts

    rows = [[one.code, one.name, one.severity, str(one.findings)] for one in counts(result)]
    table(["code", "name", "severity", "findings"], rows, names=3)
    say()


def _close(result: Result, closing: str) -> None:
    from physprior.check.formats import text

    paint = text.coloured if colours(sys.stdout) else text.plain
    say(closing or text.closing(result, paint))


def _remark_beside(result: Result) -> None:
    for path, count in result.unwritten:
        remark(f"draft: {path} has {count} {'text' if count == 1 else 'texts'} still to be written")
    if result.passed_over:
        listed = ", ".join(str(path) for path in result.passed_over)
        remark(f"passed over, neither KB entry nor template: {listed}")
