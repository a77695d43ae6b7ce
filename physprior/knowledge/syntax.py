"""YAML's own complaints, put into the words of the engineer who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from physprior.knowledge.diagnostic import START, Position

# PyYAML's own scanner lets chr() refuse an escape such as "\\Uffffffff".
PARSER_ERRORS = (yaml.YAMLError, ValueError, OverflowError)
"""What either event parser raises over malformed text."""

QUOTE_IT = "put the whole text between double quotes"


@dataclass(frozen=True)
class Complaint:
    """A YAML error: where it is, what is wrong, what to do."""

    position: Position
    message: str
    remedy: str


@dataclass(frozen=True)
class _Error:
    """A YAML error as both event parsers, libyaml's and PyYAML's own, report it."""

    problem: str
    context: str
    at: Position
    """Where the parser gave up."""
    began: Position
    """Where the thing began that it was reading."""
    line: str
    """The line on which it gave up."""
    opening: str
    """The character where that thing began."""

    @property
    def before(self) -> str:
        """What stands before the spot on its line."""
        return self.line[: self.at.column - 1]

    @property
    def character(self) -> str:
        """The character at the spot, or nothing at the line's end."""
        return self.line[self.at.column - 1 : self.at.column]


def explain(error: Exception, lines: Sequence[str]) -> Complaint:
    """What a YAML error means; the parser's own words where no better ones are known."""
    read = _reading(error, lines)
    for applies, complain in _COMPLAINTS:
        if applies(read):
            return complain(read)
    return Complaint(read.at, f"not valid YAML: {read.problem}", QUOTE_IT + ", if this is text")


def _reading(error: Exception, lines: Sequence[str]) -> _Error:
    mark = getattr(error, "problem_mark", None)
    at, began = _position(mark), _position(getattr(error, "context_mark", None) or mark)
    return _Error(
        problem=getattr(error, "problem", None) or str(error),
        context=getattr(error, "context", None) or "",
        at=at,
        began=began,
        line=_line(lines, at),
        opening=_line(lines, began)[began.column - 1 : began.column],
    )


def _line(lines: Sequence[str], position: Position) -> str:
    return lines[position.line - 1] if position.line <= len(lines) else ""


def _position(mark: Any) -> Position:
    if mark is None:
        return START
    line, column = mark.line + 1, mark.column + 1
    return Position(line, column, line, column + 1)


def _tab(error: _Error) -> Complaint:
    return Complaint(
        error.at,
        "a tab stands where YAML wants spaces",
        "replace the tab by spaces; editors can be set to do so",
    )


def _second_colon(error: _Error) -> Complaint:
    key = error.before.strip()
    if re.search(r":\s", error.before):
        return Complaint(
            error.at, "a second ': ' in a text without quotes reads as another key", QUOTE_IT
        )
    return Complaint(
        error.at,
        f"{key!r} reads as part of the text above it, and text without quotes cannot hold ': '",
        f"indent it like the key above, if it is a key; or {QUOTE_IT}",
    )


def _no_colon(error: _Error) -> Complaint:
    return Complaint(
        error.began,
        "this line is neither 'key: text' nor a list item",
        "put a colon and a space after the key, or indent the line if it continues a text",
    )


def _first_character(error: _Error) -> Complaint:
    return Complaint(error.at, f"a text cannot begin with {error.character!r}", QUOTE_IT)


def _sign(error: _Error) -> Complaint:
    return Complaint(error.began, f"a text cannot begin with {error.opening!r}", QUOTE_IT)


def _open_quote(error: _Error) -> Complaint:
    return Complaint(
        error.began,
        "this quotation mark is never closed",
        "put the same mark at the end of the text",
    )


def _escape(error: _Error) -> Complaint:
    return Complaint(
        error.at,
        "a backslash in double quotes does not stand for itself",
        "write two backslashes, or use single quotes",
    )


def _flow(error: _Error) -> Complaint:
    bracket = "'['" if "sequence" in error.context else "'{'"
    return Complaint(
        error.began,
        f"what {bracket} opens is not closed as it should be",
        f"close it; or {QUOTE_IT}, if it is one",
    )


def _list_on_key_line(error: _Error) -> Complaint:
    return Complaint(
        error.at,
        "a list cannot begin on the line of its key",
        f"begin the list on the next line; or {QUOTE_IT}, if it is one",
    )


def _after_close(error: _Error) -> Complaint:
    mark = error.before.rstrip()[-1]
    return Complaint(
        error.at,
        f"something follows the {mark} that ends this value",
        "quote the whole text, not a part of it; within single quotes, '' is an apostrophe",
    )


def _misaligned(error: _Error) -> Complaint:
    return Complaint(
        error.at,
        f"this does not line up with what began on line {error.began.line}",
        "indent it with as many spaces as the lines that it belongs to",
    )


def _no_key(error: _Error) -> Complaint:
    return Complaint(error.at, "a colon without a key before it", "write the key, or " + QUOTE_IT)


def _says(*words: str) -> Callable[[_Error], bool]:
    return lambda error: any(word in error.problem for word in words)


def _reads(*things: str) -> Callable[[_Error], bool]:
    return lambda error: any(thing in error.context for thing in things)


def _is_misplaced(error: _Error) -> bool:
    return (
        "expected key" in error.problem
        or "'-' indicator" in error.problem
        or ("<block end>" in error.problem)
    )


_COMPLAINTS: tuple[tuple[Callable[[_Error], bool], Callable[[_Error], Complaint]], ...] = (
    (lambda e: "tab" in e.problem or e.character == "\t", _tab),
    (_says("mapping values are not allowed"), _second_colon),
    (_says("could not find expected ':'"), _no_colon),
    (_reads("an alias", "an anchor", " a tag", "directive", "block scalar"), _sign),
    (_says("undefined tag handle"), _sign),
    (_says("cannot start any token"), _first_character),
    (
        lambda e: (
            "quoted scalar" in e.context
            and "document" not in e.problem
            and "end of stream" not in e.problem
        ),
        _escape,
    ),
    (_reads("quoted scalar"), _open_quote),
    (_reads("flow"), _flow),
    (_says("sequence entries are not allowed"), _list_on_key_line),
    (lambda e: _is_misplaced(e) and e.character == ":" and not e.before.strip(), _no_key),
    (lambda e: _is_misplaced(e) and e.before.rstrip()[-1:] in tuple("'\"]}"), _after_close),
    (_is_misplaced, _misaligned),
)
