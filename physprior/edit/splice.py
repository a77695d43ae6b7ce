"""Edits by the byte: the spans that are named change, and nothing else of the file does."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from physprior.knowledge.diagnostic import Position
from physprior.knowledge.fix import Edit

_BREAK = re.compile("\r\n|\r|\n")


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The content of a UTF-8 file with spans of it replaced.

    Byte order mark, line ends and all that lies outside the spans stay as they are; inserted line
    breaks become the file's own. Edits at one place are made in their order. Raises ValueError
    where two spans overlap or one lies outside the file.
    """
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = data[len(mark) :].decode("utf-8")
    starts = [0, *(found.end() for found in _BREAK.finditer(text))]
    line_break = _usual_break(text)
    spans = sorted(
        ((*_offsets(text, starts, edit.position), edit.text) for edit in edits),
        key=lambda span: span[:2],
    )
    pieces, at = [], 0
    for start, end, new in spans:
        if start < at:
            raise ValueError(f"edits overlap at character {start}")
        pieces += [text[at:start], new.replace("\n", line_break)]
        at = end
    return mark + "".join([*pieces, text[at:]]).encode("utf-8")


def _usual_break(text: str) -> str:
    """What most lines end with; LF where there is no line end at all."""
    found = _BREAK.findall(text)
    return max(("\n", "\r\n", "\r"), key=found.count)


def _offsets(text: str, starts: list[int], position: Position) -> tuple[int, int]:
    ends = (position.line, position.column), (position.end_line, position.end_column)
    found = []
    for line, column in ends:
        if not 1 <= line <= len(starts) or not 0 <= starts[line - 1] + column - 1 <= len(text):
            raise ValueError(f"no line {line}, column {column} in the file")
        found.append(starts[line - 1] + column - 1)
    if found[1] < found[0]:
        raise ValueError(f"a span that ends before it begins, at line {position.line}")
    return found[0], found[1]
