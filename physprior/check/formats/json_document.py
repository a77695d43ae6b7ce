"""A check as JSON for programs; docs/check.md has every key, and what ``version`` promises."""

from __future__ import annotations

import json
from typing import Any

from physprior.check.diagnostic import Diagnostic, Edit, Position
from physprior.check.formats.statistics import counts
from physprior.check.run import Result

VERSION = 1
"""Raised when a key loses its meaning or goes; a new key beside the others raises nothing."""


def render(result: Result, *, statistics: bool = False) -> str:
    """The document. ASCII alone: no terminal's or pipe's encoding can spoil it."""
    found = [one.severity for one in result.diagnostics]
    document: dict[str, Any] = {
        "version": VERSION,
        "files": [str(path) for path in result.files],
        "passed_over": [str(path) for path in result.passed_over],
        "findings": [_finding(one) for one in result.diagnostics],
        "summary": {
            "files": len(result.files),
            "findings": len(found),
            "errors": found.count("error"),
            "warnings": found.count("warning"),
        },
    }
    if statistics:
        document["statistics"] = [
            {
                "code": one.code,
                "name": one.name,
                "severity": one.severity,
                "findings": one.findings,
            }
            for one in counts(result)
        ]
    return json.dumps(document, indent=2)


def _finding(found: Diagnostic) -> dict[str, Any]:
    fix = found.fix
    return {
        "file": str(found.path),
        "line": found.line,
        "column": found.column,
        "end_line": found.end_line,
        "end_column": found.end_column,
        "code": found.code,
        "name": found.name,
        "severity": found.severity,
        "message": found.message,
        "remedy": found.remedy,
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "safe": fix.safe,
            "edits": [_edit(edit) for edit in sorted(fix.edits, key=_place)],
        },
    }


def _place(edit: Edit) -> Position:
    return edit.position


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "line": edit.position.line,
        "column": edit.position.column,
        "end_line": edit.position.end_line,
        "end_column": edit.position.end_column,
        "text": edit.text,
    }
