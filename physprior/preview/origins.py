"""The places that a text comes from: lines of a KB file and of templates, first to last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.dialogue.instrument import Place
from physprior.dialogue.source_map import Fragment, KbValue, kb_value
from physprior.knowledge.compose import DataPath
from physprior.knowledge.source import Source


@dataclass(frozen=True)
class Origin:
    """A place that a text comes from."""

    path: Path
    """A KB file or a template."""
    line: int
    """Where it begins, from 1."""
    end_line: int
    """Its last line."""
    what: str
    """The value of the KB, ``prior.motion.statement``, or the template's ``{{ … }}``; empty for
    the template's own words."""
    decides: bool = False
    """Whether a condition or a loop read it, and the text says nothing of it."""


Piece = tuple[str, Fragment]
"""A stretch of a fragment: its characters, and the fragment."""


class Finder:
    """Finds the lines of texts in one entry and in the templates that wrote them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ends = {}
        for path, position in source.values.items():
            begun = kb_value(source, path)
            self._ends[begun.line, begun.column] = position.end_line
        self._texts: dict[Path, str] = {}

    def of(self, pieces: Sequence[Piece]) -> tuple[Origin, ...]:
        """The places of some pieces, each line once: the KB's first, then the templates'."""
        values = [value for _, fragment in pieces for value in fragment.sources]
        found = [self._value(value) for value in sorted(values, key=lambda value: value.decides)]
        found += [
            self._words(place, text)
            for text, fragment in pieces
            if (place := fragment.place) is not None
        ]
        once = {(origin.path, origin.line): origin for origin in reversed(found)}
        return tuple(reversed(once.values()))

    def value(self, path: DataPath) -> Origin:
        """The place of one value of the entry."""
        return self._value(kb_value(self._source, path))

    def _value(self, value: KbValue) -> Origin:
        end = self._ends.get((value.line, value.column), value.line)
        return Origin(value.path, value.line, end, value.name, value.decides)

    def _words(self, place: Place, text: str) -> Origin:
        """The lines of a template that hold an expression, or words of its own."""
        typed = place.expression or text
        body = self._text(place.path)
        start = _offset(body, place.line, place.column)
        pattern = r"\s+".join(map(re.escape, typed.split()))
        found = re.compile(pattern).search(body, start)
        if found is None:
            return Origin(place.path, place.line, place.line, place.expression)
        first = body.count("\n", 0, found.start()) + 1
        return Origin(place.path, first, first + found[0].count("\n"), place.expression)

    def _text(self, path: Path) -> str:
        if path not in self._texts:
            try:
                self._texts[path] = path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                # It went since it was rendered; the place that was noted stays.
                self._texts[path] = ""
        return self._texts[path]


def _offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at + column - 1
