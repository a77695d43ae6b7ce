"""The split of a retraining: every video that the old dataset knew stays where it was.

A video that was held back from the old model must be held back from the new one, or comparing the
two would say nothing. The old options alone do not see to that: where a category gains a video, the
same seed can deal its videos out otherwise.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.folder import Dataset
from physprior.dataset.grouping import together
from physprior.dataset.index import Video
from physprior.dataset.protocols import PROTOCOLS, Protocol
from physprior.dataset.records import SplitName
from physprior.dataset.replace import SPLIT_FILE
from physprior.dataset.split import Split, SplitOptions, make_split
from physprior.dataset.split_file import apply_split, read_split
from physprior.dataset.split_model import find_grouping, find_missing, find_moved, join_notes
from physprior.errors import DatasetError

_HELD_BACK: tuple[SplitName, ...] = ("test", "val")
_STRICTEST: tuple[SplitName, ...] = (*_HELD_BACK, "train")
"""Where a new copy of videos that stand in two splits goes: rather held back than trained on."""


@dataclass(frozen=True)
class KeptSplit:
    """The split that the new dataset gets."""

    split: Split
    """Which videos train, validate and test."""
    options: SplitOptions | None
    """The options that give it; None where it has to be handed over as a file."""
    new: dict[str, SplitName]
    """The videos that the old dataset did not know, each with its split."""


def keep_split(dataset: Dataset, videos: Sequence[Video], place: Path) -> KeptSplit:
    """The old split over the videos that are there now; ``place`` names them in errors.

    Known videos, by the hash of their file or else by their path, keep their split. New ones go
    where their copies or their object are, and otherwise where the old protocol puts them. Raises
    DatasetError where none is known, or where a video that was held back would now train.
    """
    path = dataset.folder / SPLIT_FILE
    old = read_split(path)
    here = {video.path for video in videos} | {video.sha256 for video in videos}
    if not any(name in here or old.sha256.get(name) in here for name in old.assignment):
        raise DatasetError(
            f"{place}: none of the videos of {dataset.folder} is there",
            remedy="name a folder, list or index that holds the old videos and the new ones",
        )
    known = apply_split(old, videos, path, allow_missing=True)
    options = _options(dataset)
    split = make_split(videos, options) if options and _fits(options, known) else None
    if split is None or not _keeps(split, known):
        split, options = _extend(old, known, videos), None
    refuse_held_back(dataset, videos, split)
    return KeptSplit(split, options, {name: split.assignment[name] for name in known.left_out})


def refuse_held_back(dataset: Dataset, videos: Sequence[Video], split: Split) -> None:
    """Raise DatasetError where a video that the old dataset held back would now train."""
    held_back = {record.sha256 for name in _HELD_BACK for record in dataset.records(name)}
    training = [one for one in videos if split.assignment.get(one.path) == "train"]
    if moved := [one.path for one in training if one.sha256 in held_back]:
        listed = "\n".join(f"  {name}" for name in moved[:10])
        raise DatasetError(
            f"{len(moved)} videos that {dataset.folder} held back would be trained on:\n{listed}",
            remedy="remove the copies of them that were added",
        )


def _options(dataset: Dataset) -> SplitOptions | None:
    """The old options of the split; None where they name a published split that is gone."""
    told = {name: value for name, value in dataset.manifest.options.items() if value is not None}
    if published := told.get("split_file"):
        told["split_file"] = Path(os.path.normpath(dataset.folder / published))
        if not told["split_file"].is_file():
            return None
    return SplitOptions(**told)


def _fits(options: SplitOptions, known: Split) -> bool:
    """Whether the old options can split the videos of now: a published split names no others."""
    if options.split_file is None:
        return True
    return not known.left_out and (not known.absent or options.allow_missing)


def _keeps(split: Split, known: Split) -> bool:
    return all(split.assignment.get(name) == part for name, part in known.assignment.items())


def _extend(old: Split, known: Split, videos: Sequence[Video]) -> Split:
    protocol = _protocol(old)
    assignment = dict(known.assignment)
    by_category: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        by_category[video.category].append(video)
    for category, own in sorted(by_category.items()):
        by_object = old.grouping.get(category) == "instance"
        fresh = _join_known(own, assignment, by_object=by_object)
        _place(category, own, fresh, assignment, protocol, old)
    count = len(known.left_out)
    came = f"{count} videos that came later were placed beside a split that was there" * bool(count)
    return old.model_copy(
        update={
            "note": join_notes(old.note, came),
            "moved": find_moved(videos, assignment),
            "grouping": find_grouping(videos, assignment),
            "missing": find_missing(videos, assignment, old.fractions, protocol),
            "absent": (),
            "left_out": (),
            "assignment": dict(sorted(assignment.items())),
            "sha256": {one.path: one.sha256 for one in sorted(videos, key=lambda one: one.path)},
        }
    )


def _protocol(old: Split) -> Protocol:
    # A published split may have been made by a protocol of somebody else's.
    name = old.protocol if old.protocol in PROTOCOLS else "supervised"
    own = {option: getattr(old, option) for option in PROTOCOLS[name].options}
    return SplitOptions(protocol=name, seed=old.seed, fractions=old.fractions, **own).chosen()


def _join_known(
    videos: Sequence[Video], assignment: dict[str, SplitName], *, by_object: bool
) -> list[Video]:
    """Put new videos beside their copies and their object; returns those that have neither."""

    def key(video: Video) -> str:
        return f"object {video.instance}" if by_object and video.instance else video.path

    fresh: list[Video] = []
    for group in together(videos, key):
        new = [video for video in group.videos if video.path not in assignment]
        beside = {assignment[one.path] for one in group.videos if one.path in assignment}
        if beside:
            split = next(name for name in _STRICTEST if name in beside)
            assignment.update((video.path, split) for video in new)
        else:
            fresh += new
    return fresh


def _place(
    category: str,
    own: Sequence[Video],
    fresh: list[Video],
    assignment: dict[str, SplitName],
    protocol: Protocol,
    old: Split,
) -> None:
    if protocol.name == "weak":
        # Its k anomalous videos of a class train already: what comes later tests.
        held = _classes(own, assignment)
        tested = [video for video in fresh if video.label and video.class_id in held]
        assignment.update((video.path, "test") for video in tested)
        fresh = [video for video in fresh if video.path not in assignment]
    if fresh:
        assignment.update(protocol.assign(category, fresh, old.seed, old.fractions))


def _classes(videos: Sequence[Video], assignment: Mapping[str, SplitName]) -> set[str]:
    return {video.class_id for video in videos if video.path in assignment}
