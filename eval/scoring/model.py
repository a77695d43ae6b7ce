"""What scoring hands on: the scores of a file, of its categories, and of their anomaly types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from physprior.eval.predictions import Predictions
from physprior.eval.thresholds import Thresholds
from physprior.stats.calibration import Calibration
from physprior.stats.estimate import Estimate
from physprior.verdict import ParseStatus

MEASURES = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1": "F1",
    "verdict_auroc": "verdict AUROC",
    "verdict_accuracy": "verdict accuracy",
    "verdict_balanced_accuracy": "verdict balanced accuracy",
    "verdict_f1": "verdict F1",
}
"""The keys of every ``measures``, in their order, with what a person calls them. The first two rank
log-odds, the next three are at the threshold, and those of the verdict are of the parsed words."""


@dataclass(frozen=True)
class TypeScores:
    """One anomaly type of a category, against all of the category's normal videos."""

    class_id: str
    """The anomaly's id."""
    normal: int
    """Normal videos of the category that were predicted."""
    anomalous: int
    """Videos of this type that were predicted."""
    skipped: int
    """Videos of this type that could not be used."""
    auroc: Estimate
    """Of the log-odds, this type against the normal videos."""
    recall: Estimate
    """Share of this type that is above the threshold."""
    verdict_recall: Estimate
    """Share of this type's answers whose words say anomalous; unparsed ones do not."""
    unparsed: int | None
    """Answers without a readable verdict; None where no text was generated."""


@dataclass(frozen=True)
class CategoryScores:
    """The scores of one category. Where only one class is there, no measure has a value."""

    category: str
    normal: int
    """Normal videos that were predicted."""
    anomalous: int
    """Anomalous videos that were predicted."""
    skipped: int
    """Videos that could not be used."""
    unparsed: int | None
    """Answers without a readable verdict; None where no text was generated."""
    unscored: int
    """Predicted videos without a score; only other methods' have them. They have no place in a
    ranking, and are wrong at any threshold where other videos of the category have a score."""
    labels: tuple[int, ...]
    """1 for anomalous, of the videos that have a score, in the file's order."""
    scores: tuple[float, ...]
    """Log-odds, in the same order."""
    threshold: float | None
    """Above it a score says anomalous; None for another method's scores without a threshold."""
    measures: Mapping[str, Estimate]
    """Every measure, by the keys of ``MEASURES``; value None where it has no meaning."""
    types: tuple[TypeScores, ...]
    """Each anomaly type, in the order of ids."""
    verdict_bounds: tuple[float, float] | None
    """The worst and the best verdict AUROC that the unparsed answers allow; None without text."""
    calibration: Calibration | None
    """Of the log-odds; None for another method's scores, which are no log-odds, and without any."""
    mass: float | None
    """Median probability of both labels together; low where the model left the grammar. None for
    another method."""

    @property
    def n(self) -> int:
        """Videos that were predicted."""
        return self.normal + self.anomalous

    @property
    def auroc(self) -> float | None:
        """Of the log-odds; None where only one class is there, or no score."""
        return self.measures["auroc"].value

    @property
    def verdict_auroc(self) -> float | None:
        """Of the parsed verdicts; None also where no text was generated."""
        return self.measures["verdict_auroc"].value


@dataclass(frozen=True)
class Scores:
    """The scores of a predictions file."""

    predictions: Predictions
    categories: tuple[CategoryScores, ...]
    """In the order of ids."""
    macro: Mapping[str, Estimate]
    """Each measure's mean over the categories that have it: the paper's average."""
    pooled: Mapping[str, Estimate]
    """Each measure over all videos together, each at its own category's threshold."""
    thresholds: Thresholds | None
    """What said where scores turn anomalous; None for another method's scores without any."""
    macro_verdict_bounds: tuple[float, float] | None
    """Means of the categories' worst and best verdict AUROC."""
    pooled_verdict_bounds: tuple[float, float] | None
    """The worst and the best verdict AUROC of all videos together."""
    pooled_calibration: Calibration | None
    """Of all videos together; None as in a category."""
    parsing: dict[ParseStatus, int]
    """How the answers were read, now; empty where no text was generated."""
    reread: int
    """Answers that are read otherwise now than when they were made."""

    @property
    def n(self) -> int:
        """Videos that were predicted."""
        return sum(category.n for category in self.categories)

    @property
    def unscored(self) -> int:
        """Predicted videos without a score."""
        return sum(category.unscored for category in self.categories)

    @property
    def macro_auroc(self) -> float | None:
        """Mean over categories of the log-odds' AUROC, the paper's average."""
        return self.macro["auroc"].value

    @property
    def macro_verdict_auroc(self) -> float | None:
        """Mean over categories of the parsed verdicts' AUROC."""
        return self.macro["verdict_auroc"].value

    @property
    def parse_rate(self) -> float | None:
        """Share of the answers whose verdict could be read; None without text."""
        answers = sum(self.parsing.values())
        read = self.parsing.get(ParseStatus.OK, 0) + self.parsing.get(ParseStatus.TOLERANT, 0)
        return read / answers if answers else None

    def category(self, category: str) -> CategoryScores | None:
        """The scores of one category, if the file has it."""
        return next((one for one in self.categories if one.category == category), None)
