"""Which of a dataset's videos a row of somebody's table means.

A name is a record's id or path, exactly; or else one that ends with such an id or path, or that
one id or path alone ends with. The ending of the file may be left out. All splits are searched,
so that a video of another split is known for what it is.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from physprior.dataset.records import Record
from physprior.video.endings import VIDEO_ENDINGS

_LONGEST = 4096
"""The longest path that a file system knows."""


@dataclass(frozen=True)
class Known:
    """One video of the dataset."""

    video: str
    """Its path below the videos root."""
    split: str
    records: tuple[Record, ...]
    """Several where a training video is taught in variants."""


class NoMatchError(ValueError):
    """Why a name means no video, in words."""


def known_videos(records: Iterable[Record]) -> list[Known]:
    """The videos of records, in their order, each once."""
    grouped: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        grouped[record.video].append(record)
    return [Known(video, own[0].split, tuple(own)) for video, own in grouped.items()]


class Matcher:
    """Finds the video that a name means."""

    def __init__(self, videos: Sequence[Known]) -> None:
        self._exact: dict[str, list[Known]] = defaultdict(list)
        self._whole: dict[str, list[Known]] = defaultdict(list)
        self._tails: dict[str, list[Known]] = defaultdict(list)
        for known in videos:
            for name in {known.video, *(record.id for record in known.records)}:
                self._exact[name].append(known)
            path = _plain(known.video)
            self._whole[path].append(known)
            parts = path.split("/")
            for start in range(len(parts)):
                self._tails["/".join(parts[start:])].append(known)
        self._deepest = max((known.video.count("/") + 1 for known in videos), default=0)

    def find(self, name: str) -> Known:
        """The one video that ``name`` means. Raises NoMatchError where it is none, or several."""
        if found := self._exact.get(name):
            return _only(found)
        if len(name) > _LONGEST:
            raise NoMatchError("it is longer than any path")
        path = _plain(name)
        parts = path.split("/")[-self._deepest - 1 :]
        # Some folders more than the dataset's own, or some fewer.
        longer = [self._whole.get("/".join(parts[at:]), []) for at in range(len(parts))]
        found = [known for level in longer for known in level] or self._tails.get(path, [])
        if not found:
            raise NoMatchError("no video of this dataset")
        return _only(found)


def _only(found: Sequence[Known]) -> Known:
    if len(found) > 1:
        shown = ", ".join(f"{known.video} ({known.split})" for known in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise NoMatchError(f"it could be {shown}{more}: name more of its folders")
    return found[0]


def _plain(name: str) -> str:
    """A path by its parts, with / between them, without the ending of a video."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    path = unicodedata.normalize("NFC", "/".join(parts))
    stem, dot, ending = path.rpartition(".")
    return stem if dot and f".{ending.lower()}" in VIDEO_ENDINGS else path
