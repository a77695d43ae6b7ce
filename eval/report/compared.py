"""Several runs in one report: each beside the first, with the paired tests of ``eval compare``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from physprior.eval.compare import ComparedRuns
from physprior.eval.compare_page import ranking_table, table_of_tests, tables_of_explanations
from physprior.eval.compare_words import conclusions, describe, explained, letter, remarks
from physprior.eval.report.evaluation import short_names
from physprior.eval.report.figures.curve import OWN
from physprior.eval.report.table import Table


@dataclass(frozen=True)
class ComparedSection:
    """One run beside the report's own."""

    title: str
    """``B, base, beside A, this run``."""
    sentences: tuple[str, ...]
    """What may be concluded, the ranking first; then the explanations."""
    remarks: tuple[str, ...]
    """How the two files belong together, and what was left out."""
    tables: tuple[Table, ...]
    """Rankings, tests, and a table each explanation score that both have."""


def comparison_legend(comparisons: Sequence[ComparedRuns]) -> tuple[tuple[str, str, str], ...]:
    """Letter, short name and file of each run, the report's own first; nothing without others."""
    if not comparisons:
        return ()
    files = [comparisons[0].reference, *(one.other for one in comparisons)]
    named = zip((OWN, *_names(comparisons)), files, strict=True)
    return tuple((letter(place), name, describe(file)) for place, (name, file) in enumerate(named))


def comparison_section(comparisons: Sequence[ComparedRuns]) -> tuple[ComparedSection, ...]:
    """Each further run beside the first, in their order.

    In sentences and tables a run is its letter, as ``eval compare`` has it; ``comparison_legend``
    says whose it is.
    """
    others = len(comparisons)
    named = zip(comparisons, _names(comparisons), strict=True)
    return tuple(
        _section(one, letter(place), name, others) for place, (one, name) in enumerate(named, 1)
    )


def _names(comparisons: Sequence[ComparedRuns]) -> tuple[str, ...]:
    """The others' names as the whole report has them, told apart from the report's own run, too."""
    files = [one.reference for one in comparisons[:1]] + [one.other for one in comparisons]
    return short_names(files)[1:]


def _section(one: ComparedRuns, b: str, name: str, others: int) -> ComparedSection:
    return ComparedSection(
        f"{b}, {name}, beside A, {OWN}",
        (*conclusions(one, b, others), *explained(one, b, others)),
        tuple(remarks(one, b)),
        (
            ranking_table(one, b),
            table_of_tests(one, b, others),
            *tables_of_explanations(one, b),
        ),
    )
