"""One chart of a training as shapes on a square of 100 by 100, y downwards, for inline SVG.

The steps run to the right, the same in each chart of a run; the step whose weights are kept is
marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from physprior.eval.report.training.axis import Axis, Tick, axis_of, steps_axis
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.report.training.series import Series
from physprior.eval.report.words import number

_MOST = 160
"""Points of a line at most: a curve of many steps stays small."""


@dataclass(frozen=True)
class Line:
    """One line of a chart."""

    name: str
    last: str
    """Its last value, as it is written."""
    points: str
    """``x,y x,y …``."""
    dots: tuple[tuple[float, float], ...]
    """Its points where they are few: a line of one point would not be seen."""


@dataclass(frozen=True)
class Spread:
    """A value with its standard error to both sides."""

    x: float
    low: float
    high: float
    """The ends on the square: ``low`` is the greater number, since y runs downwards."""


@dataclass(frozen=True)
class TrainingChart:
    """One chart."""

    title: str
    note: str
    """How it is read, in a sentence or two."""
    lines: tuple[Line, ...]
    """The first is the one that matters most."""
    spreads: tuple[Spread, ...]
    """Around the first line."""
    across: tuple[Tick, ...]
    """Steps, to the right."""
    up: tuple[Tick, ...]
    """Values; ``at`` counts downwards."""
    kept: float | None
    """Where the kept step stands, 0 to 100."""
    kept_said: str
    """``step 400 is kept``; empty where nothing is."""
    described: str
    """The chart in words, for those who do not see it."""


def draw(
    run: TrainingRun,
    title: str,
    note: str,
    named: Sequence[tuple[str, Series]],
    *,
    axis: Callable[[Sequence[float]], Axis] = axis_of,
    errors: Series | None = None,
) -> TrainingChart | None:
    """The chart of these series, by their names, the most telling first; None without any.

    ``axis`` makes the axis of the values. ``errors``: standard errors of the first series.
    """
    if not named:
        return None
    across = _across(run)
    values = [value for _, series in named for value in series.values]
    spans = list(_spans(named[0][1], errors))
    up = axis([*values, *(end for _, low, high in spans for end in (low, high))])
    kept = run.kept_step
    place = None if kept is None else across.place(kept)
    inside = place is not None and 0 <= place <= 100
    return TrainingChart(
        title,
        " ".join(filter(None, (note, up.note))),
        tuple(_line(name, series, across, up) for name, series in named),
        tuple(
            Spread(across.place(step), _down(up, low), _down(up, high)) for step, low, high in spans
        ),
        across.ticks,
        tuple(Tick(round(100 - tick.at, 1), tick.text) for tick in up.ticks),
        place if inside else None,
        f"step {kept} is kept" if inside else "",
        _described(title, named, across),
    )


def _across(run: TrainingRun) -> Axis:
    """The same in each chart, so that they can be read beside one another."""
    return steps_axis([series.steps[-1] for series in run.series.values()])


def _down(up: Axis, value: float) -> float:
    return round(100 - up.place(value), 1)


def _spans(series: Series, errors: Series | None) -> Iterator[tuple[int, float, float]]:
    """Step, and the value less and more its standard error, which no AUROC can pass 0 and 1 by."""
    for step, value in zip(series.steps, series.values, strict=True):
        error = errors.at(step) if errors is not None else None
        if error is not None:
            yield step, max(0.0, value - abs(error)), min(1.0, value + abs(error))


def _line(name: str, series: Series, across: Axis, up: Axis) -> Line:
    chosen = thinned(series)
    places = [
        (across.place(step), _down(up, value))
        for step, value in zip(chosen.steps, chosen.values, strict=True)
    ]
    few = len(series.steps) <= 12
    return Line(
        name,
        written(series.last),
        " ".join(dict.fromkeys(f"{x:g},{y:g}" for x, y in places)),
        tuple(places) if few else (),
    )


def thinned(series: Series) -> Series:
    """The series with no more than a few hundred points, its peaks and its ends kept."""
    count = len(series.steps)
    if count <= _MOST:
        return series
    kept = {0, count - 1}
    bins = _MOST // 2
    for one in range(bins):
        span = range(one * count // bins, (one + 1) * count // bins)
        kept |= {min(span, key=series.values.__getitem__), max(span, key=series.values.__getitem__)}
    places = sorted(kept)
    return Series(
        tuple(series.steps[place] for place in places),
        tuple(series.values[place] for place in places),
    )


def written(value: float) -> str:
    """A value with as many digits as can be read: ``0.9231``, ``0.00225``, ``2.0e-05``."""
    if value == 0 or 1e-2 <= abs(value) < 1e4:
        return number(value, 4 if abs(value) < 10 else 1)
    return f"{value:.3g}" if 1e-4 <= abs(value) < 1e6 else f"{value:.1e}"


def _described(title: str, named: Sequence[tuple[str, Series]], across: Axis) -> str:
    ends = ", ".join(
        f"{name} from {written(series.values[0])} to {written(series.last)}"
        if len(series.values) > 1
        else f"{name} {written(series.last)}"
        for name, series in named
    )
    return f"{title} from step {across.low:g} to {across.high:g}: {ends}"
