"""A YAML error as it was reported, and what is said about it instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from physprior.knowledge.codes import SYNTAX, Code
from physprior.knowledge.comments import Text
from physprior.knowledge.diagnostic import START, Position
from physprior.knowledge.fix import Fix

QUOTE_IT = "put the whole text between double quotes"
_KEY_OR_ITEM = re.compile(r"\s*(?:-(?:\s|$)|[A-Za-z_]\w*:(?:\s|$))")


@dataclass(frozen=True)
class Complaint:
    """What is said about a YAML error: where it is, what is wrong, what to do."""

    position: Position
    message: str
    remedy: str
    code: Code = SYNTAX
    fix: Fix | None = None


@dataclass(frozen=True)
class ParserError:
    """A YAML error as both event parsers, libyaml's and PyYAML's own, report it."""

    problem: str
    context: str
    at: Position
    """Where the parser gave up."""
    began: Position
    """Where the thing began that it was reading."""
    lines: Sequence[str]
    """The lines of the file."""
    last: Text | None
    """The text that was read directly before, if it was one."""

    def line_of(self, number: int) -> str:
        """The line of this number; nothing beyond the file's end."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def above(self, number: int) -> int:
        """The number of the nearest line above that is not blank, or 0."""
        number -= 1
        while number > 0 and not self.lines[number - 1].strip():
            number -= 1
        return number

    @property
    def line(self) -> str:
        """The line on which it gave up."""
        return self.line_of(self.at.line)

    @property
    def before(self) -> str:
        """What stands before the spot on its line."""
        return self.line[: self.at.column - 1]

    @property
    def character(self) -> str:
        """The character at the spot, or nothing at the line's end."""
        return self.line[self.at.column - 1 : self.at.column]

    @property
    def opening(self) -> str:
        """What stands on the line where that thing began, from its first character on."""
        return self.line_of(self.began.line)[self.began.column - 1 :]

    @property
    def is_misplaced(self) -> bool:
        """Whether the parser met something where it wanted a key or an item."""
        return (
            "expected key" in self.problem
            or "'-' indicator" in self.problem
            or "<block end>" in self.problem
        )


def begins_key_or_item(line: str) -> bool:
    """Whether a line begins like ``key: text`` or like ``- item``."""
    return _KEY_OR_ITEM.match(line) is not None


def read_error(error: Exception, lines: Sequence[str], last: Text | None) -> ParserError:
    """What an exception of an event parser says."""
    mark = getattr(error, "problem_mark", None)
    return ParserError(
        problem=getattr(error, "problem", None) or str(error),
        context=getattr(error, "context", None) or "",
        at=_position(mark),
        began=_position(getattr(error, "context_mark", None) or mark),
        lines=lines,
        last=last,
    )


def _position(mark: Any) -> Position:
    if mark is None:
        return START
    line, column = mark.line + 1, mark.column + 1
    return Position(line, column, line, column + 1)
