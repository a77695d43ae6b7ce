"""AUROC by severity: how small a failure may be and still be found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from physprior.eval.report.severities import Severities, read_severities
from physprior.eval.scoring import Scores
from physprior.eval.scoring.answers import Answer, clusters, deciding, labels, scored
from physprior.stats import Estimate, auroc_estimate, macro_estimate, rate_estimate

__all__ = [
    "FEWEST",
    "Severities",
    "Severity",
    "SeverityBin",
    "read_severities",
    "severity_scores",
]

FEWEST = 10
"""A range with fewer anomalous videos is joined to the next one."""
_QUARTERS = 4
Span = tuple[float, float]


@dataclass(frozen=True)
class SeverityBin:
    """The anomalous videos of a range of severity, against all normal ones of their categories."""

    low: float
    high: float
    """Not in the range, but for 1."""
    anomalous: int
    """Videos with a score."""
    normal: int
    macro: Estimate
    """Mean over the categories that have videos in the range."""
    categories: tuple[tuple[str, Estimate], ...]
    """By category, in the order of ids; value None where it has no video in the range."""
    found: Estimate | None = None
    """Share of the range's anomalous videos that are above the threshold of their category; those
    without a score are not."""


@dataclass(frozen=True)
class Severity:
    """All ranges, the slightest first."""

    bins: tuple[SeverityBin, ...]
    """At least one."""
    without: int
    """Anomalous videos that have no severity."""


@dataclass(frozen=True)
class _Videos:
    """The videos of one category."""

    normal: Sequence[Answer]
    """Normal ones that have a score."""
    graded: Sequence[tuple[float, Answer]]
    """Anomalous videos that have a severity, each with it."""


def severity_scores(scores: Scores, severities: Mapping[str, float]) -> Severity | None:
    """AUROC of ranges of severity; None where no range has one.

    ``severities``: 0 to 1 by video id. The ranges are quarters, so that two reports have the same;
    one with fewer than ``FEWEST`` videos is joined to the next, and one without any at either end
    is left out. A category is in it where it has normal videos and a severity.
    """
    videos = _by_category(scores, severities)
    placed = [
        severity
        for one in videos.values()
        for severity, answer in one.graded
        if answer.line.score is not None
    ]
    if not placed:
        return None
    return Severity(
        tuple(_bin(videos, span) for span in _ranges(placed)),
        sum(
            line.label == 1 and line.id not in severities for line in scores.predictions.predictions
        ),
    )


def _by_category(scores: Scores, severities: Mapping[str, float]) -> dict[str, _Videos]:
    found: dict[str, list[Answer]] = defaultdict(list)
    lines = scores.predictions.predictions
    at = deciding(lines, scores.thresholds)
    for line in lines:
        found[line.category].append(Answer(line, None, at.get(line.category)))
    made = {}
    for category, answers in sorted(found.items()):
        normal, _ = scored(one for one in answers if not one.label)
        graded = [
            (severities[one.line.id], one)
            for one in answers
            if one.label and one.line.id in severities
        ]
        if normal and scored(one for _, one in graded)[0]:
            made[category] = _Videos(normal, graded)
    return made


def _ranges(severities: Sequence[float]) -> list[Span]:
    """The quarters, joined where they hold few: half open, but for the last."""
    counts = [0] * _QUARTERS
    for one in severities:
        counts[_quarter(one)] += 1
    filled = [place for place, count in enumerate(counts) if count]
    joined: list[list[int]] = [[]]
    for place in range(filled[0], filled[-1] + 1):
        if sum(counts[at] for at in joined[-1]) >= FEWEST:
            joined.append([])
        joined[-1].append(place)
    if len(joined) > 1 and sum(counts[at] for at in joined[-1]) < FEWEST:
        few = joined.pop()
        joined[-1] += few
    return [(one[0] / _QUARTERS, (one[-1] + 1) / _QUARTERS) for one in joined]


def _quarter(severity: float) -> int:
    return min(int(severity * _QUARTERS), _QUARTERS - 1)


def _bin(videos: Mapping[str, _Videos], span: Span) -> SeverityBin:
    low, high = span
    inside = {
        category: [
            answer
            for severity, answer in one.graded
            if low <= _quarter(severity) / _QUARTERS < high
        ]
        for category, one in videos.items()
    }
    categories = [(name, _auroc(videos[name].normal, inside[name])) for name in videos]
    members = [answer for answers in inside.values() for answer in answers]
    decided = [answer for answer in members if answer.threshold is not None]
    return SeverityBin(
        low,
        high,
        anomalous=len(scored(members)[0]),
        normal=sum(len(videos[name].normal) for name, own in inside.items() if scored(own)[0]),
        macro=macro_estimate([one for _, one in categories]),
        categories=tuple(categories),
        found=rate_estimate(sum(answer.above is True for answer in decided), len(decided)),
    )


def _auroc(normal: Sequence[Answer], anomalous: Sequence[Answer]) -> Estimate:
    if not scored(anomalous)[0]:
        return Estimate(None, 0)
    answers, values = scored([*normal, *anomalous])
    return auroc_estimate(labels(answers), values, clusters=clusters(answers))
