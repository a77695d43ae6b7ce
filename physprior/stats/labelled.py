"""What the statistics of detection are given, checked: a label and a score for each video."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FEWEST_CLUSTERS = 10
"""Below so many object instances a clustered variance is a guess, and videos count alone."""


def anomalous_flags(labels: Sequence[int]) -> Flags:
    """Labels as booleans, true for anomalous; ValueError with its index for any but 0 and 1."""
    for index, label in enumerate(labels):
        if label not in (0, 1):
            raise ValueError(f"label {index} is {label!r}, neither 0 (normal) nor 1 (anomalous)")
    return np.fromiter((bool(label) for label in labels), dtype=np.bool_, count=len(labels))


def finite_scores(scores: Sequence[float]) -> Floats:
    """Scores as float64; ValueError with its index for one that is no finite number."""
    for index, score in enumerate(scores):
        if not _finite(score):
            raise ValueError(f"score {index} is {score!r}, not a finite number")
    return np.fromiter((float(score) for score in scores), dtype=np.float64, count=len(scores))


def labelled(labels: Sequence[int], scores: Sequence[float]) -> tuple[Flags, Floats]:
    """Both, checked; ValueError as well where there are not as many of one as of the other."""
    same_length(labels, scores, "scores")
    return anomalous_flags(labels), finite_scores(scores)


def same_length(labels: Sequence[object], other: Sequence[object], name: str) -> None:
    """ValueError unless each label has its ``name``."""
    if len(labels) != len(other):
        raise ValueError(f"{len(labels)} labels, but {len(other)} {name}")


def usable_clusters(clusters: Sequence[str] | None) -> Sequence[str] | None:
    """The clusters where they can be used: ten or more, none unknown (``""``), and some shared.

    Where each video is an object of its own, plain statistics say the same.
    """
    if clusters is None:
        return None
    distinct = set(clusters)
    usable = "" not in distinct and FEWEST_CLUSTERS <= len(distinct) < len(clusters)
    return clusters if usable else None


def independent_pairs(labels: Sequence[int], clusters: Sequence[str] | None = None) -> int:
    """The most pairs of a normal and an anomalous video that share no video, and no cluster.

    Without clusters that is the size of the smaller class. With them a pair takes two clusters, of
    which one has a normal and one an anomalous video; one that has both can serve as either.
    """
    normal = sum(not label for label in labels)
    if clusters is None:
        return min(normal, len(labels) - normal)
    with_normal = {name for name, label in zip(clusters, labels, strict=True) if not label}
    with_anomalous = {name for name, label in zip(clusters, labels, strict=True) if label}
    either = len(with_normal | with_anomalous) // 2
    return min(len(with_normal), len(with_anomalous), either)


def _finite(score: object) -> bool:
    try:
        return math.isfinite(score)  # type: ignore[arg-type]  # None and words are refused below
    except (TypeError, OverflowError):  # an integer beyond float64 is an OverflowError
        return False
