"""A table of a report, the same for terminal, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Heads and rows of text, all rows as long as the heads."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    apart: int = 0
    """So many of the last rows stand for the whole, and are ruled off."""
    names: int = 1
    """So many of the first columns are names, and stand to the left."""
    notes: tuple[str, ...] = ()
    """What a reader has to know, below the table."""
    alarms: tuple[str, ...] = ()
    """What must be known before the numbers are believed, above the notes."""

    @property
    def width(self) -> int:
        """Columns that it takes on a terminal."""
        columns = zip(self.heads, *self.rows, strict=True)
        return sum(2 + max(map(len, column)) for column in columns) - 2

    def without(self, *heads: str) -> Table:
        """The same table without these columns."""
        kept = [place for place, head in enumerate(self.heads) if head not in heads]
        return Table(
            self.title,
            tuple(self.heads[place] for place in kept),
            tuple(tuple(row[place] for place in kept) for row in self.rows),
            self.apart,
            self.names,
            self.notes,
            self.alarms,
        )


def rows(made: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Rows as a table keeps them."""
    return tuple(tuple(row) for row in made)
