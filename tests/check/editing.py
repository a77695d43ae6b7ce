"""A sound entry's text, to be edited at the places of its values as a person would edit it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior import fingerprint
from physprior.check.entry import Sentence, SentenceKind, sentences
from physprior.knowledge.compose import DataPath
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.schema import Category
from physprior.knowledge.source import Source, parse_source
from physprior.knowledge.validation import validate

MARK = "§"
"""Stands in an edit where the finding is to be; it is taken out again."""


@dataclass(frozen=True)
class Injected:
    """An entry's text with one defect, and where a check must find it."""

    text: str
    line: int
    column: int
    file: str


class Entry:
    """One sound entry and the ways to edit it.

    Each way gives edits, ``(start, end, text)``; ``edited`` carries them out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text("utf-8")
        self.source: Source = parse_source(path, self.text.encode())
        category, _ = validate(self.source)
        assert category is not None, f"{path} is not sound"
        self.category: Category = category
        self._starts = [0]
        for line in self.text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def edited(self, *edits: tuple[int, int, str], file: str = "") -> Injected:
        text = self.text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        before, mark, after = text.partition(MARK)
        assert mark, "an edit must say where the finding is to be"
        assert MARK not in after
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return Injected(before + after, line, column, file or self.path.name)

    def offset(self, line: int, column: int) -> int:
        """Where a line and column lie in the text."""
        return self._starts[line - 1] + column - 1

    def any(self, options: Any, *key: str) -> Any:
        """One of the options, always the same for this entry and key."""
        every = list(options)
        places = [str(place) for place in range(len(every))]
        return every[fingerprint.pick(places, self.category.id, *key)]

    def sentence(self, kind: SentenceKind, key: str, *, of: str | None = None) -> Sentence:
        """Some sentence of a kind, or of a kind and class; another one in each entry."""
        return self.any(self.sentences(kind, of=of), kind, key)

    def sentences(self, kind: SentenceKind, *, of: str | None = None) -> list[Sentence]:
        return [
            sentence
            for sentence in sentences(self.category)
            if sentence.kind == kind and of in (None, sentence.class_id)
        ]

    @property
    def last_anomaly(self) -> DataPath:
        return ("anomalies", len(self.category.anomalies) - 1)

    def span(self, path: DataPath) -> tuple[int, int]:
        """The offsets of a value's first character and of the end of its last one."""
        place = self.source.values[path]
        return self._offset(place.line, place.column), self._offset(
            place.end_line, place.end_column
        )

    def raw(self, path: DataPath) -> str:
        start, end = self.span(path)
        return self.text[start:end]

    def put(self, path: DataPath, raw: str) -> tuple[int, int, str]:
        """Another value, as it is typed."""
        return (*self.span(path), raw)

    def write(self, path: DataPath, text: str) -> tuple[int, int, str]:
        """Another text in the way in which this value is written: folded, or wrapped, or quoted.

        Without a mark in ``text`` the finding is to be at the value.
        """
        place, block = self.source.values[path], self.raw(path).startswith(">")
        lead = "" if MARK in text else MARK
        if block:
            first = self.source.lines[place.line]
            body = _wrapped(text, len(first) - len(first.lstrip()))
            return self.put(path, f"{lead}>-\n{body}")
        line = self.source.lines[place.line - 1]
        indent = place.column - 1 if line.lstrip().startswith("- ") else _indent(line) + 2
        if re.search(r": | #|^[^A-Za-z§]|§[^A-Za-z]", text):
            text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return self.put(path, lead + _wrapped(text, indent).lstrip())

    def add(self, path: DataPath, item: str) -> tuple[int, int, str]:
        """One more item at the end of a list, as it is typed."""
        items = [other for other in self.source.values if other[:-1] == path and other != path]
        last = max(items, key=lambda other: self.source.values[other])
        place = self.source.values[(*path, 0)]
        dash = " " * self.source.lines[place.line - 1].index("-")
        end = self.span(last)[1]
        return end, end, f"\n{dash}- {item}"

    def below(self, path: DataPath, line: str) -> tuple[int, int, str]:
        """One more line below a value of one line, with its indentation."""
        place = self.source.values[path]
        indent = " " * (self.source.keys[path].column - 1)
        end = self._offset(place.line, len(self.source.lines[place.line - 1]) + 1)
        return end, end, f"\n{indent}{line}"

    def alias(self, at: DataPath, name: str) -> tuple[int, int, str]:
        """One more alias of the category or of an anomaly."""
        path = (*at, "aliases")
        if path in self.source.values:
            return self.add(path, name)
        return self.below((*at, "name"), f"aliases: [{name}]")

    def place(self, path: DataPath) -> Position:
        return self.source.values[path]

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column - 1


def _indent(line: str) -> int:
    return len(re.match(r"[ -]*", line)[0])


def _wrapped(text: str, indent: int) -> str:
    lines = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, 98 - indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(" " * indent + line for line in lines)
