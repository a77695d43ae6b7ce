"""A split: which videos train, validate and test, and what decided it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from physprior import fingerprint
from physprior.dataset.grouping import Grouping, group_videos
from physprior.dataset.index import Video
from physprior.dataset.protocols import Fractions, Protocol, splits_with_a_part
from physprior.dataset.records import SplitName

_DECIDING = {"protocol", "seed", "fractions", "grouping", "assignment", "missing"}
_OWN_OPTIONS = ("k", "folds", "fold")


class Split(BaseModel):
    """An assignment of videos to splits, and what made it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: str
    """The protocol's name, mostly one of ``PROTOCOLS``."""
    seed: int
    """What it was shuffled by."""
    fractions: Fractions
    """The parts that were asked for: train, val, test."""
    k: int | None = None
    """Protocol weak: how many anomalous videos of each class train."""
    folds: int | None = None
    """Protocol folds: how many folds there are."""
    fold: int | None = None
    """Protocol folds: which of them tests, counted from 1."""
    note: str = ""
    """What must be said along with any number that comes of it; may be empty."""
    published: str = ""
    """The hash of the published split that this one was taken from; empty where none was."""
    moved: dict[str, dict[str, tuple[str, ...]]] = {}
    """Category, then class, to the anomalous videos that train."""
    grouping: dict[str, Grouping]
    """Category to what stands together in one split."""
    missing: tuple[tuple[str, str, SplitName], ...]
    """Category, class and split where a class that has videos got none, though it should."""
    absent: tuple[str, ...] = ()
    """Videos of the published split that are not in this collection."""
    left_out: tuple[str, ...] = ()
    """Videos of this collection that the published split does not name: they are in no split."""
    assignment: dict[str, SplitName]
    """Video path to its split."""
    sha256: dict[str, str] = {}
    """Video path to the hash of its file, by which it is found in another copy."""

    @property
    def hash(self) -> str:
        """Hash of all that decides: two datasets with the same one can be compared.

        What follows from it (note, what moved) and the files' bytes are no part of it.
        """
        content = self.model_dump(mode="json", include=_DECIDING)
        for option in _OWN_OPTIONS:
            if (value := getattr(self, option)) is not None:
                content[option] = value
        return fingerprint.of_json(content)


def find_moved(
    videos: Sequence[Video], assignment: Mapping[str, SplitName]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Category, then class, to the anomalous videos that train, in the order of the paths."""
    moved: dict[str, dict[str, list[str]]] = {}
    for video in sorted(videos, key=lambda video: (video.category, video.class_id, video.path)):
        if video.label and assignment.get(video.path) == "train":
            classes = moved.setdefault(video.category, {})
            classes.setdefault(video.class_id, []).append(video.path)
    return {
        category: {class_id: tuple(paths) for class_id, paths in classes.items()}
        for category, classes in moved.items()
    }


def find_grouping(
    videos: Sequence[Video], assignment: Mapping[str, SplitName]
) -> dict[str, Grouping]:
    """Category to what its split keeps together: instances where none is torn, else videos."""
    by_category: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        if video.path in assignment:
            by_category[video.category].append(video)
    return {
        category: _keeps_together(by_category[category], assignment)
        for category in sorted(by_category)
    }


def find_missing(
    videos: Sequence[Video],
    assignment: Mapping[str, SplitName],
    fractions: Fractions,
    protocol: Protocol | None,
) -> tuple[tuple[str, str, SplitName], ...]:
    """Category, class and split where a class got no video, though the protocol means it to.

    Of a protocol that is not ours (None), every split with a fraction is meant.
    """
    held = {(video.category, video.class_id, assignment.get(video.path)) for video in videos}
    classes = sorted({(video.category, video.class_id, video.label) for video in videos})
    meant = {
        label: protocol.meant_for(bool(label), fractions)
        if protocol
        else splits_with_a_part(fractions)
        for label in (0, 1)
    }
    return tuple(
        (category, class_id, split)
        for category, class_id, label in classes
        for split in meant[label]
        if (category, class_id, split) not in held
    )


def say_torn(videos: Sequence[Video], assignment: Mapping[str, SplitName]) -> str:
    """Which categories have objects that stand in more than one split; empty where none has."""
    places: dict[tuple[str, str], set[SplitName]] = defaultdict(set)
    for video in videos:
        if video.instance is not None and video.path in assignment:
            places[video.category, video.instance].add(assignment[video.path])
    torn = sorted({category for (category, _), splits in places.items() if len(splits) > 1})
    return f"objects that stand in more than one split: in {', '.join(torn)}" if torn else ""


def join_notes(*notes: str) -> str:
    """Notes as one, those that say nothing left out."""
    return "; ".join(note for note in notes if note)


def _keeps_together(videos: Sequence[Video], assignment: Mapping[str, SplitName]) -> Grouping:
    if any(video.instance is None for video in videos):
        return "video"
    grouping, groups = group_videos(videos)
    torn = any(len({assignment[video.path] for video in group.videos}) > 1 for group in groups)
    return "video" if torn else grouping
