"""Findings for people: with the line and the remedy, or one line each; with or without colours."""

from __future__ import annotations

import re
from collections.abc import Callable

from physprior.check.diagnostic import Diagnostic
from physprior.check.run import Result

Paint = Callable[[str, str], str]
"""A text in a style: ``red``, ``yellow``, ``green``, ``faint``, ``bold``."""

_STYLES = {"bold": "1", "faint": "2", "red": "31", "green": "32", "yellow": "33"}
_MARGIN = re.compile(r"(?P<margin> *\d* \|)(?P<text>.*)", re.DOTALL)
_CARET = re.compile(r"\^+")
_REMEDY = "  remedy:"


def full(result: Result, paint: Paint) -> str:
    """Every finding with its line, a caret and the remedy, a blank line after each."""
    return "".join(f"{_framed(found, result, paint)}\n\n" for found in result.diagnostics)


def concise(result: Result, paint: Paint) -> str:
    """Every finding on one line."""
    return "".join(f"{_head(found, paint)}\n" for found in result.diagnostics)


def closing(result: Result, paint: Paint) -> str:
    """The closing line of a check."""
    return paint(result.closing(), "red" if result.diagnostics else "green")


def coloured(text: str, style: str) -> str:
    """A text in a style for a terminal."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if text else ""


def plain(text: str, _style: str) -> str:
    """The text as it is, whatever the style."""
    return text


def _framed(found: Diagnostic, result: Result, paint: Paint) -> str:
    said = result.full(found)
    if paint is plain:
        return said
    # A file's name may hold line breaks, so that the lines are counted behind the head.
    frame = said[len(found.concise()) :].split("\n")
    style = _style(found)
    return _head(found, paint) + "\n".join(_line(line, style, paint) for line in frame)


def _line(line: str, style: str, paint: Paint) -> str:
    if line.startswith(_REMEDY):
        return paint(_REMEDY, "green") + line.removeprefix(_REMEDY)
    match = _MARGIN.fullmatch(line)
    if match is None:
        return line
    text = match["text"]
    if not match["margin"].strip(" |"):
        text = _CARET.sub(lambda caret: paint(caret[0], style), text)
    return paint(match["margin"], "faint") + text


def _head(found: Diagnostic, paint: Paint) -> str:
    place = paint(f"{found.path}:{found.line}:{found.column}:", "bold")
    return f"{place} {paint(f'{found.code} {found.name}:', _style(found))} {found.message}"


def _style(found: Diagnostic) -> str:
    return "red" if found.severity == "error" else "yellow"
