"""Values put into a person's YAML file: where nothing stands yet, and with every other byte kept.

    data = insert(path, data, ("normal", "explanations", 6), "The spring …", note="review me")

What comes of it is parsed again: the value must be read back exactly, all others as before.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from physprior.edit.place import Place, find_place
from physprior.edit.splice import splice
from physprior.knowledge.compose import DataPath
from physprior.knowledge.source import Source, parse_source
from physprior.knowledge.text import code_point, unwanted

__all__ = ["Uninsertable", "Value", "insert"]

Value = str | Sequence["Value"] | Mapping[str, "Value"]
"""What can be put in: a text, a list, a mapping."""


class Uninsertable(Exception):  # noqa: N818 - what became of a value, not a fault of the program
    """A value that cannot be put in; ``reason`` says why, on one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def insert(
    path: Path, data: bytes, at: DataPath, value: Value, *, note: str = "", instead_of: str = ""
) -> bytes:
    """The content of a KB file with ``value`` at the path ``at``, and a comment on the line above.

    ``at`` is the place behind a list's last item, a key that is missing (with what should hold it)
    or one that stands empty; or one whose text is ``instead_of``, a placeholder. ``path`` is for
    messages alone. Raises Uninsertable, where nothing of the file is changed.
    """
    refuse_texts(value)
    if unwanted(note) or "\n" in note or "\r" in note:
        raise ValueError("a note is a comment of one line")
    source = parse_source(path, data)
    if source.data is None or source.diagnostics:
        what = source.diagnostics[0].concise() if source.diagnostics else "it holds no keys"
        raise Uninsertable(f"the file has to be mended first: {what}")
    try:
        place = find_place(source, at, instead_of)
    except ValueError as error:
        raise Uninsertable(str(error)) from None
    wanted = _with(source.data, at, value)
    found = None
    for edits in place.ways(value, note):
        made = splice(data, edits)
        found = parse_source(path, made)
        if found.data == wanted and not found.diagnostics:
            return made
    raise Uninsertable(_unread(found, place))


def refuse_texts(value: Value) -> None:
    """Raise Uninsertable for a text that no KB file may hold, by its name."""
    for text in _texts(value):
        hidden = unwanted(text)
        if hidden is not None:
            raise Uninsertable(f"it holds the invisible character {code_point(hidden[0])}")
        if not text.strip():
            raise Uninsertable("it is empty")


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    if isinstance(value, Mapping):
        yield from value
    for part in value.values() if isinstance(value, Mapping) else value:
        yield from _texts(part)


def _with(data: dict[str, Any], at: DataPath, value: Value) -> dict[str, Any]:
    """What the file is to hold afterwards."""
    whole: Any = copy.deepcopy(data)
    holder: Any = whole
    for step, below in pairwise(at):
        inner = holder[step] if _holds(holder, step) else None
        if inner is None:
            inner = [] if isinstance(below, int) else {}
            _put(holder, step, inner)
        holder = inner
    _put(holder, at[-1], _plain(value))
    return whole  # type: ignore[no-any-return]


def _holds(holder: Any, step: str | int) -> bool:
    return step in holder if isinstance(step, str) else step < len(holder)


def _put(holder: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int) and step == len(holder):
        holder.append(value)
    else:
        holder[step] = value


def _plain(value: Value) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value]


def _unread(found: Source | None, place: Place) -> str:
    why = found.diagnostics[0].message if found and found.diagnostics else "it reads otherwise"
    return f"it cannot be written on line {place.line} so that it is read back: {why}"
