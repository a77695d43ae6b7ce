"""The tables of a training: what was learned by part, and how the validation ranked."""

from __future__ import annotations

from physprior.eval.report.table import Table, rows
from physprior.eval.report.training.chart import written
from physprior.eval.report.training.charts import PARTS
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.report.training.series import Series
from physprior.eval.report.words import NOT_AVAILABLE, number
from physprior.paths import as_typed

MACRO = "macro average"


def training_tables(run: TrainingRun) -> list[Table]:
    """Those tables that the run has something to say in."""
    made = [training_table(run), validation_table(run)]
    return [table for table in made if table.rows]


def training_table(run: TrainingRun) -> Table:
    """By part: its loss first and last logged, its accuracy, and the same in the validation."""
    parts = [part for part in PARTS if f"loss/{part}" in run.series]
    made = [
        [
            part,
            _written(run.series[f"loss/{part}"].values[0]),
            _written(run.series[f"loss/{part}"].last),
            _share(_last(run, f"accuracy/{part}")),
            _written(_kept(run, f"val/loss/{part}")),
            _share(_kept(run, f"val/accuracy/{part}")),
        ]
        for part in parts
    ]
    return Table(
        f"Training by part: {as_typed(run.folder)}",
        (
            "part",
            "loss at first",
            "loss at last",
            "accuracy at last",
            "validation loss",
            "validation accuracy",
        ),
        rows(made),
        notes=(
            "Loss: mean negative log-likelihood of the part's words, in nats. Accuracy: the share "
            "of them that were the likeliest. Validation: " + _which(run) + ".",
        ),
    )


def validation_table(run: TrainingRun) -> Table:
    """By category: the first validation's AUROC, the best, that of the kept weights, the last."""
    prefix = "val/auroc/"
    names = sorted(name for name in run.series if name.startswith(prefix))
    named = [(name.removeprefix(prefix), run.series[name]) for name in names]
    whole = run.series.get("val/auroc")
    named += [(MACRO, whole)] if whole is not None else []
    return Table(
        f"Validation while training: {as_typed(run.folder)}",
        ("category", "first", "best", "at step", "kept", "last"),
        rows([name, *_course(series, run.kept_step)] for name, series in named),
        apart=int(whole is not None),
        notes=(_caution(run), *_error(run)),
    )


def _course(series: Series, kept: int | None) -> list[str]:
    best = max(series.values)
    step = series.steps[series.values.index(best)]
    found = (series.values[0], best, series.at(kept), series.last)
    first, highest, own, last = (number(value) for value in found)
    return [first, highest, str(step), own, last]


def _caution(run: TrainingRun) -> str:
    if run.kept_step is None:
        kept = "Which weights were kept is not known."
        if not run.finished:
            kept = "The run has not ended: nothing is kept yet."
        return f"AUROC of the validation videos. {kept}"
    return (
        "AUROC of the validation videos, which chose the kept weights "
        f"(step {run.kept_step}): it flatters them. The test split tells how good they are."
    )


def _error(run: TrainingRun) -> tuple[str, ...]:
    error = _kept(run, "val/auroc_error")
    return () if error is None else (f"Standard error of the macro average: {number(error)}.",)


def _which(run: TrainingRun) -> str:
    return (
        "the last one" if run.kept_step is None else f"that of step {run.kept_step}, the kept one"
    )


def _kept(run: TrainingRun, name: str) -> float | None:
    """A validation's value of the kept weights; the last one's where nothing was kept."""
    series = run.series.get(name)
    if series is None:
        return None
    return series.last if run.kept_step is None else series.at(run.kept_step)


def _last(run: TrainingRun, name: str) -> float | None:
    series = run.series.get(name)
    return None if series is None else series.last


def _written(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else written(value)


def _share(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else f"{value:.1%}"
