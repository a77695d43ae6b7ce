"""The predictions of one file as what measures are made of: labels, scores, words, instances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from physprior import verdict
from physprior.eval.predictions import Prediction
from physprior.verdict import ParsedVerdict


@dataclass(frozen=True)
class Answer:
    """One video's prediction, its text read."""

    line: Prediction
    parsed: ParsedVerdict | None
    """None where no text was generated."""
    threshold: float | None
    """Its category's."""

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
    def instance(self) -> str:
        """The physical object, told apart from those of other categories; empty if unknown."""
        return self.line.instance and f"{self.line.category}/{self.line.instance}"


def read(line: Prediction, threshold: float | None) -> Answer:
    """Read the text of a prediction, as today's grammar reads it."""
    text = line.text
    parsed = None if text is None else verdict.parse(text, truncated=line.truncated)
    return Answer(line, parsed, threshold)


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
