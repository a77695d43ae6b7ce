"""Findings as GitHub's workflow commands, which show each of them beside its line in a review."""

from __future__ import annotations

from physprior.check.diagnostic import Diagnostic
from physprior.check.formats.place import in_repository
from physprior.check.run import Result

_IN_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_TEXT | str.maketrans({":": "%3A", ",": "%2C"})


def render(result: Result) -> str:
    """One command a finding, each on a line; nothing at all where nothing was found."""
    return "".join(f"{_command(found)}\n" for found in result.diagnostics)


def _command(found: Diagnostic) -> str:
    properties: dict[str, object] = {
        "file": in_repository(found.path) or found.path,
        "line": found.line,
        "endLine": found.end_line,
    }
    if found.line == found.end_line:
        # The runner drops the columns of a finding of several lines, and complains of them.
        properties |= {"col": found.column, "endColumn": found.end_column}
    properties["title"] = f"{found.code} {found.name}"
    listed = ",".join(
        f"{key}={str(value).translate(_IN_PROPERTY)}" for key, value in properties.items()
    )
    text = f"{found.message}\nremedy: {found.remedy}".translate(_IN_TEXT)
    return f"::{found.severity} {listed}::{text}"
