"""What a report is about: one model's scores, other runs beside it, and its controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.eval.explanations.evaluation import Explanations, load_explanations
from physprior.eval.predictions import Header, Predictions, read_predictions
from physprior.eval.report.controls import ControlRun, find_controls, in_order, read_controls
from physprior.eval.scoring import Scores, same_videos, score
from physprior.eval.thresholds import Thresholds

_LONGEST_NAME = 24


@dataclass(frozen=True)
class Evaluation:
    """All that a report shows."""

    scores: Scores
    beside: tuple[Scores, ...] = ()
    """Other runs on the same videos."""
    controls: tuple[ControlRun, ...] = ()
    """The model with something taken from it."""
    unfit_controls: tuple[str, ...] = ()
    """Files that lie where a control would, and why they are none of this model."""
    explanations: Explanations | None = None
    """Explanation scores; None where no file of them lies beside the predictions."""

    @property
    def names(self) -> tuple[str, ...]:
        """A short name of each run beside it, as it is called throughout the report."""
        return self.all_names[1:]

    @property
    def all_names(self) -> tuple[str, ...]:
        """A short name of each run, the report's own first, each another."""
        return short_names([one.predictions for one in (self.scores, *self.beside)])


def evaluate(
    predictions: Predictions,
    *,
    beside: Sequence[Path] = (),
    controls: Sequence[Path] = (),
    thresholds: Thresholds | None = None,
) -> Evaluation:
    """Score predictions, other runs beside them, and the controls that are named or lie there.

    Explanation scores that lie beside the predictions are taken in.
    ``thresholds`` are the model's own; the others are scored at 0, if at all. Raises
    PredictionError for a file that cannot be read or scored, for other runs on other videos, and
    for a named control of another model.
    """
    named = read_controls(predictions, controls)
    found, unfit = find_controls(predictions, without={run.name for run in named})
    others = []
    for path in beside:
        other = read_predictions(path)
        same_videos(predictions, other)
        others.append(score(other))
    return Evaluation(
        score(predictions, thresholds=thresholds),
        tuple(others),
        in_order((*named, *found)),
        unfit,
        load_explanations(predictions),
    )


def short_names(files: Sequence[Predictions]) -> tuple[str, ...]:
    """A short name of each run: its model's, its file's where those are alike, or a number too."""
    models = [_model(file.header) for file in files]
    twice = {name for name, count in Counter(models).items() if count > 1}
    names = [
        _short(file.path.stem) if name in twice else name
        for name, file in zip(models, files, strict=True)
    ]
    if len({*names}) < len(names):
        names = [f"{name} {number}" for number, name in enumerate(names, 1)]
    return tuple(names)


def _model(header: Header) -> str:
    control = (header.control or "").replace("_", " ")
    return _short(f"{Path(header.model).name or header.model} {control}")


def _short(name: str) -> str:
    # A name may hold anything, and goes to a terminal.
    line = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"
