"""Which videos train, validate and test: named protocols, seeded, grouped and hashed.

The paper does not say how anomalous test videos came into its training, so the split is ours to
name and to publish. What is one group (the videos of one instance, copies of one file) never
straddles two splits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from physprior import fingerprint
from physprior.dataset.assign import assign_groups
from physprior.dataset.grouping import Grouping, group_videos
from physprior.dataset.index import Video
from physprior.dataset.records import SPLITS, SplitName
from physprior.errors import DatasetError

Fractions = tuple[float, float, float]
"""The parts of train, val and test; they sum to 1."""

DEFAULT_FRACTIONS: Fractions = (0.7, 0.1, 0.2)


class Split(BaseModel):
    """An assignment of videos to splits, and what made it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: str
    """The protocol's name in ``PROTOCOLS``."""
    seed: int
    """What it was shuffled by."""
    fractions: Fractions
    """The parts that were asked for: train, val, test."""
    grouping: dict[str, Grouping]
    """Category to what was kept together in it."""
    assignment: dict[str, SplitName]
    """Video path to its split."""
    missing: tuple[tuple[str, str, SplitName], ...]
    """Category, class and split where a class that has videos got none."""

    @property
    def hash(self) -> str:
        """Hash of the whole split: two datasets with the same one can be compared."""
        return fingerprint.of_json(self.model_dump(mode="json"))


Protocol = Callable[[Sequence[Video], int, Fractions], Split]
"""Makes a split of videos, by a seed and the fractions of train, val and test."""


def supervised(videos: Sequence[Video], seed: int, fractions: Fractions) -> Split:
    """Normal and anomalous videos in every split, stratified by category and class.

    In a category with three or more instances, all its videos bearing one, whole instances are
    assigned, otherwise videos. A category's split depends on nothing outside the category.
    Raises DatasetError for fractions that are not three parts of 1.
    """
    _check_fractions(fractions)
    grouping: dict[str, Grouping] = {}
    assignment: dict[str, SplitName] = {}
    for category in sorted({video.category for video in videos}):
        own = [video for video in videos if video.category == category]
        grouping[category], groups = group_videos(own)
        for group, part in assign_groups(groups, fractions, str(seed), category):
            assignment.update((video.path, SPLITS[part]) for video in group.videos)
    return Split(
        protocol="supervised",
        seed=seed,
        fractions=fractions,
        grouping=grouping,
        assignment=dict(sorted(assignment.items())),
        missing=_missing(videos, assignment, fractions),
    )


PROTOCOLS: dict[str, Protocol] = {"supervised": supervised}
"""The split protocols by name; a new one is a function here."""


def find_protocol(name: str, fractions: Fractions) -> Protocol:
    """The protocol of this name, which may then be asked for these fractions.

    Raises DatasetError for an unknown name, and for fractions that are not three parts of 1.
    """
    if name not in PROTOCOLS:
        raise DatasetError(
            f"there is no split protocol '{name}'", remedy=f"use one of: {', '.join(PROTOCOLS)}"
        )
    _check_fractions(fractions)
    return PROTOCOLS[name]


def _check_fractions(fractions: Fractions) -> None:
    sound = (
        len(fractions) == len(SPLITS)
        and all(math.isfinite(part) and part >= 0 for part in fractions)
        and math.isclose(sum(fractions), 1, abs_tol=1e-6)
        and fractions[0] > 0
    )
    if not sound:
        given = ", ".join(f"{part:g}" for part in fractions)
        raise DatasetError(
            f"the fractions {given} are not three parts of 1 with something to train on",
            remedy="give train, val and test parts that sum to 1, such as 0.7,0.1,0.2",
        )


def _missing(
    videos: Sequence[Video], assignment: dict[str, SplitName], fractions: Fractions
) -> tuple[tuple[str, str, SplitName], ...]:
    held = {(video.category, video.class_id, assignment[video.path]) for video in videos}
    classes = sorted({(video.category, video.class_id) for video in videos})
    return tuple(
        (category, class_id, split)
        for category, class_id in classes
        for split, fraction in zip(SPLITS, fractions, strict=True)
        if fraction > 0 and (category, class_id, split) not in held
    )
