"""What must stay together in a split: the videos of one instance, and copies of one file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from physprior.dataset.index import Video

Grouping = Literal["instance", "video"]
"""What was kept together: all videos of one physical object, or each video alone."""

MIN_INSTANCES = 3
"""Fewer instances than this cannot fill three splits."""


@dataclass(frozen=True)
class Group:
    """Videos of one category that go to one split."""

    key: str
    """Stable name: the least of the instances' names, or of the videos' paths."""
    videos: tuple[Video, ...]
    """The videos, in the order of their paths."""

    def counts(self) -> Counter[str]:
        """Class id to the number of the group's videos in it."""
        return Counter(video.class_id for video in self.videos)


def group_videos(
    videos: Sequence[Video], *, least: int = MIN_INSTANCES
) -> tuple[Grouping, list[Group]]:
    """Groups of one category's videos, in the order of their keys, and what they are grouped by.

    By instance where every video has one and there are at least ``least`` groups of them; copies
    of one file, and files with the same pictures, are in one group either way.
    """
    if all(video.instance is not None for video in videos):
        groups = together(videos, lambda video: str(video.instance))
        if len(groups) >= least:
            return "instance", groups
    return "video", together(videos, lambda video: video.path)


def together(videos: Sequence[Video], key: Callable[[Video], str]) -> list[Group]:
    """Groups of the videos that share a key or, by whatever chain, a file or its pictures."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while (above := leader.setdefault(name, name)) != name:
            name = above
        return name

    first_with: dict[str, str] = {}
    for video in videos:
        own = key(video)
        for same in (video.sha256, video.content):
            met = first_with.setdefault(same, own) if same else own
            if met != own:
                one, other = find(own), find(met)
                leader[max(one, other)] = min(one, other)
    members: dict[str, list[Video]] = defaultdict(list)
    for video in sorted(videos, key=lambda video: video.path):
        members[find(key(video))].append(video)
    return [Group(name, tuple(members[name])) for name in sorted(members)]
