"""The charts of a training, each with a question: what was learned by part, how the validation
followed, how well the verdict ranked, and at which rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from physprior.eval.report.training.axis import Axis, axis_of
from physprior.eval.report.training.chart import TrainingChart, draw
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.report.training.series import Series

PARTS = ("component", "subject", "motion", "verdict", "plain")
"""In the order in which they are taught; ``plain``: words outside the parts."""
_CATEGORIES = 6
"""Categories with a line of their own at most: more cannot be told apart."""


def training_charts(run: TrainingRun) -> tuple[TrainingChart, ...]:
    """All charts that the run has something to show in, in their order."""
    made = [_loss(run), _validation_loss(run), _auroc(run), _label(run), _rate(run), _share(run)]
    return tuple(chart for chart in made if chart is not None)


def _loss(run: TrainingRun) -> TrainingChart | None:
    return draw(
        run,
        "Loss by part",
        "Mean negative log-likelihood of a part's words while training, in nats, unweighted.",
        _parts(run, "loss/"),
    )


def _validation_loss(run: TrainingRun) -> TrainingChart | None:
    return draw(
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
    return draw(
        run,
        "Validation AUROC",
        note,
        [*whole, *shown],
        axis=_reaching(0.5, 1.0),
        errors=run.series.get("val/auroc_error") if whole else None,
    )


def _label(run: TrainingRun) -> TrainingChart | None:
    names = {"accuracy/label": "training", "val/accuracy/label": "validation"}
    return draw(
        run,
        "Label accuracy",
        "Share of dialogues whose whole label, Normal or Anomalous, was the likeliest.",
        [(said, run.series[name]) for name, said in names.items() if name in run.series][::-1],
        axis=_reaching(0.0, 1.0),
    )


def _rate(run: TrainingRun) -> TrainingChart | None:
    named = [
        ("learning rate", run.series[name]) for name in ("learning_rate",) if name in run.series
    ]
    return draw(
        run,
        "Learning rate",
        "As the recipe's schedule has it.",
        named,
        axis=_reaching(0.0),
    )


def _share(run: TrainingRun) -> TrainingChart | None:
    named = [("verdict", run.series[name]) for name in ("gradient/share",) if name in run.series]
    return draw(
        run,
        "The verdict's share of the gradient",
        "Near zero, the physics, which is the same for every video, drowns the verdict.",
        named,
        axis=_reaching(0.0, 1.0),
    )


def _reaching(*ends: float) -> Callable[[Sequence[float]], Axis]:
    """Axes without decades that hold these values, whatever was measured."""
    return lambda values: axis_of([*values, *ends], log=False)
