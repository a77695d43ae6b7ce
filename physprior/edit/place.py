"""Where a value goes that a KB file does not have yet, and how it is laid out there.

Neighbours say how: how far the items of a list are indented, whether their texts stand between
quotation marks, whether long ones go on on the next line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args

from physprior.edit.scalar import WIDTH, Style, spellings, style_of
from physprior.knowledge.compose import DataPath
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.fix import Edit
from physprior.knowledge.schema import Category
from physprior.knowledge.source import Source
from physprior.knowledge.validation import label

_STEP = 2
"""Columns by which what belongs to a key is indented."""
_MOST_WAYS = 4
"""How many spellings of a text there are at most."""


@dataclass(frozen=True)
class Manner:
    """How neighbours are written."""

    style: Style = "plain"
    width: int = WIDTH
    """Columns after which their texts go on on the next line; 0: they do not."""
    gap: int = 1
    """Blanks behind the ``-`` of an item."""
    offset: int = _STEP
    """Columns by which the items of a list are indented, from its key."""


@dataclass(frozen=True)
class Place:
    """A place for a value."""

    line: int
    """The line that it goes below, or on."""
    steps: DataPath
    """The keys, and the place in a list, that are still to be written."""
    indent: int
    """Columns before the first of them."""
    manner: Manner
    lines: tuple[str, ...]
    """The file's."""
    slot: Position | None = None
    """For a text behind a key that is there: the span that it takes."""

    def ways(self, value: Any, note: str) -> Iterator[tuple[Edit, ...]]:
        """Edits that put ``value`` here with a comment above it, the nicest first."""
        for way in range(_MOST_WAYS):
            if self.slot is not None:
                yield tuple(self._in_slot(value, note, way))
                continue
            text = "".join(f"\n{line}" for line in self._nested(self.steps, value, note, way))
            for line in dict.fromkeys((self.line, self._behind_blanks())):
                end = len(self.lines[line - 1]) + 1
                yield (Edit(Position(line, end, line, end), text),)

    def _in_slot(self, text: str, note: str, way: int) -> Iterator[Edit]:
        assert self.slot is not None
        line = self.lines[self.slot.line - 1]
        rest = self.lines[self.slot.end_line - 1][self.slot.end_column - 1 :].strip()
        if note:
            blanks = line[: len(line) - len(line.lstrip())]
            yield Edit(Position(self.line, 1, self.line, 1), f"{blanks}# {note}\n")
        before = "" if line[: self.slot.column - 1].endswith((" ", "\t")) else " "
        # A text that goes on below would run into the comment behind it.
        manner = Manner("double", 0) if rest else self.manner
        start = self.slot.column - 1 + len(before)
        yield Edit(self.slot, before + self._spelt(text, way, start, self.indent + _STEP, manner))

    def _nested(
        self, steps: DataPath, value: Any, note: str, way: int, indent: int | None = None
    ) -> Iterator[str]:
        indent = self.indent if indent is None else indent
        if len(steps) == 1:
            if note:
                yield f"{' ' * indent}# {note}"
            yield from self._laid_out(steps[0], value, indent, way)
            return
        yield f"{' ' * indent}{steps[0]}:"
        below = self.manner.offset if isinstance(steps[1], int) else _STEP
        yield from self._nested(steps[1:], value, note, way, indent + below)

    def _laid_out(self, step: str | int, value: Any, indent: int, way: int) -> Iterator[str]:
        """The lines of a key with its value, or of an item."""
        if isinstance(step, int):
            head = f"{' ' * indent}-{' ' * self.manner.gap}"
            inner = len(head)
        else:
            head, inner = f"{' ' * indent}{step}:", indent + _STEP
        if isinstance(value, str):
            head = head if isinstance(step, int) else f"{head} "
            yield from (head + self._spelt(value, way, len(head), inner)).split("\n")
        elif isinstance(value, Mapping):
            lines = [line for key in value for line in self._laid_out(key, value[key], inner, way)]
            if isinstance(step, int):
                lines[0] = head + lines[0].lstrip(" ")
            else:
                yield head
            yield from lines
        else:
            if isinstance(step, int):
                raise ValueError("a list in a list has no place in a KB entry")
            yield head
            below = indent + self.manner.offset
            yield from (line for part in value for line in self._laid_out(0, part, below, way))

    def _spelt(
        self, text: str, way: int, start: int, indent: int, manner: Manner | None = None
    ) -> str:
        manner = manner or self.manner
        found = list(
            islice(
                spellings(text, manner.style, start=start, indent=indent, width=manner.width),
                _MOST_WAYS,
            )
        )
        return found[min(way, len(found) - 1)]

    def _behind_blanks(self) -> int:
        """The last of the blank lines below: they may belong to a block text that keeps them."""
        line = self.line
        while line < len(self.lines) and not self.lines[line].strip():
            line += 1
        return line


