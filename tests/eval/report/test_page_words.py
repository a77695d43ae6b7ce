"""The words of the first screen, and when a table's cells are crowded: to a hair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from physprior.eval.predictions import read_predictions
from physprior.eval.report.evaluation import evaluate
from physprior.eval.report.page.cells import is_crowded
from physprior.eval.report.page.summary import sentences
from physprior.eval.report.table import Table
from physprior.stats import Estimate, Interval

WriteFile = Callable[..., Path]
ROWS: list[Any] = [("ball", "normal", -1.0, None), ("ball", "leak", 1.0, None)]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.619, 0.781, "70 times in 100 (95 % interval: 61 to 79)."),
        (0.499, 0.801, "Guessing is 50: this may be guessing."),
        (0.501, 0.801, "(95 % interval: 50 to 81)."),
    ],
)
def test_the_interval_is_rounded_outwards_and_guessing_is_judged_before_rounding(
    write_file: WriteFile, low: float, high: float, said: str
) -> None:
    found = evaluate(read_predictions(write_file(ROWS)))
    macro = {**found.scores.macro, "auroc": Estimate(0.7, 50, Interval(low, high, "by hand"))}
    first, *_ = sentences(replace(found, scores=replace(found.scores, macro=macro)))
    assert first.endswith(said)


@pytest.mark.parametrize(("intervals", "crowded"), [(6, False), (7, True)])
def test_a_row_of_more_than_six_intervals_is_crowded(intervals: int, crowded: bool) -> None:
    row = ("clip", *["0.894 [0.87, 0.91]"] * intervals)
    heads = tuple(f"column {at}" for at in range(len(row)))
    assert is_crowded(Table("A table", heads, (row,))) is crowded
