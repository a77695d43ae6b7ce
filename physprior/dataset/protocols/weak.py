"""The protocol ``weak``: a few anomalous videos of each class in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from physprior import fingerprint
from physprior.dataset.assign import assign_groups, total_of
from physprior.dataset.grouping import MIN_INSTANCES, Group, group_videos
from physprior.dataset.index import Video
from physprior.dataset.protocols.official import official_split, with_val
from physprior.dataset.protocols.protocol import Fractions, Protocol
from physprior.dataset.records import SPLITS, SplitName
from physprior.errors import DatasetError

LEAST_K, MOST_K = 2, 4


@dataclass(frozen=True)
class Weak(Protocol):
    """The release's folders, with ``k`` anomalous videos of each class moved to training.

    Phys-AD, section 4.2, "Weakly-supervised AD": "2~4 video-level labeled anomaly samples are
    sampled from all possible anomaly classes in the test set in our Phys-AD dataset. These sampled
    anomalies are then removed from the test set." Whether that is 2 to 4 a class or in all it
    does not say; here it is a class, so that every class is known.

    Normal videos stand where ``official`` has them, val included; where no folder and no list
    says, they are split by the fractions. A class keeps one video for test at least. What moves
    are whole groups of anomalous videos: instances where every class can come to its k with whole
    ones, otherwise videos, with the copies of a file together.
    """

    name: ClassVar[str] = "weak"
    options: ClassVar[tuple[str, ...]] = ("k",)

    k: int = MOST_K
    """Anomalous videos of each class that train: 2 to 4."""

    def __post_init__(self) -> None:
        if not LEAST_K <= self.k <= MOST_K:
            raise DatasetError(
                f"k is {self.k}, and protocol weak trains on {LEAST_K} to {MOST_K} anomalous videos"
                " of each class",
                remedy="give a k of 2, 3 or 4, or use the protocol supervised for more",
            )

    def assign(
        self, category: str, videos: Sequence[Video], seed: int, fractions: Fractions
    ) -> dict[str, SplitName]:
        """See Protocol."""
        normal = [video for video in videos if not video.label]
        anomalous = [video for video in videos if video.label]
        assignment = _place_normal(category, normal, seed, fractions)
        assignment.update((video.path, "test") for video in anomalous)
        for group in self._moved(category, anomalous, seed):
            assignment.update((video.path, "train") for video in group.videos)
        return assignment

    def meant_for(self, anomalous: bool, fractions: Fractions) -> tuple[SplitName, ...]:
        """See Protocol. Val has normal videos alone."""
        if anomalous:
            return ("train", "test")
        return ("train", "val", "test") if fractions[1] > 0 else ("train", "test")

    def note(self, videos: Sequence[Video], assignment: Mapping[str, SplitName]) -> str:
        """See Protocol. Says how many moved, and which classes could not give as many."""
        held = Counter((v.category, v.class_id) for v in videos if v.label)
        moved = Counter(
            (v.category, v.class_id) for v in videos if v.label and assignment[v.path] == "train"
        )
        fewer = [
            f"{category}/{class_id} {moved[category, class_id]} of its {number}"
            for (category, class_id), number in sorted(held.items())
            if moved[category, class_id] < self.k
        ]
        return f"{self.k} anomalous videos of each class train" + (
            f", but of {', '.join(fewer)}" if fewer else ""
        )

    def _moved(self, category: str, videos: Sequence[Video], seed: int) -> list[Group]:
        if not videos:
            return []
        wanted = {
            class_id: min(self.k, number - 1)
            for class_id, number in Counter(video.class_id for video in videos).items()
        }
        _, by_instance = group_videos(videos)
        moved = _draw(by_instance, wanted, str(seed), category)
        if total_of(group.counts() for group in moved) == +Counter(wanted):
            return moved
        _, by_video = group_videos(videos, least=len(videos) + MIN_INSTANCES)
        return _draw(by_video, wanted, str(seed), category)


def _draw(groups: Sequence[Group], wanted: Mapping[str, int], *key: str) -> list[Group]:
    """Groups in a shuffled order, each that fits into what its classes still want."""
    left = Counter(wanted)
    drawn = []
    for group in sorted(groups, key=lambda group: fingerprint.order(*key, "weak", group.key)):
        counts = group.counts()
        if all(left[class_id] >= number for class_id, number in counts.items()):
            left.subtract(counts)
            drawn.append(group)
    return drawn


def _place_normal(
    category: str, normal: Sequence[Video], seed: int, fractions: Fractions
) -> dict[str, SplitName]:
    placed = {video.path: split for video in normal if (split := official_split(video))}
    if len(placed) == len(normal):
        return with_val(category, normal, placed, seed, fractions)
    _, groups = group_videos(normal)
    return {
        video.path: SPLITS[part]
        for group, part in assign_groups(groups, fractions, str(seed), category)
        for video in group.videos
    }
