"""The conditions of a gate: AUROCs that reach a least value, and no loss beside a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from physprior.eval.compare import Compared, ComparedRuns
from physprior.eval.compare_words import LEVEL, difference, p_value
from physprior.eval.report.words import estimate, number
from physprior.eval.scoring import Scores
from physprior.stats import Estimate, holm

By = Literal["value", "lower"]
"""What has to reach a least AUROC: the value, or the lower end of its interval."""


@dataclass(frozen=True)
class Conditions:
    """What predictions have to fulfil; None is not asked for."""

    min_auroc: float | None = None
    """Least macro AUROC."""
    min_category_auroc: float | None = None
    """Least AUROC of each category that has both classes."""
    margin: float | None = None
    """How much worse than the baseline is still allowed; None asks only that no loss is seen."""
    by: By = "value"
    """What has to reach the least AUROC."""


@dataclass(frozen=True)
class Finding:
    """One condition, and whether it holds."""

    condition: str
    """The command line's option: ``--min-auroc``."""
    subject: str
    """The category's id, or ``macro average``."""
    holds: bool
    said: str
    """What was found, in words."""
    measured: float | None
    """The number that was held against the condition."""
    required: float
    """What it was held against: a least AUROC, a least p, a least difference."""


def at_least(scores: Scores, conditions: Conditions) -> Iterator[Finding]:
    """Whether AUROCs reach what is asked of them, each category's and their mean."""
    by = conditions.by
    if conditions.min_auroc is not None:
        yield _at_least(
            "--min-auroc", "macro average", scores.macro["auroc"], conditions.min_auroc, by
        )
    if conditions.min_category_auroc is not None:
        for one in scores.categories:
            if one.auroc is not None:
                yield _at_least(
                    "--min-category-auroc",
                    one.category,
                    one.measures["auroc"],
                    conditions.min_category_auroc,
                    by,
                )


def _at_least(name: str, subject: str, found: Estimate, required: float, by: By) -> Finding:
    measured = found.value
    if by == "lower":
        measured = found.interval.low if found.interval else None
    holds = measured is not None and measured >= required
    what = "AUROC" if by == "value" else "lower end of the AUROC's interval"
    if measured is None:
        said = f"the AUROC {estimate(found)} has no interval whose lower end could reach {required}"
    else:
        relation = "is at least" if holds else "is below"
        said = f"{what} {_apart(measured, required)} {relation} {required}"
        said += f" ({estimate(found)})" if found.interval else ""
    return Finding(name, subject, holds, said, measured, required)


def _apart(value: float, limit: float) -> str:
    """``value`` with as many decimals as show on which side of the limit it is."""
    for digits in range(3, 17):
        written = number(value, digits)
        if (float(written) >= limit) == (value >= limit):
            return written
    return repr(value)


def not_worse(compared: ComparedRuns | None, conditions: Conditions) -> Iterator[Finding]:
    """Whether the run is no worse than its baseline, as a whole and in each category.

    The baseline is A of ``compared``. As a whole: without a margin, no loss is seen at one-sided
    5 %; with one, the interval of the difference lies above minus the margin. In a category: no
    loss (greater than the margin) is seen at one-sided 5 %, corrected by Holm over the categories.
    """
    if compared is None:
        return
    margin = conditions.margin
    if margin is None:
        yield _no_loss(compared.macro, compared.macro.ranking.one_sided("b"))
    else:
        yield _within(compared, margin)
    corrected = holm([one.ranking.one_sided("b") for one in compared.categories])
    for one, p in zip(compared.categories, corrected, strict=True):
        if p is not None and len([q for q in corrected if q is not None]) > 1:
            yield _no_loss(one, p, margin or 0.0, ", after Holm")


def _no_loss(one: Compared, p: float | None, margin: float = 0.0, remark: str = "") -> Finding:
    lost = -(one.ranking.difference or 0.0)
    holds = p is None or p >= LEVEL or lost <= margin
    seen = "no loss is seen" if holds else "worse than the baseline"
    if margin and lost > 0 and p is not None and p < LEVEL:
        seen = "a loss within the margin" if holds else f"worse, and by more than {margin}"
    said = f"{seen}: {difference(one.ranking)} (one-sided p {p_value(p)}{remark})"
    return Finding("--not-worse-than", one.name, holds, said, p, LEVEL)


def _within(compared: ComparedRuns, margin: float) -> Finding:
    ranking = compared.macro.ranking
    low = ranking.interval.low if ranking.interval else None
    least = -margin or 0.0
    holds = compared.alike or (low is not None and low > least)
    if compared.alike:
        said = "the baseline gives each video the same score"
    elif low is None:
        said = f"{difference(ranking)} has no interval: it cannot be shown to be above {least}"
    else:
        relation = "is above" if holds else "is not above"
        said = f"the lower end {_apart(low, least)} of the difference's interval {relation} {least}"
        said += f" ({difference(ranking)})"
    return Finding("--margin", compared.macro.name, holds, said, low, least)