def find_place(source: Source, at: DataPath, instead_of: str = "") -> Place:
    """Where the value of the path ``at`` goes. Raises ValueError that says why there is no place.

    ``instead_of`` is a text that may stand there: a placeholder.
    """
    if not at or source.data is None:
        raise ValueError("the file has no keys that it could be put below")
    known = _known(source.data, at)
    rest, there = at[len(known) :], _value(source.data, known)
    name = label(source, known)
    if not rest:
        if there is None:
            return _behind_key(source, known)
        if instead_of and there == instead_of:
            return _over(source, known)
        raise ValueError(f"{name} is there already")
    if there is None:
        return _below_key(source, known, rest)
    if isinstance(there, list):
        return _behind_items(source, known, rest, there)
    if isinstance(there, dict):
        return _among_keys(source, known, rest, there)
    raise ValueError(f"{name} is a text, and has no place for more")


def _known(data: Any, at: DataPath) -> DataPath:
    """The part of a path that is there."""
    for depth, step in enumerate(at):
        inside = (isinstance(data, dict) and step in data) or (
            isinstance(data, list) and isinstance(step, int) and step < len(data)
        )
        if not inside:
            return at[:depth]
        data = data[step]
    return at


def _value(data: Any, path: DataPath) -> Any:
    for step in path:
        data = data[step]
    return data


def _behind_key(source: Source, path: DataPath) -> Place:
    key = source.keys.get(path)
    if key is None:
        raise ValueError(f"{label(source, path)} is an empty item; delete its line")
    manner = Manner(offset=_offset(source))
    return Place(key.line, (), key.column - 1, manner, source.lines, slot=source.values[path])


def _over(source: Source, path: DataPath) -> Place:
    value = source.values[path]
    first = source.lines[value.line - 1]
    if first[value.column - 1] in "|>":
        raise ValueError(f"{label(source, path)} is a block text; write the placeholder behind it")
    key = source.keys.get(path)
    begin = key.line if key else _dash_line(source, path)
    indent = key.column - 1 if key else source.values[path[:-1]].column - 1
    manner = Manner(offset=_offset(source))
    return Place(begin, (), indent, manner, source.lines, slot=value)


def _dash_line(source: Source, path: DataPath) -> int:
    """The line on which the dash of an item stands."""
    line = source.values[path].line
    column = source.values[path[:-1]].column
    while line > 1 and source.lines[line - 1][column - 1 : column] != "-":
        line -= 1
    return line


def _below_key(source: Source, path: DataPath, rest: DataPath) -> Place:
    key = source.keys.get(path)
    if key is None:
        raise ValueError(f"{label(source, path)} is an empty item; delete its line")
    manner = Manner(offset=_offset(source))
    below = manner.offset if isinstance(rest[0], int) else _STEP
    _refuse_gap(source, path, rest, 0)
    return Place(key.line, rest, key.column - 1 + below, manner, source.lines)


