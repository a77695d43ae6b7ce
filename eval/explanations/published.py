"""Published explanation scores in a line, to stand below measured ones and never among them."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from physprior.eval.published import PublishedTable, read_table, recompute


def published_scores(score: str, categories: Collection[str]) -> str:
    """The ICASSP paper's averages of ``SBERT`` or ``LLM``, a method each, in one line.

    As printed, and in brackets the means of those rows that are among ``categories``.
    """
    found = read_table("icassp-2")
    columns = [column for column in found.columns if column.endswith(f" {score}")]
    same = [name for name in found.rows if name in categories]
    said = [
        f"{column.removesuffix(f' {score}')} {_printed(found, column)}"
        + (f" ({_mean(found, column, same):.3f})" if same else "")
        for column in columns
    ]
    beside = f"; in brackets over {_counted(len(same))}" if same else ""
    return (
        f"{score} score as published (ICASSP, table {found.table}; averages as printed{beside}): "
        f"{', '.join(said)}"
    )


def published_paeval() -> str:
    """The PAEval averages of the Phys-AD paper, a method each, in one line."""
    found = read_table("phys-ad-5")
    columns = [found.columns.index(task) for task in ("Description", "Explanation")]
    said = [
        f"{row.printed} {' / '.join(row.numbers[column] for column in columns)}"
        for row in found.rows.values()
    ]
    return (
        f"PAEval as published (Phys-AD, table {found.table}; description / explanation): "
        f"{', '.join(said)}"
    )


def _printed(found: PublishedTable, column: str) -> Decimal:
    return next(one.printed for one in recompute(found) if one.column == column)


def _mean(found: PublishedTable, column: str, names: Collection[str]) -> Decimal:
    place = found.columns.index(column)
    numbers = [Decimal(found.rows[name].numbers[place]) for name in names]
    return sum(numbers, Decimal(0)) / len(numbers)


def _counted(names: int) -> str:
    return "the one category" if names == 1 else f"the same {names} categories"
