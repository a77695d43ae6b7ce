"""The protocol ``official``: the release's own folders, or a list's own ``split`` column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from physprior.dataset.assign import take_share
from physprior.dataset.grouping import group_videos
from physprior.dataset.index import Video
from physprior.dataset.protocols.protocol import Fractions, Protocol, val_share
from physprior.dataset.records import SplitName
from physprior.errors import DatasetError

_SHOWN = 5


@dataclass(frozen=True)
class Official(Protocol):
    """What the release trains on trains, what it tests on tests; nothing is moved.

    A list's ``split`` column counts where a video has one; otherwise the folder ``train`` or
    ``test`` in its path. The release has no split for validation: val takes normal training
    videos, in the ratio of the fractions of train and val, unless a list names a val of its own.
    Phys-AD's training folders hold no anomaly (its Table 3), so a model never sees an anomalous
    verdict in training; the split says so in its note.
    """

    name: ClassVar[str] = "official"

    def assign(
        self, category: str, videos: Sequence[Video], seed: int, fractions: Fractions
    ) -> dict[str, SplitName]:
        """See Protocol. Raises DatasetError where nothing says what a video is meant for."""
        assignment: dict[str, SplitName] = {}
        unplaced: list[str] = []
        for video in videos:
            split = official_split(video)
            if split is None:
                unplaced.append(video.path)
            else:
                assignment[video.path] = split
        if unplaced:
            raise _unplaced(category, unplaced)
        return with_val(category, videos, assignment, seed, fractions)

    def meant_for(self, anomalous: bool, fractions: Fractions) -> tuple[SplitName, ...]:
        """See Protocol. A class of anomalies is meant for test alone."""
        if anomalous:
            return ("test",)
        return ("train", "val", "test") if fractions[1] > 0 else ("train", "test")

    def note(self, videos: Sequence[Video], assignment: Mapping[str, SplitName]) -> str:
        """See Protocol. Says whether there is any anomaly to train on."""
        if any(video.label and assignment[video.path] == "train" for video in videos):
            return ""
        return (
            "no anomalous video is in train: a model learns no anomalous verdict from this split;"
            " the protocols supervised and weak move some there"
        )


def official_split(video: Video) -> SplitName | None:
    """What a list says, or else the folder ``train`` or ``test`` that the video lies in."""
    if video.split is not None:
        return video.split
    # <category>/train/0000.mp4 and <category>/test/<class>/0000.mp4; a class may be named train.
    *_, grandparent, parent = ("", "", *PurePosixPath(video.path.casefold()).parts[:-1])
    if grandparent == "test" or parent == "test":
        return "test"
    return "train" if parent == "train" else None


def with_val(
    category: str,
    videos: Sequence[Video],
    assignment: Mapping[str, SplitName],
    seed: int,
    fractions: Fractions,
) -> dict[str, SplitName]:
    """The assignment with some groups of normal training videos moved to an empty val."""
    settled = dict(assignment)
    if "val" not in settled.values():
        trained = [v for v in videos if not v.label and settled[v.path] == "train"]
        _, groups = group_videos(trained)
        for group in take_share(groups, val_share(fractions), str(seed), category, "val"):
            settled.update((video.path, "val") for video in group.videos)
    return settled


def _unplaced(category: str, paths: Sequence[str]) -> DatasetError:
    listed = "\n".join(f"  {path}" for path in sorted(paths)[:_SHOWN])
    more = f"\n  and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return DatasetError(
        f"{category}: {len(paths)} videos have no official split: they lie in no folder train or"
        f" test, and no list says one:\n{listed}{more}",
        remedy="use the protocol supervised, or give a list with a column split",
    )
