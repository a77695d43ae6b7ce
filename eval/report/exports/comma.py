"""Comma-separated values (RFC 4180) that a spreadsheet opens and never executes.

Numbers are not rounded. A text that a spreadsheet would take for a formula, since it begins with
``=``, ``+``, ``-``, ``@`` or a tab, begins with an apostrophe instead.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | float | int | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Line breaks and full-width signs too: some programs pass over the one and read the other."""


def comma_separated(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The file's text; None is an empty cell, a truth value ``true`` or ``false``."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([*map(_cell, row)] for row in rows)
    return stream.getvalue()


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | int):
        return repr(value)
    # A lone surrogate, as of a file name that is not UTF-8, could not be written; nor a NUL read.
    text = value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return f"'{text}" if text.startswith(_FORMULA) else text
