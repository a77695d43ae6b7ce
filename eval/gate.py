"""A gate for CI: whether predictions are good enough, and not worse than those before.

A condition that cannot be judged is refused, never passed: a gate that is green because nothing was
measured is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass

from physprior.errors import PredictionError
from physprior.eval.compare import ComparedRuns, compare_runs
from physprior.eval.gate_conditions import Conditions, Finding, at_least, not_worse
from physprior.eval.predictions import Predictions
from physprior.eval.scoring import Scores, score


@dataclass(frozen=True)
class Gate:
    """What a gate found."""

    predictions: Predictions
    baseline: Predictions | None
    findings: tuple[Finding, ...]
    not_judged: tuple[str, ...]
    """Categories with one class in the split: they have no AUROC."""
    same: bool
    """The baseline gives each video the same score."""
    left: int
    """Videos that left the comparison, since the run or its baseline have no score for them."""

    @property
    def passed(self) -> bool:
        """Whether every condition holds."""
        return all(finding.holds for finding in self.findings)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The conditions that do not hold."""
        return tuple(finding for finding in self.findings if not finding.holds)


def judge(
    predictions: Predictions, conditions: Conditions, baseline: Predictions | None = None
) -> Gate:
    """Hold predictions against conditions, and against a baseline where there is one.

    Raises PredictionError where no condition is named or one has no meaning, where predictions are
    unfinished, a control or without score, where a category lost its AUROC to skipped videos, and
    where the baseline predicts other videos.
    """
    _refuse_conditions(conditions, baseline)
    for file in (predictions, baseline):
        if file is not None:
            _refuse_file(file)
    if predictions.header.control:
        raise PredictionError(
            f"{predictions.path} is the control {predictions.header.control}: not all of a model",
            remedy="hold the gate over the model's own predictions",
        )
    scores = score(predictions)
    whole = _whole_categories(predictions)
    _refuse_lost(scores, whole)
    compared = compare_runs(baseline, predictions) if baseline else None
    if compared:
        _refuse_lost_pairs(compared, whole)
    return Gate(
        predictions,
        baseline,
        (*at_least(scores, conditions), *not_worse(compared, conditions)),
        tuple(one.category for one in scores.categories if one.category not in whole),
        same=compared is not None and compared.alike,
        left=compared.pooled.left if compared else 0,
    )


def _refuse_conditions(conditions: Conditions, baseline: Predictions | None) -> None:
    least = {
        "--min-auroc": conditions.min_auroc,
        "--min-category-auroc": conditions.min_category_auroc,
    }
    for name, value in {**least, "--margin": conditions.margin}.items():
        # Also what is no number: nothing is below NaN, so that it would let everything pass.
        if value is not None and not 0 <= value <= 1:
            raise PredictionError(f"{name} is {value}", remedy="name a number from 0 to 1")
    if conditions.margin is not None and baseline is None:
        raise PredictionError(
            "--margin has no baseline", remedy="name one with --not-worse-than, or leave it out"
        )
    if baseline is None and not any(value is not None for value in least.values()):
        raise PredictionError(
            "the gate has no condition",
            remedy="pass --min-auroc, --min-category-auroc or --not-worse-than",
        )
    if conditions.by != "value" and all(value is None for value in least.values()):
        raise PredictionError(
            f"--by {conditions.by} has nothing to judge: no least AUROC is named",
            remedy="pass --min-auroc or --min-category-auroc, or leave --by out",
        )


def _refuse_file(file: Predictions) -> None:
    if file.missing:
        raise PredictionError(
            f"{file.path} is not finished: {file.missing} of {file.header.total} videos have no "
            "prediction",
            remedy="run 'physprior predict' to its end; import a method's predictions whole",
        )


def _whole_categories(predictions: Predictions) -> set[str]:
    """The categories of which the split has both classes, usable or not."""
    classes = {
        (line.category, line.label) for line in (*predictions.predictions, *predictions.skipped)
    }
    return {category for category, label in classes if (category, 1 - label) in classes}


def _refuse_lost(scores: Scores, whole: set[str]) -> None:
    _refuse_without_auroc(
        {one.category: one.auroc is not None for one in scores.categories},
        whole,
        str(scores.predictions.path),
    )


def _refuse_lost_pairs(compared: ComparedRuns, whole: set[str]) -> None:
    _refuse_without_auroc(
        {one.name: one.ranking.difference is not None for one in compared.categories},
        whole,
        f"{compared.reference.path} and {compared.other.path} together",
    )


def _refuse_without_auroc(found: dict[str, bool], whole: set[str], where: str) -> None:
    lost = sorted(category for category in whole if not found[category])
    if lost:
        raise PredictionError(
            f"{where}: {', '.join(lost)} cannot be judged, for all videos of a class were skipped "
            "or have no score",
            remedy="mend what was skipped and predict again, or judge runs that have scores",
        )
    if not any(found.values()):
        raise PredictionError(
            f"{where}: no category has both classes, so that there is no AUROC to judge",
            remedy="predict a split with normal and anomalous videos",
        )
