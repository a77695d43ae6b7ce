"""Diagnoses as plain text of at most 100 columns: a table a category, below what it was told."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from physprior.dataset.names import shown

if TYPE_CHECKING:
    from rich.table import Table

    from physprior.eval.diagnosis import Asked, Diagnosis

WIDTH = 100
"""Columns; the same in a terminal, a log and a file."""
_OF_PATH = 36
"""Columns of a path."""
_OF_TEXT = 300
"""Characters that are shown of an answer that could not be read."""


def pages(made: Sequence[Diagnosis]) -> Iterator[str]:
    """The lines of all tables, category after category; of videos that were diagnosed."""
    by_category = groupby(sorted(made, key=attrgetter("category")), key=attrgetter("category"))
    for number, (category, group) in enumerate(by_category):
        if number:
            yield ""
        yield from _page(str(category), list(group))


def _page(category: str, made: Sequence[Diagnosis]) -> Iterator[str]:
    first = made[0]
    assert first.asked is not None
    yield f"{category}: asked in mode {first.asked.mode}, history {first.asked.history}"
    yield from _lines(_facts(first, first.asked))
    yield ""
    yield from _lines(_verdicts(made))


def _facts(first: Diagnosis, asked: Asked) -> Table:
    """What all diagnoses of a category share."""
    table = _table()
    told = {} if asked.prior is None else asked.prior.model_dump()
    for kind in ("component", "subject", "motion"):
        if told.get(kind):
            table.add_row("", kind, _text(told[kind]))
    if not told:
        why = "the model's own words stand there" if asked.history == "generated" else "by its mode"
        table.add_row("", "prior", f"no physics was told before the verdict: {why}")
    if asked.trained is False:
        table.add_row("", "training", "the run was never trained on this category")
    if asked.prompt_changed:
        table.add_row("", "training", "the run was trained on other prompts than these")
    whose = "of this category" if first.threshold_for == "category" else "for all categories"
    told_by = f"{first.threshold:g}, above which a score is anomalous (rule {first.rule}, {whose})"
    table.add_row("", "threshold", told_by)
    return table


def _verdicts(made: Sequence[Diagnosis]) -> Table:
    table = _table()
    with_words = any(one.parse for one in made)
    table.add_column("video", overflow="fold", max_width=_OF_PATH)
    table.add_column("verdict", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.show_header = True
    if with_words:
        table.add_column("reason", overflow="fold")
    for one in made:
        row = [_path(one.video), str(one.verdict), f"{one.score:+.3f}"]
        table.add_row(*row, *([_reason(one)] if with_words else []))
    return table


def _path(path: str) -> str:
    """The path with breaks behind slashes, where it is too long for its column."""
    lines = [""]
    for part in re.findall("[^/]*/|[^/]+$", path):
        if len(lines[-1]) + len(part) > _OF_PATH:
            lines.append("")
        lines[-1] += part
    return "\n".join(line for line in lines if line)


def _reason(one: Diagnosis) -> str:
    text = _text(one.text or "")
    if one.words is None:
        begins = text[:_OF_TEXT] + ("…" if len(text) > _OF_TEXT else "")
        return f"no verdict in its words ({one.parse}): {begins}".rstrip(": ")
    said = f"[its words say {one.words}] " if one.contradicts else ""
    cut = " [cut off]" if one.truncated else ""
    return f"{said}{_text(one.reason or '(no reason given)')}{cut}"


def _text(text: str) -> str:
    """What a model or a person wrote, on one line and with nothing that moves a terminal."""
    return shown(" ".join(text.split()))


def _table() -> Table:
    from rich.table import Table

    return Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)


def _lines(table: Table) -> list[str]:
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, width=WIDTH, color_system=None, markup=False, emoji=False).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]
