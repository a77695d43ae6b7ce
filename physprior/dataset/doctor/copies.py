"""Files that are no use, and videos that are there twice or in two classes at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from physprior.dataset.doctor.findings import Finding, counted
from physprior.dataset.index import Skipped, Video

_UNUSABLE = (
    (
        "sidecar-contradicts",
        "sidecar",
        "cannot be used because of the sidecar",
        "mend the sidecar, or move the video to the folder of its class",
    ),
    (
        "equal-ids",
        "would have the id of",
        "cannot be told apart but by the ending",
        "keep one of each, or rename the others",
    ),
    ("broken", "", "cannot be used", "copy or download again, or remove"),
)
"""Kind, the words of a reason by which it is known, what is said, and the remedy."""


def find_broken(skipped: Sequence[Skipped]) -> Iterator[Finding]:
    """Files that cannot be used; those whose file itself is sound apart from the broken ones."""
    left = list(skipped)
    for kind, words, said, remedy in _UNUSABLE:
        own = [skip for skip in left if words in skip.reason]
        left = [skip for skip in left if words not in skip.reason]
        if own:
            yield Finding(
                kind=kind,
                text=f"{counted(len(own), 'video')} {said}",
                places=tuple(f"{skip.path}: {skip.reason}" for skip in own),
                remedy=remedy,
            )


def find_copies(videos: Sequence[Video]) -> Iterator[Finding]:
    """Videos that are there twice, as files or as pictures, and those in two classes at once."""
    files = _equal(videos, lambda video: video.sha256)
    # The same pictures in another file; where the files are equal it has been said already.
    pictures = [
        same
        for same in _equal(videos, lambda video: video.content)
        if len({video.sha256 for video in same}) > 1
    ]
    for kind, what, sets in (("same-file", "file", files), ("same-pictures", "pictures", pictures)):
        within = [same for same in sets if len(_classes(same)) == 1]
        across = [same for same in sets if len(_classes(same)) > 1]
        if across:
            yield Finding(
                kind=f"{kind}-two-classes",
                text=f"{counted(len(across), 'set')} of videos with the same {what} in different "
                "classes: one video cannot be both",
                places=tuple(map(_said, across)),
                remedy="remove the wrong copies",
            )
        if within:
            yield Finding(
                kind=kind,
                text=f"{counted(len(within), 'set')} of videos with the same {what}; each set "
                "stays in one split",
                places=tuple(map(_said, within)),
                remedy="remove the copies, so that no clip counts twice",
            )


def _equal(videos: Iterable[Video], key: Callable[[Video], str]) -> list[list[Video]]:
    sets: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        if key(video):
            sets[key(video)].append(video)
    return [same for same in sets.values() if len(same) > 1]


def _classes(videos: Iterable[Video]) -> set[tuple[str, str]]:
    return {(video.category, video.class_id) for video in videos}


def _said(videos: Iterable[Video]) -> str:
    return " = ".join(video.path for video in videos)
