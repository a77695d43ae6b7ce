"""Edits of a file's lines, by place alone; None where the layout leaves a doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from physprior.knowledge.diagnostic import Position
from physprior.knowledge.fix import Edit, Fix

_ONE_LINE = re.compile(r" *[A-Za-z_]\w*: +[^\s#|>&*!{\['\"][^#]*")
"""A key with a short text that stands on its line as a whole."""


def delete_lines(lines: Sequence[str], position: Position) -> Edit | None:
    """Delete the lines of a span; None where a comment stands behind it or above it."""
    first, last = position.line, position.end_line
    rest = lines[last - 1][position.end_column - 1 :].strip()
    above = lines[first - 2].lstrip() if first > 1 else ""
    if rest not in ("", ":") or above.startswith("#"):
        return None
    return Edit(whole_lines(lines, first, last), "")


def whole_lines(lines: Sequence[str], first: int, last: int) -> Position:
    """The span of lines with what ends them; at the end of a file, with what ends those above."""
    if last < len(lines):
        return Position(first, 1, last + 1, 1)
    if first == 1:
        return Position(1, 1, last, len(lines[last - 1]) + 1)
    return Position(first - 1, len(lines[first - 2]) + 1, last, len(lines[last - 1]) + 1)


def quote(lines: Sequence[str], position: Position) -> tuple[Edit, ...]:
    """Put a text that has no quotation marks of its own between them; not one sign of it goes.

    A text of several lines keeps them: in quotes they are folded as they are without.
    """
    body = []
    for number in range(position.line, position.end_line + 1):
        line = lines[number - 1]
        line = line[: position.end_column - 1] if number == position.end_line else line
        body.append((number, position.column - 1 if number == position.line else 0, line))
    whole = "\n".join(line[at:] for _, at, line in body)
    mark = "'" if ('"' in whole or "\\" in whole) and "'" not in whole else '"'
    escapes = [
        Edit(Position(number, column, number, column), "\\")
        for number, at, line in body
        for column, sign in enumerate(line, 1)
        if mark == '"' and column > at and sign in '"\\'
    ]
    return Edit(start_of(position), mark), *escapes, Edit(end_of(position), mark)


def typed(lines: Sequence[str], position: Position) -> str:
    """What stands in a span of one line; nothing where it has several."""
    if position.line != position.end_line:
        return ""
    return lines[position.line - 1][position.column - 1 : position.end_column - 1]


def start_of(position: Position) -> Position:
    """The empty span before a span."""
    return Position(position.line, position.column, position.line, position.column)


def end_of(position: Position) -> Position:
    """The empty span behind a span."""
    return Position(position.end_line, position.end_column, position.end_line, position.end_column)


def without_tag(lines: Sequence[str], position: Position) -> Fix | None:
    """A value without the type tag that it begins with; every value is text as typed anyhow.

    Not where the tag says that what is typed stands for something else, as ``!!binary`` does.
    """
    rest = lines[position.line - 1][position.column - 1 :]
    found = re.match(r"!!(?:str|int|float|bool) +(?=\S)", rest)
    if found is None:
        return None
    line, column = position.line, position.column
    edit = Edit(Position(line, column, line, column + found.end()), "")
    return Fix(f"delete the tag {found[0].strip()!r}", (edit,), safe=True)


def without_repeat(lines: Sequence[str], first: Position, second: Position) -> Fix | None:
    """A mapping without the second one of two lines with the same key and the same short text."""
    line = lines[second.line - 1]
    if (
        lines[first.line - 1].rstrip() != line.rstrip()
        or not _ONE_LINE.fullmatch(line)
        or line[: second.column - 1].strip()
        or _goes_on(lines, first)
        or _goes_on(lines, second)
    ):
        return None
    edit = delete_lines(lines, Position(second.line, 1, second.line, len(line) + 1))
    return None if edit is None else Fix("delete the second of the two lines", (edit,), safe=True)


def _goes_on(lines: Sequence[str], key: Position) -> bool:
    """Whether what belongs to a key goes on below its line."""
    below = next((lines[at] for at in range(key.line, len(lines)) if lines[at].strip()), "")
    return len(below) - len(below.lstrip()) > key.column - 1
