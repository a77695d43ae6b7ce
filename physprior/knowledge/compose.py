"""From YAML events to plain data with positions, in one pass and with a bound on the nesting."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from physprior.knowledge import codes
from physprior.knowledge.codes import Code
from physprior.knowledge.comments import BLOCK_STYLES, Text
from physprior.knowledge.complaint import QUOTE_IT, Complaint
from physprior.knowledge.diagnostic import Diagnostic, Position
from physprior.knowledge.fix import Fix
from physprior.knowledge.spans import without_repeat, without_tag
from physprior.knowledge.swallowed import curly, swallowed_items
from physprior.knowledge.text import code_point, unwanted

DataPath = tuple[str | int, ...]
"""The way to a part of an entry: ``("anomalies", 1, "id")``."""

DEEPEST = 32
"""How deep lists and mappings may be nested; the schema needs 5."""


@dataclass
class _Frame:
    """A mapping or list that is still open; its path is None where its content is thrown away."""

    container: dict[str, Any] | list[Any]
    path: DataPath | None
    position: Position
    reach: Position
    """Of its last part so far, which says where it ends."""
    key: str | None = None
    keyed: bool = False
    """Whether a key has been read whose value comes next."""
    stands_for_key: bool = False
    """Whether this collection stands where a key belongs."""


class Composer:
    """Takes one YAML event after the other; then holds the data, positions and findings."""

    def __init__(self, path: Path, lines: tuple[str, ...]) -> None:
        self.path = path
        self.lines = lines
        self.data: Any = None
        self.usable = True
        """Whether the data is what the file says, so that a schema may judge it."""
        self.keys: dict[DataPath, Position] = {}
        self.values: dict[DataPath, Position] = {}
        self.texts: list[Text] = []
        """The texts, keys or values, that a ``#`` may stand in or behind, in order."""
        self.last: yaml.Event | None = None
        """The last event that was taken."""
        self.findings: list[Diagnostic] = []
        self._sharp = {number for number, line in enumerate(lines, 1) if "#" in line}
        self._open: list[_Frame] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> bool:
        """Take an event. False: stop here, what follows is not to be read."""
        self.last = event
        if isinstance(event, yaml.NodeEvent) and not self._is_ordinary(event):
            self._refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            return self._begin_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._node(f"*{event.anchor}", _position(event))
        elif isinstance(event, yaml.MappingStartEvent):
            return self._begin({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            return self._begin([], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        return True

    @property
    def read_to(self) -> int:
        """How many lines were read to their ends."""
        if self.last is None or isinstance(self.last, yaml.StreamEndEvent):
            return len(self.lines)
        return _position(self.last).end_line - 1

    def report(
        self, code: Code, position: Position, message: str, remedy: str, fix: Fix | None = None
    ) -> None:
        """Add a finding."""
        self.findings.append(code.at(self.path, position, message, remedy, fix))

    def complain(self, complaint: Complaint) -> None:
        """Add a finding about the file's text."""
        self.report(
            complaint.code,
            complaint.position,
            complaint.message,
            complaint.remedy,
            complaint.fix,
        )

    @property
    def last_text(self) -> Text | None:
        """The text that was read last, if nothing was read since."""
        if isinstance(self.last, yaml.ScalarEvent):
            return Text(_position(self.last), self.last.style)
        return None

    def _begin_document(self, event: yaml.DocumentStartEvent) -> bool:
        self._documents += 1
        if self._documents == 1:
            return True
        self.report(
            codes.DOCUMENTS,
            _position(event),
            "a second YAML document begins here",
            "keep one category in a file; delete the line '---', or move what follows",
        )
        return False

    @staticmethod
    def _is_ordinary(event: yaml.NodeEvent) -> bool:
        return event.anchor is None and getattr(event, "tag", None) is None

    def _refuse_extras(self, event: yaml.NodeEvent) -> None:
        position = _position(event)
        if event.anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.report(
                codes.ANCHOR,
                position,
                f"'{sign}{event.anchor}' is a YAML reference, which KB entries do without",
                f"write the text out where it is needed; or {QUOTE_IT}, if it begins with '{sign}'",
            )
            self.usable = self.usable and sign != "*"
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.report(
                codes.TAG,
                position,
                f"the type tag {tag!r}; every value of a KB entry is text as typed",
                f"delete the tag; or {QUOTE_IT}, if it begins with '!'",
                without_tag(self.lines, position),
            )

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        position = _position(event)
        if event.style in BLOCK_STYLES:
            position = self._without_blank_end(position)
        is_long = position.line != position.end_line
        if self._sharp and (is_long or position.line in self._sharp):
            self.texts.append(Text(position, event.style))
        if not event.style and (is_long or not event.value.isascii()):
            self._plain(event.value, position)
        # The file's own characters were looked at before it was parsed; double quotes escape.
        hidden = unwanted(event.value) if event.style == '"' else None
        if hidden is not None:
            self.report(
                codes.CHARACTER,
                position,
                f"this text holds the invisible character {code_point(hidden[0])} as an escape",
                "delete the escape that begins with a backslash",
            )
        is_empty = not event.value and not event.style
        self._node(None if is_empty else event.value, position)

    def _plain(self, value: str, position: Position) -> None:
        """Look at a text without quotes for what nobody means."""
        for complaint in swallowed_items(self.lines, position):
            self.complain(complaint)
        in_curly_quotes = curly(self.lines, value, position)
        if in_curly_quotes is not None:
            self.complain(in_curly_quotes)

    def _begin(self, container: dict[str, Any] | list[Any], event: yaml.Event) -> bool:
        position = _position(event)
        stands_for_key = self._expects_key()
        path = None if stands_for_key else self._path()
        frame = _Frame(container, path, position, position, stands_for_key=stands_for_key)
        self._open.append(frame)
        if len(self._open) <= DEEPEST:
            return True
        self.report(
            codes.NESTING,
            position,
            f"lists and mappings are nested more than {DEEPEST} deep",
            f"close what is open; or {QUOTE_IT}, if brackets are meant as text",
        )
        self.usable = False
        return False

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        frame = self._open.pop()
        end = _position(event)
        # A closing bracket has a width; a block ends, without a sign, where the next one begins.
        if (end.line, end.column) == (end.end_line, end.end_column):
            end = frame.reach
        began = frame.position
        position = Position(began.line, began.column, end.end_line, end.end_column)
        if frame.stands_for_key:
            self._refuse_key(position)
        else:
            self._node(frame.container, position)

    def _node(self, value: Any, position: Position) -> None:
        """Put a finished key or value where it belongs."""
        if self._expects_key():
            self._key(value, position)
            return
        path = self._path()
        if path is not None:
            self.values[path] = position
        if not self._open:
            self.data = value
            return
        frame = self._open[-1]
        frame.reach = position
        if isinstance(frame.container, list):
            frame.container.append(value)
        else:
            if frame.key is not None:
                frame.container[frame.key] = value
            frame.keyed = False

    def _key(self, key: str | None, position: Position) -> None:
        frame = self._open[-1]
        frame.reach = position
        if key is None:
            self._refuse_key(position)
            return
        frame.key, frame.keyed = key, True
        if key in frame.container:
            self._repeated(frame, key, position)
        elif frame.path is not None:
            self.keys[(*frame.path, key)] = position

    def _repeated(self, frame: _Frame, key: str, position: Position) -> None:
        first = None if frame.path is None else self.keys.get((*frame.path, key))
        where = f"; it already stands on line {first.line}" if first else ""
        self.report(
            codes.DUPLICATE_KEY,
            position,
            f"the key {key!r} stands here a second time{where}",
            "keep one of the two, or rename the one that was meant otherwise",
            without_repeat(self.lines, first, position) if first else None,
        )
        frame.key = None

    def _refuse_key(self, position: Position) -> None:
        frame = self._open[-1]
        frame.key, frame.keyed = None, True
        frame.reach = position
        self.usable = False
        self.report(
            codes.SYNTAX, position, "a key must be a word", f"{QUOTE_IT}, if this is a text"
        )

    def _expects_key(self) -> bool:
        if not self._open:
            return False
        frame = self._open[-1]
        return isinstance(frame.container, dict) and not frame.keyed

    def _path(self) -> DataPath | None:
        """The path of the value that comes next; None where it is thrown away."""
        if not self._open:
            return ()
        frame = self._open[-1]
        if frame.path is None:
            return None
        if isinstance(frame.container, list):
            return (*frame.path, len(frame.container))
        return None if frame.key is None else (*frame.path, frame.key)

    def _without_blank_end(self, position: Position) -> Position:
        """A block text ends where its last word does, not where the next key begins."""
        last = position.end_line if position.end_column > 1 else position.end_line - 1
        while last > position.line and not self.lines[last - 1].strip():
            last -= 1
        return Position(position.line, position.column, last, len(self.lines[last - 1]) + 1)


def _position(event: yaml.Event) -> Position:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        raise TypeError("an event that was parsed from text has marks")
    return Position(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
