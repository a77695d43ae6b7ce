"""The protocol ``supervised``: sound and faulty videos in every split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from physprior.dataset.assign import assign_groups
from physprior.dataset.grouping import group_videos
from physprior.dataset.index import Video
from physprior.dataset.protocols.protocol import Fractions, Protocol
from physprior.dataset.records import SPLITS, SplitName


@dataclass(frozen=True)
class Supervised(Protocol):
    """Normal and anomalous videos in every split, stratified by class, whatever their folders.

    The release keeps its anomalous videos for test, and a model that is to learn anomalous
    verdicts needs some: they move to training here, and the split lists them. In a category with
    three or more instances, all its videos bearing one, whole instances are assigned; otherwise
    videos, with the copies of a file together.
    """

    name: ClassVar[str] = "supervised"

    def assign(
        self, category: str, videos: Sequence[Video], seed: int, fractions: Fractions
    ) -> dict[str, SplitName]:
        """See Protocol."""
        _, groups = group_videos(videos)
        return {
            video.path: SPLITS[part]
            for group, part in assign_groups(groups, fractions, str(seed), category)
            for video in group.videos
        }
