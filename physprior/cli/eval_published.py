"""``physprior eval published``: the papers' tables as printed, and whether they add up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import paragraph, say, table

if TYPE_CHECKING:
    from physprior.eval.published import PublishedTable

_WIDTH = 100


def published_command(
    name: Annotated[
        str | None,
        typer.Argument(help="A table's name.", show_default="list them"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, numbers unrounded.")
    ] = False,
) -> None:
    """Print a published table as its paper does, and its averages made once more from its rows."""
    from physprior.eval import published

    if name is None:
        tables = [published.read_table(one) for one in published.table_names()]
        if as_json:
            say(json.dumps({one.id: published.as_json(one) for one in tables}, ensure_ascii=False))
        else:
            for one in tables:
                say(f"{one.id:10}  {one.title}: {one.metric}")
        return
    found = published.read_table(name)
    if as_json:
        say(json.dumps(published.as_json(found), indent=2, ensure_ascii=False))
    else:
        _print_table(found)


def _print_table(found: PublishedTable) -> None:
    from physprior.eval.published import recompute

    paragraph(f"Published, not measured here: table {found.table} of {found.source}.")
    say(f"{found.title}: {found.metric}")
    averages = recompute(found)
    for first, end in _blocks(found):
        say()
        rows = [(name, *row.numbers[first:end]) for name, row in found.rows.items()]
        if averages:
            rows.append(("average, as printed", *found.averages[first:end]))
            means = (f"{average.recomputed:.4f}" for average in averages[first:end])
            rows.append(("average of the rows", *means))
        table((found.row, *found.columns[first:end]), rows)
    say()
    if found.note:
        paragraph(f"note: {found.note}")
    differing = [average for average in averages if average.differs]
    for one in differing:
        say(f"differs: {one.column}: printed {one.printed}, its rows give {one.recomputed:.4f}")
    if averages and not differing:
        say("every average is that of its rows")


def _blocks(found: PublishedTable) -> Iterator[tuple[int, int]]:
    """Columns that stand beside one another, from and to, so that a line fits a terminal."""
    first, width = 0, 0
    names = max(len("average of the rows"), *map(len, found.rows))
    for place, column in enumerate(found.columns):
        needed = 2 + max(len(column), 6)
        if width + needed > _WIDTH - names:
            yield first, place
            first, width = place, 0
        width += needed
    yield first, len(found.columns)
