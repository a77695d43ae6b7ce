"""The report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.facts import facts, left_out
from physprior.eval.report.notes import NOTES
from physprior.eval.report.table import Table
from physprior.eval.report.tables import tables


def markdown_report(evaluation: Evaluation) -> str:
    """The report without its figures."""
    parts = ["# physprior report", _list(f"{name}: {value}" for name, value in facts(evaluation))]
    for place, table in enumerate(tables(evaluation)):
        parts += [f"## {_plain(table.title)}", _table(table)]
        notes = [*table.notes, *(NOTES if place == 0 else ())]
        parts += [_list([*table.alarms, *notes])] if table.alarms or notes else []
    for title, lines in left_out(evaluation):
        parts += [f"## {title}", _list(lines)]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    ruler = ["---"] * table.names + ["---:"] * (len(table.heads) - table.names)
    lines = [[*map(_plain, table.heads)], ruler, *([*map(_plain, row)] for row in table.rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_plain(line)}" for line in lines)


def _plain(text: str) -> str:
    # A name may hold anything: it stays on its line, and is no markup.
    return re.sub(r"([<`*|\\]|(?<=\])\()", r"\\\1", " ".join(text.split()))
