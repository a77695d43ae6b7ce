"""Tables of published papers, as printed, and their averages made once more from their rows.

They stand beside nothing that was measured here: other splits, other videos, no intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from physprior.errors import PredictionError

_FOLDER = Path(__file__).resolve().parent


class PublishedRow(BaseModel):
    """One row of a table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    printed: str
    """What the paper calls it."""
    values: str
    """Its numbers as printed, a blank between two."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its numbers as printed."""
        return tuple(self.values.split())


class PublishedTable(BaseModel):
    """A table as a paper prints it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """What it is called here."""
    title: str
    source: str
    """The paper."""
    table: int
    """Its number there."""
    metric: str
    """What its numbers are."""
    row: str
    """What a row is: category or method."""
    note: str = ""
    """What must be known to read it."""
    columns: tuple[str, ...]
    rows: dict[str, PublishedRow]
    """Our id of the category, or a method, to its row."""
    average: str = ""
    """The averages as printed; empty where the table has none."""

    @model_validator(mode="after")
    def _as_wide_as_its_columns(self) -> PublishedTable:
        every = [row.numbers for row in self.rows.values()]
        every += [self.averages] if self.average else []
        if any(len(numbers) != len(self.columns) for numbers in every):
            raise ValueError(f"{self.id}: a row has not {len(self.columns)} numbers")
        return self

    @property
    def averages(self) -> tuple[str, ...]:
        """The averages as printed."""
        return tuple(self.average.split())


@dataclass(frozen=True)
class Average:
    """A column's average, as printed and as its rows give it."""

    column: str
    printed: Decimal
    recomputed: Decimal
    """The mean of the rows, not rounded beyond Decimal's 28 digits."""

    @property
    def differs(self) -> bool:
        """Whether rounding cannot explain the difference."""
        unit = Decimal(1).scaleb(int(self.printed.as_tuple().exponent))
        return abs(self.recomputed - self.printed) > unit / 2


def table_names() -> list[str]:
    """The names of all tables."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@cache
def read_table(name: str) -> PublishedTable:
    """A table by its name. Raises PredictionError where there is none of that name."""
    if name not in table_names():
        raise PredictionError(
            f"there is no published table '{name}'",
            remedy=f"name one of {', '.join(table_names())}",
        )
    text = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return PublishedTable.model_validate(yaml.safe_load(text))


def recompute(table: PublishedTable) -> list[Average]:
    """The averages of a table beside the means of its own rows; none where it prints none."""
    columns = zip(*(row.numbers for row in table.rows.values()), strict=True)
    means = [sum(map(Decimal, column), Decimal(0)) / len(table.rows) for column in columns]
    return [
        Average(column, Decimal(printed), mean)
        for column, printed, mean in zip(table.columns, table.averages, means, strict=False)
    ]


def as_json(table: PublishedTable) -> dict[str, Any]:
    """A table with its recomputed averages, to be written as JSON; it says that it is published."""
    return {
        "published": True,
        **table.model_dump(include={"id", "title", "source", "table", "metric", "note"}),
        "columns": list(table.columns),
        "rows": {
            name: {"printed": row.printed, "values": [float(number) for number in row.numbers]}
            for name, row in table.rows.items()
        },
        "averages": [
            {
                "column": average.column,
                "printed": float(average.printed),
                "recomputed": float(average.recomputed),
                "differs": average.differs,
            }
            for average in recompute(table)
        ],
    }
