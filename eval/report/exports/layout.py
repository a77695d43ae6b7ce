"""What the tables in the paper's layout have in common: order, names, cells and notes."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.eval.published import PublishedTable
from physprior.eval.report.exports.latex import DAGGER, DASH, escape
from physprior.eval.report.published import Column
from physprior.eval.report.words import interval, number
from physprior.stats import Estimate


def ordered(columns: Sequence[Column], paper: PublishedTable) -> list[str]:
    """The categories of all columns: the paper's first and in its order, then by id."""
    every = {name for column in columns for name in column}
    return [*(name for name in paper.rows if name in every), *sorted(every - {*paper.rows})]


def category_name(category: str, paper: PublishedTable) -> str:
    """What the paper calls it, else its id; as LaTeX."""
    return escape(paper.rows[category].printed if category in paper.rows else category)


def bracket(found: Estimate) -> str:
    """The interval, or nothing; as LaTeX."""
    return interval(found.interval) if found.value is not None else ""


def figure(found: Estimate) -> str:
    """The value, or a dash."""
    return DASH if found.value is None else number(found.value)


def published_note(paper: PublishedTable) -> str:
    """What the dagger means, and which table it is."""
    return (
        f"{DAGGER} Published in {escape(paper.source)}, table {paper.table}; not measured here: "
        "other videos, on a split that the paper does not name, without intervals."
    )
