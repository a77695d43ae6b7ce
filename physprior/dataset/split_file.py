"""A split as a file to read and to publish, and a published one laid over one's own videos."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from physprior import files
from physprior.dataset.index import Video
from physprior.dataset.protocols import PROTOCOLS
from physprior.dataset.records import SplitName
from physprior.dataset.split_model import (
    Split,
    find_grouping,
    find_missing,
    find_moved,
    join_notes,
)
from physprior.errors import DatasetError

FORMAT = "physprior-split"
FORMAT_VERSION = 1

_LISTED = 50
_REMEDY = "take the file as physprior data split wrote it, or make the split again"


def split_text(split: Split) -> str:
    """The text of a split's file: JSON, what was decided first and the long lists last.

    The same split gives the same text. The split.json of a dataset is such a file too.
    """
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "hash": split.hash}
    content = {**head, **split.model_dump(mode="json", exclude_none=True)}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def write_split(split: Split, path: Path) -> None:
    """Write a split as a file to publish, whole or not at all. Raises OutputError."""
    files.write_text(path, split_text(split))


def read_split(path: Path) -> Split:
    """Read a split's file, ours or another's: a protocol of any name, a hash where it has one.

    Raises DatasetError where it is missing, is no split, names a video twice, or does not fit its
    own hash.
    """
    content = _read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DatasetError(
            f"{path}: not a split: its format is not '{FORMAT}'",
            remedy="name a file that physprior data split has written, or a dataset's split.json",
        )
    if content.get("format_version") != FORMAT_VERSION:
        raise DatasetError(
            f"{path}: a split of version {content.get('format_version')}, and this physprior reads"
            f" version {FORMAT_VERSION}",
            remedy="update physprior, or make the split again",
        )
    said = content.get("hash", "")
    fields = {key: content[key] for key in content if key not in ("format", "format_version")}
    fields.pop("hash", None)
    try:
        split = Split.model_validate({"grouping": {}, "missing": (), **fields})
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(step) for step in problem["loc"])
        raise DatasetError(
            f"{path}: not a split: $.{where}: {problem['msg']}", remedy=_REMEDY
        ) from error
    if said and said != split.hash:
        raise DatasetError(
            f"{path}: it is not what its hash says: it was changed after it was made",
            remedy="take it from where it was published once more; a split of your own needs no"
            " hash: remove that line",
        )
    return split


def apply_split(
    published: Split, videos: Sequence[Video], path: Path, *, allow_missing: bool = False
) -> Split:
    """A published split over one's own videos; ``path`` is its file, for the messages.

    A video is known by the hash of its file, whatever its path, or else by its path: then it is
    another file than the published one, encoded anew perhaps, and the note counts those. Raises
    DatasetError where a video stands on one side alone, unless ``allow_missing``: then it is left
    out, and the split says so and has another hash.
    """
    assignment, other_files = _matched(published, videos, path)
    here = {video.path: video for video in videos}
    known_hashes = {here[name].sha256 for name in assignment}
    absent = tuple(
        name
        for name in published.assignment
        if name not in assignment and published.sha256.get(name) not in known_hashes
    )
    left_out = tuple(sorted(here.keys() - assignment.keys()))
    if (absent or left_out) and not allow_missing:
        raise _differ(path, absent, left_out)
    if not assignment:
        raise DatasetError(
            f"{path}: none of the videos is in this split", remedy="name the split of these videos"
        )
    kept = [here[name] for name in sorted(assignment)]
    whole = not (absent or left_out)
    protocol = PROTOCOLS[published.protocol]() if published.protocol in PROTOCOLS else None
    return published.model_copy(
        update={
            "published": published.hash,
            "note": _note(published, other_files, len(absent), len(left_out)),
            "moved": find_moved(kept, assignment),
            "grouping": published.grouping
            if whole and published.grouping
            else find_grouping(kept, assignment),
            "missing": published.missing
            if whole
            else find_missing(kept, assignment, published.fractions, protocol),
            "absent": absent,
            "left_out": left_out,
            "assignment": {video.path: assignment[video.path] for video in kept},
            "sha256": {video.path: video.sha256 for video in kept},
        }
    )


def _matched(
    published: Split, videos: Sequence[Video], path: Path
) -> tuple[dict[str, SplitName], int]:
    """The videos that the split knows, each with its split; how many are other files."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, sha256 in published.sha256.items():
        if name in published.assignment:
            names[sha256].append(name)
    assignment: dict[str, SplitName] = {}
    taken: set[str] = set()
    for video in videos:
        same = names.get(video.sha256, [])
        if same:
            own = video.path if video.path in same else same[0]
            _refuse_two_splits(published, video, own, same, path)
            assignment[video.path] = published.assignment[own]
            taken.add(own)
    others = [
        video.path
        for video in videos
        if video.path not in assignment
        and video.path in published.assignment
        and video.path not in taken
    ]
    assignment.update((name, published.assignment[name]) for name in others)
    return assignment, sum(name in published.sha256 for name in others)


def _refuse_two_splits(
    published: Split, video: Video, own: str, same: Sequence[str], path: Path
) -> None:
    if own != video.path and len({published.assignment[name] for name in same}) > 1:
        raise DatasetError(
            f"{path}: the file {video.path} stands in two of its splits, under other names: "
            + ", ".join(f"{published.assignment[name]} {name}" for name in same),
            remedy="give the video the name that it has in the published split",
        )


def _note(published: Split, other_files: int, absent: int, left_out: int) -> str:
    return join_notes(
        published.note,
        f"{other_files} videos are other files than those published, taken by their paths"
        if other_files
        else "",
        f"{absent} videos of the published split are not here" if absent else "",
        f"{left_out} videos are in no split: the published one does not name them"
        if left_out
        else "",
    )


def _differ(path: Path, absent: Collection[str], left_out: Collection[str]) -> DatasetError:
    lines = [
        line
        for names, where in ((absent, "in the split alone"), (left_out, "among the videos alone"))
        if names
        for line in (f"  {where}, {len(names)}:", *_listed(names))
    ]
    return DatasetError(
        f"{path}: this split is not of these videos:\n" + "\n".join(lines),
        remedy="index the collection that it was made for, or leave out what is not on both sides"
        " with --allow-missing; the split then has another hash",
    )


def _listed(names: Collection[str]) -> list[str]:
    shown = [f"    {name}" for name in sorted(names)[:_LISTED]]
    return [*shown, f"    and {len(names) - _LISTED} more"] if len(names) > _LISTED else shown


def _read_json(path: Path) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in fields if keys.count(key) > 1)
            raise DatasetError(f"{path}: '{twice}' stands in it twice", remedy=_REMEDY)
        return fields

    try:
        return json.loads(path.read_bytes(), object_pairs_hook=once)
    except OSError as error:
        raise DatasetError(
            f"{path}: cannot be read: {error.strerror or error}", remedy="check the path"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: not a split: not JSON: {error}", remedy=_REMEDY) from error
