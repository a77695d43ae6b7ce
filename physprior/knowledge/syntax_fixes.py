"""Fixes of YAML errors. Each guesses, for a file that cannot be parsed says nothing yet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from physprior.knowledge.diagnostic import Position
from physprior.knowledge.fix import Edit, Fix
from physprior.knowledge.spans import quote

_LEAD = re.compile(r"( *(?:- +)*)(?:[A-Za-z_]\w*: +)?")
"""What stands before a value: the signs of items, and perhaps a key."""


def insert(line: int, column: int, text: str, title: str) -> Fix:
    """Something that is missing at one place."""
    return replace(line, column, column, text, title)


def replace(line: int, column: int, end: int, text: str, title: str) -> Fix:
    """Something that stands for something else, on one line."""
    return Fix(title, (Edit(Position(line, column, line, end), text),), safe=False)


def quote_value(lines: Sequence[str], number: int) -> Fix | None:
    """The value that begins on a line, behind its key or its sign, between quotation marks."""
    lead = _LEAD.match(lines[number - 1])
    return None if lead is None else quote_from(lines, number, lead.end() + 1)


def quote_from(lines: Sequence[str], number: int, column: int) -> Fix | None:
    """A text between quotation marks, to its end: that of its line, or of the deeper ones below.

    None where something else could stand in it: marks of its own, or a comment.
    """
    lead = _LEAD.match(lines[number - 1])
    first = lines[number - 1][column - 1 :]
    if lead is None or lead.end() < column - 1 or not first.strip() or first[0] in "\"'[{":
        return None
    # An item goes on below what is deeper than its sign, a key's value than the key.
    dashes = lead[1].rstrip()
    held_at = len(lead[1]) if lead.end() > lead.end(1) else max(len(dashes) - 1, 0)
    last = number
    for below in range(number + 1, len(lines) + 1):
        line = lines[below - 1]
        if not line.strip() or len(line) - len(line.lstrip()) <= held_at:
            break
        last = below
    body = [first, *lines[number:last]]
    if any(re.search(r"(?:^|\s)#", line) for line in body):
        return None
    whole = Position(number, column, last, len(lines[last - 1].rstrip()) + 1)
    return Fix("put the whole text between quotation marks", quote(lines, whole), safe=False)


def indent(lines: Sequence[str], number: int, spaces: int) -> Fix:
    """A line moved to an indentation."""
    line = lines[number - 1]
    edit = Edit(Position(number, 1, number, len(line) - len(line.lstrip()) + 1), " " * spaces)
    title = f"indent the line with {spaces or 'no'} space{'' if spaces == 1 else 's'}"
    return Fix(title, (edit,), safe=False)


def without_tabs(lines: Sequence[str]) -> Fix | None:
    """Two spaces, as most files are indented, for each tab that indents a line of the file."""
    edits = tuple(
        Edit(Position(number, column, number, column + 1), "  ")
        for number, line in enumerate(lines, 1)
        for column, sign in enumerate(line[: len(line) - len(line.lstrip(" \t"))], 1)
        if sign == "\t"
    )
    return Fix("write two spaces for each tab that indents", edits, safe=False) if edits else None