def _behind_items(source: Source, path: DataPath, rest: DataPath, items: list[Any]) -> Place:
    position = source.values[path]
    if source.lines[position.line - 1][position.column - 1] != "-":
        raise ValueError(
            f"the items of {label(source, path)} stand between brackets; write each on a line of"
            " its own, beginning with '- '"
        )
    _refuse_gap(source, path, rest, len(items))
    last = source.values[(*path, len(items) - 1)]
    manner = _manner(source, path, items, position.column)
    return Place(last.end_line, rest, position.column - 1, manner, source.lines)


def _refuse_gap(source: Source, path: DataPath, rest: DataPath, length: int) -> None:
    numbers = [step for step in rest if isinstance(step, int)]
    if isinstance(rest[0], str) and isinstance(_value(source.data, path), list):
        raise ValueError(f"{label(source, path)} has a list, where keys are needed")
    if isinstance(rest[0], int) and rest[0] != length:
        raise ValueError(f"{label(source, path)} has {length} items, and nothing goes behind a gap")
    if any(numbers[1:]) or (numbers and len(rest) - 1 != rest.index(numbers[0])):
        raise ValueError("an item of a list is put in whole")


def _among_keys(source: Source, path: DataPath, rest: DataPath, keys: dict[str, Any]) -> Place:
    position = source.values[path]
    if source.lines[position.line - 1][position.column - 1 : position.column] == "{":
        raise ValueError(
            f"the keys of {label(source, path) or 'the entry'} stand between braces; write each on"
            " a line of its own"
        )
    if not isinstance(rest[0], str):
        raise ValueError(f"{label(source, path)} has keys, where a list is needed")
    _refuse_gap(source, path, rest, 0)
    above = (*path, _sibling_above(path, rest[0], list(keys)))
    indent = source.keys[above].column - 1
    line = max(source.values[above].end_line, source.keys[above].line)
    return Place(line, rest, indent, Manner(offset=_offset(source)), source.lines)


def _sibling_above(path: DataPath, key: str, there: Sequence[str]) -> str:
    """The key that a new one goes below: the nearest before it in the schema, else the last."""
    order = _schema_keys(path)
    before = order[: order.index(key)] if key in order else []
    return next((name for name in reversed(before) if name in there), there[-1])


def _schema_keys(path: DataPath) -> list[str]:
    """The keys that the schema has at a path, in its order; none where it knows no such path."""
    model: Any = Category
    for step in path:
        if isinstance(step, str):
            field = getattr(model, "model_fields", {}).get(step)
            model = None if field is None else field.annotation
        model = get_args(model)[0] if get_args(model) and isinstance(step, int) else model
    return list(getattr(model, "model_fields", {}))


def _manner(source: Source, path: DataPath, items: list[Any], dash: int) -> Manner:
    """How the texts of a list are written: as its last one is."""
    spans = [source.values[(*path, at)] for at in range(len(items))]
    last = spans[-1]
    line = source.lines[last.line - 1]
    beside = line[dash - 1 : dash] == "-" and not line[dash : last.column - 1].strip(" ")
    gap = last.column - dash - 1 if beside and last.column > dash else 1
    several = any(span.line != span.end_line for span in spans)
    longest = max(len(source.lines[span.line - 1]) for span in spans)
    style = style_of(line[last.column - 1 : last.column]) if isinstance(items[-1], str) else "plain"
    width = WIDTH if several or longest <= WIDTH else 0
    return Manner(style, width, gap, _offset(source))


def _offset(source: Source) -> int:
    """Columns from a key to the dashes of its list, as in the first such list of the file."""
    for path, key in source.keys.items():
        value = source.values.get(path)
        if value is None or value.line <= key.line:
            continue
        line = source.lines[value.line - 1]
        if (
            re.match(r"-(?:\s|$)", line[value.column - 1 :])
            and not line[: value.column - 1].strip()
        ):
            return value.column - key.column
    return _STEP
