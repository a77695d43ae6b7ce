"""All that is wrong with a table, told at once, each with its line."""

from __future__ import annotations

from pathlib import Path

from physprior.dataset.names import shown
from physprior.errors import PredictionError

_MOST = 20
_LONGEST = 300
REMEDY = "mend these lines; docs/commands.md says what a table may hold"


class Complaints:
    """Collects what is wrong with the lines of a file: the first twenty, and how many."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: list[str] = []
        self._count = 0

    def add(self, line: int, why: str) -> None:
        """Note what is wrong in a line, counted from 1."""
        self._count += 1
        if len(self._first) < _MOST:
            self._first.append(f"{self._path}:{line}: {brief(why, _LONGEST)}")

    def refuse(self) -> None:
        """Raise PredictionError where anything was wrong."""
        if not self._count:
            return
        more = self._count - len(self._first)
        listed = "\n".join(f"  {line}" for line in self._first)
        raise PredictionError(
            f"{self._path}: {self._count} problem{'s' if self._count > 1 else ''}:\n{listed}"
            + (f"\n  and {more} more" if more else ""),
            remedy=REMEDY,
        )


def brief(text: str, longest: int = 80) -> str:
    """The beginning of a text that may be long, with what breaks lines written as escapes."""
    cut = shown(text[:longest])
    return f"{cut}…" if len(text) > longest else cut
