"""AUROC by category as dots with their intervals, the runs beside on the same axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from physprior.eval.compare import MACRO
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.figures.curve import OWN
from physprior.eval.report.tables import shown
from physprior.eval.report.words import estimate, number
from physprior.eval.scoring import Scores
from physprior.stats import Estimate

_CHANCE = 0.5
_LEAST_ROOM = 0.4
"""The axis begins here at the latest, so that chance is always in the picture."""
_MOST_TICKS = 6
_GAP = 6.0
_STEP = 5.0


@dataclass(frozen=True)
class Dot:
    """One run's AUROC of one category."""

    run: int
    """0 is the report's own, 1 the first beside it: it has its colour throughout the report."""
    name: str
    """The run's name; of one that has words alone, whose AUROC is that of its words, it says so."""
    value: str
    """``0.894 [0.87, 0.91]``."""
    x: float
    """0 to 100."""
    low: float | None
    """Where its interval begins and ends, 0 to 100; None where it has none."""
    high: float | None
    y: float
    """Downwards, within the row."""


@dataclass(frozen=True)
class IntervalRow:
    """One category, or the mean of all."""

    title: str
    dots: tuple[Dot, ...]
    whole: bool
    """It stands for all of them, and is ruled off."""


@dataclass(frozen=True)
class Tick:
    """A mark of an axis."""

    x: float
    said: str


@dataclass(frozen=True)
class IntervalPlot:
    """All rows, the lowest AUROC of the report's own run first, the macro average last."""

    rows: tuple[IntervalRow, ...]
    height: float
    """Of each row, where the axis is 100 wide."""
    ticks: tuple[Tick, ...]
    chance: float
    """Where 0.5 lies, 0 to 100."""


def interval_plot(evaluation: Evaluation) -> IntervalPlot | None:
    """The plot; None where no category has an AUROC."""
    own = evaluation.scores
    named = [one.category for one in own.categories if one.auroc is not None]
    if not named:
        return None
    values = {name: _values(evaluation, name) for name in [*named, MACRO]}
    low = _lowest([value for found in values.values() for value in found if value is not None])
    named.sort(key=lambda name: (_sortable(values[name][0]), name))
    return IntervalPlot(
        tuple(
            IntervalRow(name, _dots(evaluation, values[name], low), whole=name == MACRO)
            for name in [*named, MACRO]
        ),
        _GAP + _STEP * (1 + len(evaluation.beside)),
        _ticks(low),
        _place(_CHANCE, low),
    )


def _values(evaluation: Evaluation, name: str) -> list[Estimate | None]:
    """What each run has, its own first; None where it has nothing."""
    return [
        _value(scores, name, shown(scores)) for scores in (evaluation.scores, *evaluation.beside)
    ]


def _value(scores: Scores, name: str, measure: str) -> Estimate | None:
    if name == MACRO:
        return scores.macro[measure]
    found = scores.category(name)
    return found.measures[measure] if found else None


def _sortable(found: Estimate | None) -> float:
    return 1.0 if found is None or found.value is None else found.value


def _lowest(found: Sequence[Estimate]) -> float:
    """Where the axis begins: a whole tenth, below everything that it has to show."""
    ends = [one.interval.low if one.interval else one.value for one in found]
    known = [end for end in ends if end is not None]
    return max(0.0, math.floor(10 * min([_LEAST_ROOM, *known])) / 10)


def _place(value: float, low: float) -> float:
    return round(100 * (value - low) / (1 - low), 1)


def _ticks(low: float) -> tuple[Tick, ...]:
    tenths = range(round(10 * low), 11)
    step = 1 if len(tenths) <= _MOST_TICKS + 1 else 2
    # Counted from the right, since 1 must be among them.
    marked = sorted(tenths[::-1][::step])
    return tuple(Tick(_place(one / 10, low), number(one / 10, 1)) for one in marked)


def _dots(evaluation: Evaluation, found: Sequence[Estimate | None], low: float) -> tuple[Dot, ...]:
    runs = zip((OWN, *evaluation.names), (evaluation.scores, *evaluation.beside), strict=True)
    made = []
    for run, ((name, scores), one) in enumerate(zip(runs, found, strict=True)):
        if one is None or one.value is None:
            continue
        words = shown(scores) == "verdict_auroc"
        ends = (one.interval.low, one.interval.high) if one.interval else (None, None)
        placed = [None if end is None else _place(end, low) for end in ends]
        made.append(
            Dot(
                run,
                f"{name}, by its words" if words else name,
                estimate(one),
                _place(one.value, low),
                placed[0],
                placed[1],
                (_GAP + _STEP) / 2 + _STEP * run,
            )
        )
    return tuple(made)
