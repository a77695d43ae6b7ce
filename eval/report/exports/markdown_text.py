"""Markdown of what may hold anything: no name is markup, and each stays on its line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from physprior.eval.report.table import Table


def plain(text: str) -> str:
    """The text on one line, as text: a name may hold anything, and is no markup."""
    line = " ".join(text.encode("utf-8", "replace").decode().split())
    return re.sub(r"([<`*|\\]|(?<=\])\()", r"\\\1", line)


def bullets(lines: Iterable[str]) -> str:
    """A list of texts."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def heading(level: int, text: str) -> str:
    """A heading."""
    return f"{'#' * level} {plain(text)}"


def code(lines: Iterable[str]) -> str:
    """Lines for a shell, in a fence that none of them can close."""
    text = "\n".join(lines).encode("utf-8", "replace").decode()
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{text}\n{fence}"


def titled(table: Table, notes: Iterable[str] = (), *, level: int = 2) -> list[str]:
    """A table with its title, and below it its alarms and notes."""
    said = [*table.alarms, *table.notes, *notes]
    return [heading(level, table.title), grid(table), *([bullets(said)] if said else [])]


def grid(table: Table) -> str:
    """The table alone; names to the left, numbers to the right."""
    ruler = ["---"] * table.names + ["---:"] * (len(table.heads) - table.names)
    lines = [[*map(plain, table.heads)], ruler, *([*map(plain, row)] for row in table.rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
