"""The measures of a set of answers: of a category, of an anomaly type, and of a whole file."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from physprior.eval.scoring.answers import Answer, clusters, labels, scored, written
from physprior.eval.scoring.model import MEASURES, TypeScores
from physprior.stats.calibration import Calibration, calibration
from physprior.stats.detection import (
    accuracy_estimate,
    auroc_estimate,
    average_precision_estimate,
    balanced_accuracy_estimate,
    f1_estimate,
    macro_estimate,
    rate_estimate,
    verdict_auroc_estimate,
)
from physprior.stats.estimate import Estimate
from physprior.stats.unparsed import auroc_bounds

Said = Sequence[bool | None]


def measure(answers: Sequence[Answer]) -> dict[str, Estimate]:
    """Every measure by the keys of ``MEASURES``; value None where it has no meaning."""
    ranked, scores = scored(answers)
    worded = written(answers)
    found = {
        "auroc": _auroc(ranked, scores),
        "average_precision": _average_precision(ranked, scores),
        "verdict_auroc": verdict_auroc_estimate(
            labels(worded), [one.said for one in worded], clusters=clusters(worded)
        ),
    }
    decided = [one for one in answers if one.threshold is not None]
    for name, estimate in _HARD.items():
        found[name] = _of_both(estimate, decided, [one.above for one in decided])
        found[f"verdict_{name}"] = _of_both(estimate, worded, [one.said for one in worded])
    return {name: found[name] for name in MEASURES}


_HARD: Mapping[str, Callable[[Sequence[int], Said], Estimate]] = {
    "accuracy": accuracy_estimate,
    "balanced_accuracy": balanced_accuracy_estimate,
    "f1": f1_estimate,
}


def _of_both(
    estimate: Callable[[Sequence[int], Said], Estimate], answers: Sequence[Answer], said: Said
) -> Estimate:
    # One class alone says nothing of detection: whoever always says its word would be perfect.
    both = len({one.label for one in answers}) == 2
    return estimate(labels(answers), said) if both else Estimate(None, len(answers))


def _auroc(answers: Sequence[Answer], scores: Sequence[float]) -> Estimate:
    return auroc_estimate(labels(answers), scores, clusters=clusters(answers))


def _average_precision(answers: Sequence[Answer], scores: Sequence[float]) -> Estimate:
    return average_precision_estimate(labels(answers), scores)


def macro(measures: Iterable[Mapping[str, Estimate]]) -> dict[str, Estimate]:
    """Each measure's mean over the categories that have it."""
    found = list(measures)
    return {name: macro_estimate([one[name] for one in found]) for name in MEASURES}


def bounds(answers: Sequence[Answer]) -> tuple[float, float] | None:
    """The worst and best verdict AUROC that unparsed answers allow; None without text."""
    worded = written(answers)
    return auroc_bounds(labels(worded), [one.said for one in worded])


def calibrate(answers: Sequence[Answer]) -> Calibration | None:
    """Calibration of log-odds; None where there is no score."""
    ranked, scores = scored(answers)
    return calibration(labels(ranked), scores) if ranked else None


def unparsed(answers: Sequence[Answer]) -> int | None:
    """Texts without a readable verdict; None without text."""
    worded = written(answers)
    return sum(one.said is None for one in worded) if worded else None


def mass(answers: Sequence[Answer]) -> float | None:
    """Median probability of both labels together, of those that have one."""
    found = [one.line.mass for one in answers if one.line.mass is not None]
    return statistics.median(found) if found else None


def type_scores(class_id: str, answers: Sequence[Answer], skipped: int) -> TypeScores:
    """One anomaly type against the normal videos among a category's answers."""
    own = [one for one in answers if one.label and one.line.class_id == class_id]
    normal = [one for one in answers if not one.label]
    ranked, scores = scored([*normal, *own])
    worded = written(own)
    decided = [one for one in own if one.threshold is not None]
    return TypeScores(
        class_id=class_id,
        normal=len(normal),
        anomalous=len(own),
        skipped=skipped,
        auroc=_auroc(ranked, scores),
        recall=rate_estimate(sum(one.above is True for one in decided), len(decided)),
        verdict_recall=rate_estimate(sum(one.said is True for one in worded), len(worded)),
        unparsed=unparsed(own),
    )
