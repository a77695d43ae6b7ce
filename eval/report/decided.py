"""The tables of hard decisions: by the score at its threshold, and by the words."""

from __future__ import annotations

from collections.abc import Mapping

from physprior.eval.compare import MACRO, POOLED
from physprior.eval.report.facts import unparsed
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import NOT_AVAILABLE, count, estimate, number, scale
from physprior.eval.scoring import CategoryScores, Scores
from physprior.stats import Estimate
from physprior.stats.thresholds import RULES


def decisions(scores: Scores) -> Table | None:
    """Hard decisions at the threshold; None where there is no threshold to decide at."""
    if scores.thresholds is None:
        return None
    made = [
        [one.category, _threshold(one), *_decided(one.measures, "")] for one in scores.categories
    ]
    return Table(
        "At the threshold",
        ("category", "threshold", "accuracy", "balanced accuracy", "F1"),
        rows([*made, *_whole(scores, "", 1)]),
        apart=2,
        notes=(*_rule(scores.thresholds.rule, threshold_in_words(scores)), _DECIDED),
    )


def _rule(rule: str, said: str) -> tuple[str, ...]:
    known = RULES.get("fpr=0.05" if rule.startswith("fpr=") else rule)
    return (said, f"The rule {rule}: {known}.") if known else (said,)


_DECIDED = (
    "Accuracy: the share of videos that are judged right. Balanced accuracy: the mean of that "
    "share among normal and among anomalous videos, 0.5 by guessing. F1: the balance of how many "
    "anomalous videos are found and how many of those that are called anomalous are."
)


def words(scores: Scores) -> Table | None:
    """The same of the words alone, and what unparsed answers could change; None without text."""
    if not scores.parsing:
        return None
    bounds = [one.verdict_bounds for one in scores.categories]
    ends = [scores.macro_verdict_bounds, scores.pooled_verdict_bounds]
    made = [
        [one.category, count(one.unparsed), *_decided(one.measures, "verdict_")]
        for one in scores.categories
    ]
    made += [
        [name, count(unparsed(scores)), *cells] for name, *cells in _whole(scores, "verdict_", 0)
    ]
    return Table(
        "By the words alone",
        (
            "category",
            "unparsed",
            "accuracy",
            "balanced accuracy",
            "F1",
            "AUROC at worst",
            "at best",
        ),
        rows(
            [*cells, *map(number, span or (None, None))]
            for cells, span in zip(made, [*bounds, *ends], strict=True)
        ),
        apart=2,
        notes=(
            "An unparsed answer is wrong in accuracy and F1, and undecided (one half) in the "
            "verdict AUROC; worst and best are what that AUROC would be if each unparsed answer "
            "were wrong, or right.",
        ),
    )


def _whole(scores: Scores, prefix: str, empty: int) -> list[list[str]]:
    return [
        [name, *[""] * empty, *_decided(measures, prefix)]
        for name, measures in ((MACRO, scores.macro), (POOLED, scores.pooled))
    ]


def _decided(measures: Mapping[str, Estimate], prefix: str) -> list[str]:
    names = ("accuracy", "balanced_accuracy", "f1")
    return [estimate(measures[f"{prefix}{name}"]) for name in names]


def _threshold(one: CategoryScores) -> str:
    return NOT_AVAILABLE if one.threshold is None else scale(one.threshold)


def threshold_in_words(scores: Scores) -> str:
    """Which threshold it is, and what chose it."""
    thresholds = scores.thresholds
    if thresholds is None:
        return "Another method's scores have no natural threshold, and none was given."
    if thresholds.validation is None:
        at = scale(thresholds.value)
        return f"Threshold: a score above log-odds {at} is anomalous (rule {thresholds.rule})."
    each = thresholds.per == "category"
    chosen = "Thresholds: chosen for each category" if each else "Threshold: chosen for all"
    said = (
        f"{chosen} by the rule {thresholds.rule} on {len(thresholds.validation.videos)} "
        f"videos of {thresholds.validation.path}."
    )
    if thresholds.per == "global":
        return said
    strange = [one.category for one in scores.categories if not thresholds.own(one.category)]
    if strange:
        said += f" Without one of their own, and at that of all videos: {', '.join(strange)}."
    return said


def decided_in_words(scores: Scores) -> list[str]:
    """The macro averages at the threshold, and which threshold that is; nothing without one."""
    found = scores.macro
    if scores.thresholds is None or found["accuracy"].value is None:
        return []
    return [
        f"at the threshold: accuracy {estimate(found['accuracy'])}, balanced accuracy "
        f"{estimate(found['balanced_accuracy'])}, F1 {estimate(found['f1'])} (macro)",
        threshold_in_words(scores),
    ]
