"""The curves of a training as shapes on a square of 100 by 100, y downwards, for inline SVG.

One chart a question: what was learned by part, how the validation followed, how well the verdict
ranked, and at which rate. The steps run to the right; the step whose weights are kept is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from physprior.eval.report.training.axis import Axis, Tick, axis_of, steps_axis
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.report.training.series import Series
from physprior.eval.report.words import number

PARTS = ("component", "subject", "motion", "verdict", "plain")
"""In the order in which they are taught; ``plain``: words outside the parts."""
_CATEGORIES = 6
"""Categories with a line of their own at most: more cannot be told apart."""
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


def training_charts(run: TrainingRun) -> tuple[TrainingChart, ...]:
    """All charts that the run has something to show in, in their order."""
    made = [_loss(run), _validation_loss(run), _auroc(run), _label(run), _rate(run), _share(run)]
    return tuple(chart for chart in made if chart is not None)


def _loss(run: TrainingRun) -> TrainingChart | None:
    return _chart(
        run,
        "Loss by part",
        "Mean negative log-likelihood of a part's words while training, in nats, unweighted.",
        _parts(run, "loss/"),
    )


def _validation_loss(run: TrainingRun) -> TrainingChart | None:
    return _chart(
        run,
        "Validation loss by part",
        "The same on videos that are not trained on; where it rises while the other falls, the "
        "model learns by heart.",
        _parts(run, "val/loss/"),
    )


def _parts(run: TrainingRun, prefix: str) -> list[tuple[str, Series]]:
    """The parts that were measured, the verdict first: it alone depends on the video."""
    order = ("verdict", *(part for part in PARTS if part != "verdict"))
    return [(part, run.series[prefix + part]) for part in order if prefix + part in run.series]


def _auroc(run: TrainingRun) -> TrainingChart | None:
    prefix = "val/auroc/"
    named = {
        name.removeprefix(prefix): series
        for name, series in sorted(run.series.items())
        if name.startswith(prefix)
    }
    worst = sorted(named, key=lambda name: named[name].last)[:_CATEGORIES]
    shown = [(name, series) for name, series in named.items() if name in worst]
    whole = [("macro average", run.series["val/auroc"])] if "val/auroc" in run.series else []
    note = (
        "How well the score ranks validation videos; 0.5 is chance. The bars are the macro "
        "average's standard error: what lies within them may be chance."
    )
    if len(shown) < len(named):
        note += (
            f" Of {len(named)} categories the {len(shown)} that ended lowest; the table has all."
        )
    return _chart(
        run,
        "Validation AUROC",
        note,
        [*whole, *shown],
        axis=lambda values: axis_of([*values, 0.5, 1.0], log=False),
        errors=run.series.get("val/auroc_error") if whole else None,
    )


def _label(run: TrainingRun) -> TrainingChart | None:
    names = {"accuracy/label": "training", "val/accuracy/label": "validation"}
    return _chart(
        run,
        "Label accuracy",
        "Share of dialogues whose whole label, Normal or Anomalous, was the likeliest.",
        [(said, run.series[name]) for name, said in names.items() if name in run.series][::-1],
        axis=lambda values: axis_of([*values, 0.0, 1.0], log=False),
    )


def _rate(run: TrainingRun) -> TrainingChart | None:
    named = [
        ("learning rate", run.series[name]) for name in ("learning_rate",) if name in run.series
    ]
    return _chart(
        run,
        "Learning rate",
        "As the recipe's schedule has it.",
        named,
        axis=lambda values: axis_of([*values, 0.0], log=False),
    )


def _share(run: TrainingRun) -> TrainingChart | None:
    named = [("verdict", run.series[name]) for name in ("gradient/share",) if name in run.series]
    return _chart(
        run,
        "The verdict's share of the gradient",
        "Near zero, the physics, which is the same for every video, drowns the verdict.",
        named,
        axis=lambda values: axis_of([*values, 0.0, 1.0], log=False),
    )


def _chart(
    run: TrainingRun,
    title: str,
    note: str,
    named: Sequence[tuple[str, Series]],
    *,
    axis: Callable[[Sequence[float]], Axis] = axis_of,
    errors: Series | None = None,
) -> TrainingChart | None:
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
