"""What a model fails on, class by class, the surest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from physprior.eval.scoring import Scores
from physprior.eval.scoring.answers import Answer, read_all
from physprior.knowledge.schema import NORMAL
from physprior.stats import Estimate, rate_estimate

Kind = Literal["missed", "false alarm", "wrong reason"]
FEW = 5
"""Fewer failures than these are no trend."""


@dataclass(frozen=True)
class Failures:
    """The videos of one class that fail in one way."""

    category: str
    class_id: str
    kind: Kind
    failed: tuple[Answer, ...]
    """The most confident first."""
    fine: tuple[Answer, ...]
    """The others of the class."""
    normal: tuple[Answer, ...]
    """The normal videos of the category."""

    @property
    def of(self) -> int:
        """Videos of the class that something was decided of."""
        return len(self.failed) + len(self.fine)

    @property
    def rate(self) -> Estimate:
        """The share that fails, with Wilson's interval."""
        return rate_estimate(len(self.failed), self.of)

    @property
    def few(self) -> bool:
        """Whether these are too few to speak of a trend."""
        return len(self.failed) < FEW


def find_failures(
    scores: Scores, spoken: Mapping[str, str | None], order: Mapping[str, int]
) -> list[Failures]:
    """Each class that fails, in each way that it does.

    Sorted by the lower end of the rate's interval, so that 25 of 41 stands before 3 of 4; a wrong
    reason of a right verdict weighs half, and those that are few stand last. ``order``: the place
    of each video, the most interesting first; where a video has none, the distance from the
    threshold decides.
    """
    classes: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for one in read_all(scores.predictions.predictions, scores.thresholds):
        if one.right is not None:
            classes[one.line.category, one.line.class_id].append(one)
    found = [
        made
        for (category, class_id), answers in classes.items()
        for made in _of_class(answers, classes.get((category, NORMAL), ()), spoken, order)
    ]
    return sorted(found, key=lambda one: (one.few, -_least(one), one.category, one.class_id))


def _least(one: Failures) -> float:
    span = one.rate.interval
    least = span.low if span else 0.0
    return least / 2 if one.kind == "wrong reason" else least


def _of_class(
    answers: Sequence[Answer],
    normal: Sequence[Answer],
    spoken: Mapping[str, str | None],
    order: Mapping[str, int],
) -> list[Failures]:
    line = answers[0].line
    wrong = [one for one in answers if one.right is False]
    mistaken = [one for one in answers if _wrong_reason(one, spoken)]
    kinds: dict[Kind, list[Answer]] = {
        "false alarm" if line.class_id == NORMAL else "missed": wrong,
        "wrong reason": mistaken,
    }
    made = []
    for kind, failed in kinds.items():
        ids = {one.line.id for one in failed}
        fine = tuple(one for one in answers if one.line.id not in ids)
        ranked = tuple(sorted(failed, key=lambda one: _rank(one, order)))
        if ranked:
            made.append(Failures(line.category, line.class_id, kind, ranked, fine, tuple(normal)))
    return made


def _wrong_reason(one: Answer, spoken: Mapping[str, str | None]) -> bool:
    """Whether score and words say what is true, and the reason is that of another class."""
    said = spoken.get(one.line.id)
    right = one.right is True and one.said is bool(one.label)
    return right and said is not None and said != one.line.class_id


def _rank(one: Answer, order: Mapping[str, int]) -> tuple[float, str]:
    if one.line.id in order:
        return float(order[one.line.id]), one.line.id
    if one.line.score is None or one.threshold is None:
        return float("inf"), one.line.id
    return -abs(one.line.score - one.threshold), one.line.id
