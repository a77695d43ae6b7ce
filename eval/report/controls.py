"""Controls: the same model with something taken from it, and what its AUROC says then.

A control's predictions lie beside the model's own, as ``STEM.control-NAME.jsonl``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import get_args

from physprior.errors import PredictionError
from physprior.eval.compare import Compared, ComparedRuns, compare_runs
from physprior.eval.identity import Identity
from physprior.eval.predictions import Control, Predictions, read_predictions
from physprior.eval.report.words import estimate, interval, number
from physprior.stats import Comparison, Estimate, Interval

CONTROLS: tuple[Control, ...] = get_args(Control)

SEEN: dict[Control, str] = {
    "blank": "no picture at all",
    "first_frame": "the first picture alone",
    "shuffled": "the pictures in another order",
    "wrong_prior": "another object's prior",
}
"""What the model gets in each control."""
_MEANING: dict[Control, tuple[str, str]] = {
    "first_frame": (
        "the first picture is not all that it uses",
        "one picture may be all that it uses, and nothing here shows that it sees motion",
    ),
    "shuffled": (
        "it uses the order of the pictures, as a detector of motion must",
        "a detector of motion must lose without order; this one may go by single pictures",
    ),
    "wrong_prior": (
        "it depends on being told the prior that it learned",
        "it may not use what the prior says, or the other prior says much the same",
    ),
}
"""What a loss says, and what it says where no loss can be seen."""


@dataclass(frozen=True)
class ControlRun:
    """One control beside the model, on the videos that both have scored."""

    name: Control
    predictions: Predictions
    compared: ComparedRuns
    """The model is A, the control B: a difference below 0 is what was lost."""

    @property
    def reading(self) -> str:
        """What the control's macro AUROC says of the model, in a sentence or two."""
        return read_control(self.name, self.compared.macro)

    def left(self, name: str) -> Estimate | None:
        """The AUROC that is left of a category, or of the macro average, by its name."""
        found = (*self.compared.categories, self.compared.macro)
        return next((one.other for one in found if one.name == name), None)

    @property
    def title(self) -> str:
        """The control's name, and what the model got."""
        return f"{self.name.replace('_', ' ')} ({SEEN[self.name]})"

    @property
    def swapped(self) -> str:
        """Whose prior came in the place of whose; empty for the other controls."""
        pairs = sorted(self.predictions.header.wrong_priors.items())
        return ", ".join(f"{category} with that of {other}" for category, other in pairs)


def control_file(predictions: Path, name: Control) -> Path:
    """Where the control of a predictions file lies by convention."""
    return predictions.with_name(f"{predictions.stem}.control-{name.replace('_', '-')}.jsonl")


def find_controls(
    predictions: Predictions, *, without: Collection[Control] = ()
) -> tuple[tuple[ControlRun, ...], tuple[str, ...]]:
    """The controls beside a predictions file, and, in words, those that do not belong to it.

    Those ``without`` are passed over. A file that does not belong is no error: it may be left from
    an earlier model, and nobody has named it.
    """
    found, unfit = [], []
    for name in CONTROLS:
        path = control_file(predictions.path, name)
        if name in without or not path.is_file():
            continue
        try:
            control = read_control_file(predictions, path)
        except PredictionError as error:
            unfit.append(error.message)
            continue
        if control.name == name:
            found.append(control)
        else:
            unfit.append(f"{path} holds the control {control.name}, not {name}")
    return tuple(found), tuple(unfit)


def read_controls(predictions: Predictions, paths: Sequence[Path]) -> tuple[ControlRun, ...]:
    """The controls in files that were named. Raises PredictionError for one that does not fit."""
    made = in_order([read_control_file(predictions, path) for path in paths])
    for one, other in pairwise(made):
        if one.name == other.name:
            raise PredictionError(
                f"{one.predictions.path} and {other.predictions.path} are both the control "
                f"{one.name}",
                remedy="name one file for each control",
            )
    return made


def in_order(controls: Iterable[ControlRun]) -> tuple[ControlRun, ...]:
    """Controls in the order of ``CONTROLS``."""
    return tuple(sorted(controls, key=lambda control: CONTROLS.index(control.name)))


def read_control_file(predictions: Predictions, path: Path) -> ControlRun:
    """One control of a model. Raises PredictionError where the file is none, or of another run."""
    control = read_predictions(path)
    name = control.header.control
    if name is None:
        raise PredictionError(
            f"{path} holds no control: its model saw everything",
            remedy="predict with --control; to see another run beside this one, use --beside",
        )
    categories = {line.category for line in predictions.predictions}
    difference = Identity.of(predictions.header).difference(Identity.of(control.header), categories)
    if difference:
        raise PredictionError(
            f"{path} is no control of {predictions.path}: {difference}",
            remedy="predict both with the same run and options, but for --control",
        )
    return ControlRun(name, control, compare_runs(predictions, control))


def read_control(name: Control, compared: Compared) -> str:
    """What a control's AUROC says of the model; see ``ControlRun.reading``."""
    if compared.ranking.difference is None:
        return "no category has both classes: there is nothing to read."
    left = f"macro AUROC {estimate(compared.other)}"
    if name == "blank":
        return f"{left}. {_read_blank(compared.other)}"
    return f"{left}. {_read_loss(name, compared)}"


def _read_loss(name: Control, compared: Compared) -> str:
    ranking = compared.ranking
    if not _above_chance(compared.reference):
        return "The model itself is not surely above chance: there is nothing that it could lose."
    seen, unseen = _MEANING[name]
    span, difference = ranking.interval, ranking.difference or 0.0
    if span is not None and span.high < 0:
        return f"Lost: {number(-difference)} {_turned(span)}; {seen}."
    if span is not None and span.low > 0:
        return (
            f"Gained: {number(difference)} {interval(span)}; what was taken away misled the model."
        )
    return f"No loss could be seen{_hidden(ranking)}: {unseen}."


def _read_blank(left: Estimate) -> str:
    span = left.interval or Interval(left.value or 0.0, left.value or 0.0, "")
    if not span.low <= 0.5 <= span.high:
        return (
            "Not 0.5, though there was nothing to see: something else than the pictures, such as "
            "the text, goes with the label."
        )
    reach = max(span.high - 0.5, 0.5 - span.low)
    if reach < 0.05:
        return "About 0.5, as it must be: the text does not tell the label."
    return (
        f"About 0.5, as it must be; but so few videos would not have shown a leak of {reach:.2f}."
    )


def _above_chance(model: Estimate) -> bool:
    if model.value is None:
        return False
    return (model.interval.low if model.interval else model.value) > 0.5


def _turned(span: Interval) -> str:
    return interval(Interval(-span.high, -span.low, span.method, span.confidence))


def _hidden(ranking: Comparison) -> str:
    if ranking.smallest_visible is None:
        return ""
    return f" (one below {number(ranking.smallest_visible)} would have stayed hidden)"
