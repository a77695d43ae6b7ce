"""How a table's cells and a section's links are written as HTML."""

from __future__ import annotations

import re
from urllib.parse import quote

from markupsafe import Markup, escape

from physprior.eval.report.published import MARK
from physprior.eval.report.table import Table

_ESTIMATE = re.compile(r"([-+]?\d[\d.]*) (\[[-+\d., ]+\])")
"""A number with its interval, as ``words.estimate`` writes it, and nothing else."""

_BESIDE = 6
"""So many intervals have room beside their numbers in a row."""


def cell(text: str) -> Markup:
    """The text of a cell: an interval goes below its number where the column is narrow."""
    found = _ESTIMATE.fullmatch(text)
    if found is None:
        # An id of several words may break between them.
        return escape(text).replace("_", Markup("_<wbr>"))
    value, interval = found.groups()
    return Markup('<b class="v">{}</b> <i class="i">{}</i>').format(value, interval)


def is_crowded(table: Table) -> bool:
    """Whether every interval goes below its number: as some columns would have to, all do."""
    return any(sum(map(bool, map(_ESTIMATE.fullmatch, row))) > _BESIDE for row in table.rows)


def is_printed(head: str) -> bool:
    """Whether a column holds what a paper prints, and nothing that was measured."""
    return head.endswith(MARK)


def card_link(video: str) -> str:
    """The address of a video's card within the page."""
    return f"#video={quote(video, safe='/', errors='replace')}"
