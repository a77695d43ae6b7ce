"""The predictions of one file as what measures are made of: labels, scores, words, instances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from physprior import verdict
from physprior.eval.predictions import Prediction
from physprior.verdict import ParsedVerdict

if TYPE_CHECKING:
    from physprior.eval.thresholds import Thresholds


@dataclass(frozen=True)
class Answer:
    """One video's prediction, its text read."""

    line: Prediction
    parsed: ParsedVerdict | None
    """None where no text was generated."""
    threshold: float | None
    """Its category's; None where scores decide nothing, see ``deciding``."""

    @property
    def label(self) -> int:
        """1 for anomalous."""
        return int(self.line.label)

    @property
    def said(self) -> bool | None:
        """Whether the words say anomalous; None where they cannot be read."""
        return self.parsed.anomalous if self.parsed else None

    @property
    def above(self) -> bool | None:
        """Whether the score is above the threshold; None without a score."""
        if self.line.score is None or self.threshold is None:
            return None
        return self.line.score > self.threshold

    @property
    def called(self) -> bool | None:
        """Whether it is called anomalous: by its score where its category has a threshold, else by
        its words. None where it has no such score, or words that cannot be read."""
        return self.said if self.threshold is None else self.above

    @property
    def right(self) -> bool | None:
        """Whether what it is called is true; what should decide and does not is wrong.

        None where nothing could decide: without a threshold and without text.
        """
        if self.threshold is None and self.parsed is None:
            return None
        return self.called == bool(self.label)

    @property
    def instance(self) -> str:
        """The physical object, told apart from those of other categories; empty if unknown."""
        return self.line.instance and f"{self.line.category}/{self.line.instance}"


def read(line: Prediction, threshold: float | None) -> Answer:
    """Read the text of a prediction, as today's grammar reads it."""
    text = line.text
    parsed = None if text is None else verdict.parse(text, truncated=line.truncated)
    return Answer(line, parsed, threshold)


def deciding(lines: Iterable[Prediction], thresholds: Thresholds | None) -> Mapping[str, float]:
    """By category the threshold that decides there; where none stands, the words do.

    A category has one where any of its videos has a score: those that have none are wrong there.
    """
    if thresholds is None:
        return {}
    names = {line.category for line in lines if line.score is not None}
    return {name: thresholds.of(name) for name in names}


def read_all(lines: Sequence[Prediction], thresholds: Thresholds | None) -> list[Answer]:
    """Read the predictions of a file, each with the threshold that decides of it."""
    at = deciding(lines, thresholds)
    return [read(line, at.get(line.category)) for line in lines]


def scored(answers: Iterable[Answer]) -> tuple[list[Answer], list[float]]:
    """Those that have a score, and the scores."""
    found = [(one, one.line.score) for one in answers if one.line.score is not None]
    return [one for one, _ in found], [score for _, score in found]


def written(answers: Iterable[Answer]) -> list[Answer]:
    """Those that have a text."""
    return [one for one in answers if one.parsed is not None]


def labels(answers: Sequence[Answer]) -> list[int]:
    """Their labels: 1 for anomalous."""
    return [one.label for one in answers]


def clusters(answers: Sequence[Answer]) -> list[str]:
    """Their instances; empty where unknown. The statistics use them only where that helps."""
    return [one.instance for one in answers]
