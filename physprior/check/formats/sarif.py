"""A check as SARIF 2.1.0, the form in which code hosts and editors take findings of any tool."""

from __future__ import annotations

import json
import os
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from physprior import __version__
from physprior.check.codes import CODES, Code
from physprior.check.diagnostic import Diagnostic, Fix, Position
from physprior.check.formats.place import in_repository, uri
from physprior.check.page import page
from physprior.check.run import Result

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LINK = re.compile(r"\[(?=[^\]]*\]\()")


def render(result: Result) -> str:
    """The log of one run. ASCII alone: no terminal's or pipe's encoding can spoil it.

    Without findings it holds an empty list of results, which says that the check was made.
    """
    places = {code: number for number, code in enumerate(CODES)}
    run = {
        "tool": {"driver": _driver()},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "the repository's root, or where the check was run"}}
        },
        "artifacts": [
            {"location": _location(path), "roles": ["analysisTarget"]} for path in result.files
        ],
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [_result(found, places[found.code]) for found in result.diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _driver() -> dict[str, Any]:
    pages = pages_of_rules()
    return {
        "name": "physprior",
        "version": __version__,
        "rules": [_rule(code, pages) for code in CODES.values()],
    }


def pages_of_rules() -> str | None:
    """Where the rules' pages can be read: below what the package calls its documentation.

    None where it names none: a made-up address would help nobody.
    """
    try:
        links = metadata.metadata("physprior").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    named = dict(link.split(", ", 1) for link in links if ", " in link)
    documentation = named.get("Documentation")
    return f"{documentation.rstrip('/')}/rules" if documentation else None


def _rule(code: Code, pages: str | None) -> dict[str, Any]:
    text = page(code.code)
    rule: dict[str, Any] = {
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": code.summary[:1].upper() + code.summary[1:] + "."},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": code.severity},
    }
    if pages:
        rule["helpUri"] = f"{pages}/{code.code}.md"
    return rule


def _result(found: Diagnostic, rule: int) -> dict[str, Any]:
    position = Position(found.line, found.column, found.end_line, found.end_column)
    location = {"artifactLocation": _location(found.path), "region": _region(position)}
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": found.severity,
        "message": {"text": _plain(f"{found.message}\nRemedy: {found.remedy}")},
        "locations": [{"physicalLocation": location}],
    }
    if found.fix:
        result["fixes"] = [_fix(found.path, found.fix)]
    return result


def _fix(path: Path, fix: Fix) -> dict[str, Any]:
    edits = sorted(fix.edits, key=lambda edit: edit.position)
    replacements = [
        {"deletedRegion": _region(edit.position), "insertedContent": {"text": edit.text}}
        for edit in edits
    ]
    return {
        "description": {"text": _plain(fix.title)},
        "artifactChanges": [{"artifactLocation": _location(path), "replacements": replacements}],
    }


def _region(position: Position) -> dict[str, int]:
    return {
        "startLine": position.line,
        "startColumn": position.column,
        "endLine": position.end_line,
        "endColumn": position.end_column,
    }


def _location(path: Path) -> dict[str, str]:
    inside = in_repository(path)
    if inside is not None:
        return {"uri": uri(inside), "uriBaseId": _ROOT}
    return {"uri": "file://" + uri(Path(os.path.abspath(path)).as_posix())}


def _plain(text: str) -> str:
    """Text as a message that has no placeholders and no links: SARIF 2.1.0, 3.11.5 and 3.11.6."""
    return _LINK.sub(r"\\[", text.replace("{", "{{").replace("}", "}}"))
