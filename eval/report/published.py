"""What papers print of the categories that were measured here, beside what was measured.

Published figures stay strings as printed, in columns of their own, and have no interval: they are
of other videos and splits. Averages are made over the same categories on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from physprior.eval.published import PublishedTable, read_table
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.table import Table, rows
from physprior.eval.report.tables import AUROC, VERDICT_AUROC, shown
from physprior.eval.report.words import estimate
from physprior.eval.scoring import Scores
from physprior.stats import Estimate, macro_estimate

TABLES = ("icassp-1", "phys-ad-4")
"""The tables of AUROC by category, the method's own paper first."""
MARK = "†"
"""Stands at every head of a published column."""
DASH = "--"
"""Stands where a paper prints nothing, or nothing was measured."""
NOT_A_COMPETITION = (
    f"{MARK} Published, not measured here: of real Phys-AD videos, on a split that the paper does "
    "not name, without intervals. The measured columns are of this report's own videos. They show "
    "the order of size, not a competition."
)
NOTHING = Estimate(None, 0)
"""What stands where nothing was measured."""
Column = Mapping[str, Estimate]
"""One run's measure by category."""


@dataclass(frozen=True)
class BesideRow:
    """One category, or an average of several."""

    name: str
    """The category's id; of an average, what it is over."""
    measured: tuple[Estimate, ...]
    """A run each, the report's own first; value None where it was not measured."""
    printed: tuple[str | None, ...]
    """A system each, as printed; None where the paper has nothing of it."""


@dataclass(frozen=True)
class PublishedBeside:
    """One published table beside the measured AUROC of the same categories."""

    id: str
    """Its name among the published tables: ``icassp-1``."""
    title: str
    source: str
    """The paper."""
    number: int
    """The table's number there."""
    metric: str
    note: str
    """What must be known to read it; empty where that is nothing."""
    runs: tuple[str, ...]
    """The measured columns: the measure, and which run, the report's own first."""
    systems: tuple[str, ...]
    """The published columns, as the paper calls them."""
    rows: tuple[BesideRow, ...]
    """Every measured category, in the order of ids."""
    average: BesideRow
    """Over the categories that the paper prints and every run has measured."""
    averaged: tuple[str, ...]
    """Which categories these are."""
    as_printed: BesideRow
    """The paper's own averages, over all its categories; nothing measured beside them."""
    published: bool = True
    """Always true: whoever reads it as data must not take it for measured."""


def published_tables(evaluation: Evaluation) -> list[PublishedBeside]:
    """The published tables that have at least one of the measured categories, each beside them.

    A category that a paper does not have keeps its row, without its figures.
    """
    found = [_beside(evaluation, read_table(name)) for name in TABLES]
    return [one for one in found if one.averaged]


def published_table(found: PublishedBeside) -> Table:
    """The same as a table of text, every published column marked."""
    whole = [found.average, *([found.as_printed] if any(found.as_printed.printed) else [])]
    every = (*found.rows, *whole)
    made = [[one.name, *_measured(one), *map(_printed, one.printed)] for one in every]
    return Table(
        f"Beside published systems: table {found.number} of {_paper(found.source)}",
        ("category", *found.runs, *(f"{system_name(name)} {MARK}" for name in found.systems)),
        rows(made),
        apart=len(whole),
        notes=(
            NOT_A_COMPETITION,
            f"Source: table {found.number} ({found.metric}) of {found.source}.",
            *([found.note] if found.note else []),
        ),
    )


def measured_columns(evaluation: Evaluation) -> dict[str, Column]:
    """Each measured column's head and its AUROC, the report's own run first."""
    columns = {_measure(evaluation.scores): auroc_column(evaluation.scores)}
    for name, other in zip(evaluation.names, evaluation.beside, strict=True):
        columns[f"{_measure(other)} {name}"] = auroc_column(other)
    return columns


def auroc_column(scores: Scores) -> Column:
    """A run's AUROC by category, by its words where it has words alone."""
    return {one.category: one.measures[shown(scores)] for one in scores.categories}


def same_categories(columns: Iterable[Column], table: PublishedTable) -> tuple[str, ...]:
    """The categories that the paper prints and that every column has, in the paper's order.

    A column without any value, of a run that has nothing of the kind, takes none away.
    """
    known = [
        {name for name, found in column.items() if found.value is not None} for column in columns
    ]
    known = [names for names in known if names]
    return tuple(name for name in table.rows if known and all(name in names for names in known))


def mean_measured(column: Column, categories: Sequence[str]) -> Estimate:
    """A column's mean over these categories; value None where it lacks one of them, or all."""
    found = [column[name] for name in categories if name in column]
    whole = len(found) == len(categories) and all(one.value is not None for one in found)
    return macro_estimate(found) if found and whole else Estimate(None, 0)


def means_printed(table: PublishedTable, categories: Sequence[str]) -> tuple[str | None, ...]:
    """Each published column's mean over these categories, to three decimals as papers print it."""
    if not categories:
        return (None,) * len(table.columns)
    columns = zip(*(table.rows[name].numbers for name in categories), strict=True)
    return tuple(f"{sum(map(Decimal, one), Decimal(0)) / len(one):.3f}" for one in columns)


def _beside(evaluation: Evaluation, table: PublishedTable) -> PublishedBeside:
    columns = measured_columns(evaluation)
    measured, nothing = (*columns.values(),), (None,) * len(table.columns)
    both = same_categories(measured, table)
    return PublishedBeside(
        id=table.id,
        title=table.title,
        source=table.source,
        number=table.table,
        metric=table.metric,
        note=table.note,
        runs=tuple(columns),
        systems=table.columns,
        rows=tuple(
            BesideRow(
                name,
                tuple(column.get(name, NOTHING) for column in measured),
                table.rows[name].numbers if name in table.rows else nothing,
            )
            for name in (one.category for one in evaluation.scores.categories)
        ),
        average=BesideRow(
            average_of(len(both)),
            tuple(mean_measured(column, both) for column in measured),
            means_printed(table, both),
        ),
        averaged=both,
        as_printed=BesideRow(
            f"average as printed, of {len(table.rows)}",
            (NOTHING,) * len(measured),
            table.averages or nothing,
        ),
    )


def system_name(printed: str) -> str:
    """A published column's head; a paper's "Ours" is not ours."""
    return printed.replace("Ours", "Ours (paper)")


def average_of(count: int) -> str:
    """What an average over so many categories is called."""
    return "average of this 1 category" if count == 1 else f"average of the same {count} categories"


def _measure(scores: Scores) -> str:
    return VERDICT_AUROC if shown(scores) == "verdict_auroc" else AUROC


def _measured(row: BesideRow) -> list[str]:
    return [DASH if one.value is None else estimate(one) for one in row.measured]


def _printed(figure: str | None) -> str:
    return DASH if figure is None else figure


def _paper(source: str) -> str:
    return "the ICASSP paper" if "ICASSP" in source else "the Phys-AD paper"
