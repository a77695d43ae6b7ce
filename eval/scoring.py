"""Scoring a predictions file: AUROC per category and macro, from log-odds and from parsed verdicts.

Two numbers under two names: the score's AUROC ranks log-odds; the verdict's AUROC is what the
parsed words alone allow, (TPR + TNR) / 2 for hard verdicts, where an unparsed answer counts as
undecided (one half), so that it keeps its place in the total.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from physprior import verdict
from physprior.errors import PredictionError
from physprior.eval.predictions import Prediction, Predictions
from physprior.stats import auroc, macro
from physprior.verdict import ParseStatus

_READ = (ParseStatus.OK, ParseStatus.TOLERANT)


@dataclass(frozen=True)
class CategoryScores:
    """The scores of one category; an AUROC is None where only one class is there."""

    category: str
    normal: int
    """Normal videos that were predicted."""
    anomalous: int
    """Anomalous videos that were predicted."""
    skipped: int
    """Videos that could not be used."""
    auroc: float | None
    """Of the log-odds."""
    verdict_auroc: float | None
    """Of the parsed verdicts; None also where no text was generated."""
    unparsed: int | None
    """Answers without a readable verdict; None where no text was generated."""
    labels: tuple[int, ...]
    """1 for anomalous, in the file's order."""
    scores: tuple[float, ...]
    """Log-odds, in the same order."""

    @property
    def n(self) -> int:
        """Videos that were predicted."""
        return self.normal + self.anomalous


@dataclass(frozen=True)
class Scores:
    """The scores of a predictions file."""

    predictions: Predictions
    categories: tuple[CategoryScores, ...]
    macro_auroc: float | None
    """Mean over categories of the log-odds' AUROC, the paper's average."""
    macro_verdict_auroc: float | None
    """Mean over categories of the parsed verdicts' AUROC."""
    parsing: dict[ParseStatus, int]
    """How the answers were read; empty where no text was generated."""

    @property
    def n(self) -> int:
        """Videos that were predicted."""
        return sum(category.n for category in self.categories)

    @property
    def parse_rate(self) -> float | None:
        """Share of the answers whose verdict could be read; None without text."""
        answers = sum(self.parsing.values())
        return sum(self.parsing.get(status, 0) for status in _READ) / answers if answers else None


def score(predictions: Predictions) -> Scores:
    """Score what a predictions file holds.

    Raises PredictionError where it holds no prediction, or a score that is no finite number.
    """
    if not predictions.predictions:
        raise PredictionError(
            f"{predictions.path} holds no prediction", remedy="run 'physprior predict' to its end"
        )
    for prediction in predictions.predictions:
        if not math.isfinite(prediction.score):
            raise PredictionError(
                f"{predictions.path}: the score of {prediction.id} is {prediction.score}",
                remedy="predict again; if it stays so, the model's weights are damaged",
            )
    found = {line.category for line in (*predictions.predictions, *predictions.skipped)}
    categories = tuple(_category(predictions, category) for category in sorted(found))
    parsing: Counter[ParseStatus] = Counter(
        _parse(prediction).status
        for prediction in predictions.predictions
        if prediction.text is not None
    )
    return Scores(
        predictions,
        categories,
        macro(category.auroc for category in categories),
        macro(category.verdict_auroc for category in categories),
        dict(parsing),
    )


def _category(predictions: Predictions, category: str) -> CategoryScores:
    own = [line for line in predictions.predictions if line.category == category]
    labels = tuple(line.label for line in own)
    scores = tuple(line.score for line in own)
    texts = [line for line in own if line.text is not None]
    said = [_parse(line).anomalous for line in texts]
    return CategoryScores(
        category=category,
        normal=labels.count(0),
        anomalous=labels.count(1),
        skipped=sum(line.category == category for line in predictions.skipped),
        auroc=auroc(labels, scores),
        verdict_auroc=auroc([line.label for line in texts], [_hard(word) for word in said]),
        unparsed=said.count(None) if texts else None,
        labels=labels,
        scores=scores,
    )


def _parse(prediction: Prediction) -> verdict.ParsedVerdict:
    return verdict.parse(prediction.text or "", truncated=prediction.truncated)


def _hard(anomalous: bool | None) -> float:
    return 0.5 if anomalous is None else float(anomalous)


def same_videos(one: Predictions, other: Predictions) -> None:
    """Raises PredictionError unless both files predict the same videos of the same split."""
    ids: Sequence[set[str]] = [
        {line.id for line in (*file.predictions, *file.skipped)} for file in (one, other)
    ]
    if one.header.split_hash != other.header.split_hash or ids[0] != ids[1]:
        raise PredictionError(
            f"{one.path} and {other.path} do not predict the same videos "
            f"({len(ids[0] ^ ids[1])} stand in one of them alone)",
            remedy="predict the same split of the same dataset with both, to the end",
        )
