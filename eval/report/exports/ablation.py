"""The paper's Table 3: the ways to deliver a prior as rows, categories as columns in blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from physprior.eval.published import PublishedTable, read_table
from physprior.eval.report.exports.latex import DAGGER, DASH, LatexTable, escape, line
from physprior.eval.report.exports.layout import (
    bracket,
    category_name,
    figure,
    ordered,
    published_note,
)
from physprior.eval.report.exports.runs import ExportedRun
from physprior.eval.report.published import (
    NOTHING,
    Column,
    auroc_column,
    mean_measured,
    means_printed,
    same_categories,
)
from physprior.stats import Estimate

ARMS = {"no_phys": "No-phys", "single_turn": "Single-turn", "multi_turn": "Multi-turn"}
"""The modes that the paper compares, as it calls them."""
MOST_COLUMNS = 11
"""Of a block, the average among them, as in the paper."""


@dataclass(frozen=True)
class _Arm:
    name: str
    column: Column
    mean: Estimate

    def of(self, category: str | None) -> Estimate:
        return self.mean if category is None else self.column.get(category, NOTHING)


def table_3(runs: Sequence[ExportedRun]) -> LatexTable | None:
    """AUROC by category of the runs that are arms; None where no run is one.

    An arm is a trained run of one of the three modes that was asked as it was trained: no control,
    no other method, and no checkpoint before training.
    """
    trained = [run for run in runs if _is_arm(run)]
    if not trained:
        return None
    paper = read_table("icassp-3")
    columns = [auroc_column(run.scores) for run in trained]
    same = same_categories(columns, paper)
    arms = [
        _Arm(escape(name), column, mean_measured(column, same or tuple(column)))
        for name, column in zip(_names(trained), columns, strict=True)
    ]
    blocks = _blocks(ordered(columns, paper))
    return LatexTable(
        label="tab:physprior-ablation",
        caption="AUROC by category and by how the prior is delivered.",
        columns="l" + "c" * max(map(len, blocks)),
        heads=(_heads(blocks[0], paper, max(map(len, blocks))),),
        blocks=_body(blocks, arms, paper, same),
        notes=_notes(trained, paper, same),
    )


def _is_arm(run: ExportedRun) -> bool:
    header = run.scores.predictions.header
    return (
        header.source == "predict"
        and header.control is None
        and header.run_fingerprint is not None
        and header.mode in ARMS
    )


def _names(runs: Sequence[ExportedRun]) -> list[str]:
    """The arm's name, and the run's where several runs are of one arm."""
    modes = [ARMS[run.scores.predictions.header.mode or ""] for run in runs]
    often = Counter(modes)
    return [
        mode if often[mode] == 1 else f"{mode} ({run.name})"
        for mode, run in zip(modes, runs, strict=True)
    ]


def _blocks(categories: Sequence[str]) -> list[list[str | None]]:
    """The columns of each block, all about as wide; None is the average, the last of all."""
    columns: list[str | None] = [*categories, None]
    count = -(-len(columns) // MOST_COLUMNS)
    size = -(-len(columns) // count)
    return [columns[first : first + size] for first in range(0, len(columns), size)]


def _heads(block: Sequence[str | None], paper: PublishedTable, width: int) -> str:
    names = ["Average" if one is None else category_name(one, paper) for one in block]
    return line(["", *names, *[""] * (width - len(names))])


def _body(
    blocks: Sequence[Sequence[str | None]],
    arms: Sequence[_Arm],
    paper: PublishedTable,
    same: Sequence[str],
) -> tuple[tuple[str, ...], ...]:
    width = max(map(len, blocks))
    made: list[tuple[str, ...]] = []
    for place, block in enumerate(blocks):
        if place:
            made.append((_heads(block, paper, width),))
        if same:
            made.append(tuple(_published(block, paper, same, width)))
        made.append(tuple(text for arm in arms for text in _measured(arm, block, width)))
    return tuple(made)


def _published(
    block: Sequence[str | None], paper: PublishedTable, same: Sequence[str], width: int
) -> list[str]:
    means, made = means_printed(paper, same), []
    for place, name in enumerate(paper.columns):
        cells = [
            means[place] or DASH
            if one is None
            else paper.rows[one].numbers[place]
            if one in paper.rows
            else DASH
            for one in block
        ]
        made.append(line([f"{escape(name)}{DAGGER}", *cells, *[""] * (width - len(cells))]))
    return made


def _measured(arm: _Arm, block: Sequence[str | None], width: int) -> tuple[str, str]:
    """The arm's figures, and below each its interval."""
    found, rest = [arm.of(one) for one in block], [""] * (width - len(block))
    spans = map(bracket, found)
    return (
        line([arm.name, *map(figure, found), *rest]),
        line(["", *(rf"{{\tiny {one}}}" if one else "" for one in spans), *rest]),
    )


def _notes(
    runs: Sequence[ExportedRun], paper: PublishedTable, same: Sequence[str]
) -> tuple[str, ...]:
    whose = ", ".join(
        f"{name} is the run {run.name}" for name, run in zip(_names(runs), runs, strict=True)
    )
    over = (
        f"Average: over the same {len(same)} categories in every row."
        if same
        else "Average: over all categories that were measured."
    )
    return (
        *([published_note(paper)] if same else []),
        f"Measured here: {escape(whose)}; below each figure its 95\\,\\% interval.",
        f"{over} A dash: not printed, not measured, or without a meaning.",
    )
