"""The comments of a KB file: each ``#`` that YAML passes over, and none that is part of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from physprior.knowledge.diagnostic import Position

BLOCK_STYLES = ("|", ">")


@dataclass(frozen=True)
class Comment:
    """One comment, up to the end of its line."""

    line: int
    """Its line, from 1."""
    column: int
    """The column of its ``#``, from 1."""
    text: str
    """What follows the ``#``, without the blanks around it."""
    alone: bool
    """Whether nothing else stands on its line."""


class Text(NamedTuple):
    """Where a text stands, be it a key or a value, and how it is written."""

    position: Position
    style: str | None
    """A quotation mark, ``|`` or ``>``; None or empty for a text without quotes."""

    @property
    def start(self) -> tuple[int, int]:
        """The line and column of its first character; a block text's is below its ``|``."""
        if self.style in BLOCK_STYLES:
            return self.position.line + 1, 1
        return self.position.line, self.position.column

    @property
    def end(self) -> tuple[int, int]:
        """The line and column behind its last character."""
        return self.position.end_line, self.position.end_column


def find_comments(lines: Sequence[str], texts: Sequence[Text]) -> tuple[Comment, ...]:
    """The comments in ``lines``, in order; ``texts`` are those on lines with a ``#``."""
    found, passed = [], 0
    for number, line in enumerate(lines, 1):
        at = line.find("#")
        while at >= 0:
            place = (number, at + 1)
            while passed < len(texts) and texts[passed].end <= place:
                passed += 1
            if passed == len(texts) or place < texts[passed].start:
                alone = not line[:at].strip()
                found.append(Comment(number, at + 1, line[at + 1 :].strip(), alone))
                break
            end_line, end_column = texts[passed].end
            at = line.find("#", end_column - 1) if end_line == number else -1
    return tuple(found)
