"""The report of an ablation on a terminal: its first tables, and what they say."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator

from physprior.eval.report.table import Table
from physprior.pipeline.ablate.report.explaining import cost_table
from physprior.pipeline.ablate.report.model import Summary
from physprior.pipeline.ablate.report.tables import (
    OVER,
    VERDICT_OVER,
    differences_table,
    main_table,
)

WIDTH = 98


def print_summary(summary: Summary) -> None:
    """Print what matters to standard output; ``ablation.md`` holds the rest."""
    sys.stdout.write("\n".join(summary_lines(summary)) + "\n")


def summary_lines(summary: Summary) -> Iterator[str]:
    """The lines of a terminal: the arms, the paired differences, the words, the warnings."""
    # The columns of counts and spreads are too many for a terminal; the page has them.
    arms = main_table(summary).without("seeds", "videos", OVER, VERDICT_OVER)
    for table in (arms, differences_table(summary), cost_table(summary)):
        if table.rows:
            yield from ("", table.title, "", *_lines(table))
    yield from ("", *_paragraphs(summary.conclusions))
    for title, lines in (("Mind", summary.warnings), ("Missing", summary.missing)):
        if lines:
            yield from ("", f"{title}:", *_paragraphs(f"- {line}" for line in lines))


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from textwrap.wrap(
            text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )


def _lines(table: Table) -> Iterator[str]:
    every = (table.heads, *table.rows)
    widths = [max(len(row[place]) for row in every) for place in range(len(table.heads))]
    ruled = len(table.rows) - table.apart if table.apart else -1
    rule = "  ".join("-" * width for width in widths)
    for number, row in enumerate(every):
        if number in (1, ruled + 1) and number:
            yield rule
        cells = (
            cell.ljust(width) if place < table.names else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
