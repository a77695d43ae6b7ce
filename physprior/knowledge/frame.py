"""Code frames: the lines of a file around a finding, with a caret below the spot."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LINES_BEFORE = 1
_WIDEST = 110
# A terminal must not obey what a file holds, and a stray control character must be seen.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)


def code_frame(lines: Sequence[str], line: int, column: int, end_column: int | None) -> list[str]:
    """The frame of a finding at ``line`` and ``column`` (from 1), as lines of text.

    ``end_column`` is exclusive; None underlines to the end of the line. A finding past the last
    line, as in an empty file, has no frame.
    """
    if not 1 <= line <= len(lines):
        return []
    margin = len(str(line))
    frame = [f"  {'':{margin}} |"]
    for number in range(max(1, line - _LINES_BEFORE), line):
        frame.append(f"  {number:>{margin}} | {_crop(lines[number - 1], 0)}".rstrip())
    text = lines[line - 1]
    start = _window(column)
    frame.append(f"  {line:>{margin}} | {_crop(text, start)}")
    end = len(text) + 1 if end_column is None else end_column
    frame.append(f"  {'':{margin}} | {_caret(text, start, column, end)}")
    return frame


def _window(column: int) -> int:
    """Where the shown piece of a very long line begins, so that the column is in it."""
    return 0 if column <= _WIDEST - 10 else column - _WIDEST // 2


def _crop(text: str, start: int) -> str:
    piece = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text[start : start + _WIDEST])
    before = "…" if start else ""
    after = "…" if len(text) > start + _WIDEST else ""
    return f"{before}{piece}{after}"


def _caret(text: str, start: int, column: int, end_column: int) -> str:
    lead = text[start : column - 1]
    stop = min(end_column - 1, start + _WIDEST)
    underlined = sum(_cells(character) for character in text[column - 1 : stop].rstrip())
    before = " " if start else ""
    return before + "".join(_blank(character) for character in lead) + "^" * max(1, underlined)


def _blank(character: str) -> str:
    # A tab is as wide above the caret as below it, whatever the terminal's tab stops are.
    return "\t" if character == "\t" else " " * _cells(character)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
