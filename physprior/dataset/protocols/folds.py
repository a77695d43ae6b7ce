"""The protocol ``folds``: every video tests exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from physprior.dataset.assign import assign_groups
from physprior.dataset.grouping import MIN_INSTANCES, group_videos
from physprior.dataset.index import Video
from physprior.dataset.protocols.protocol import Fractions, Protocol
from physprior.dataset.records import SplitName
from physprior.errors import DatasetError


@dataclass(frozen=True)
class Folds(Protocol):
    """K-fold cross-validation by group, stratified by class: one fold tests, the others train.

    The folds depend on the seed and on their number, not on which of them tests, so over all
    ``fold`` from 1 to ``folds`` every video tests exactly once. Val is taken from the others, in
    the ratio of the fractions of train and val; the fraction of test means nothing here. Whole
    instances are assigned where there is at least one for each fold, and three.
    """

    name: ClassVar[str] = "folds"
    options: ClassVar[tuple[str, ...]] = ("folds", "fold")

    folds: int = 5
    """Into how many parts the videos are divided."""
    fold: int = 1
    """Which of them tests, counted from 1."""

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise DatasetError(
                f"{self.folds} folds leave nothing to train on", remedy="give two folds or more"
            )
        if not 1 <= self.fold <= self.folds:
            raise DatasetError(
                f"there is no fold {self.fold} of {self.folds}",
                remedy=f"name a fold from 1 to {self.folds}",
            )

    def assign(
        self, category: str, videos: Sequence[Video], seed: int, fractions: Fractions
    ) -> dict[str, SplitName]:
        """See Protocol."""
        _, groups = group_videos(videos, least=max(MIN_INSTANCES, self.folds))
        folded = assign_groups(groups, [1 / self.folds] * self.folds, str(seed), category)
        tested = [group for group, number in folded if number == self.fold - 1]
        others = [group for group, number in folded if number != self.fold - 1]
        train, val, _ = fractions
        shares = (train / (train + val), val / (train + val))
        parts = assign_groups(others, shares, str(seed), category, f"fold {self.fold}")
        assignment: dict[str, SplitName] = {
            video.path: "val" if part else "train"
            for group, part in parts
            for video in group.videos
        }
        assignment.update((video.path, "test") for group in tested for video in group.videos)
        return assignment

    def meant_for(self, anomalous: bool, fractions: Fractions) -> tuple[SplitName, ...]:
        """See Protocol. Test has its fold, whatever its fraction."""
        del anomalous
        return ("train", "val", "test") if fractions[1] > 0 else ("train", "test")

    def note(self, videos: Sequence[Video], assignment: Mapping[str, SplitName]) -> str:
        """See Protocol. Says which fold it is."""
        del videos, assignment
        return f"fold {self.fold} of {self.folds}"
