"""A collection beside the counts of the Phys-AD paper: what is missing, and what differs."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from physprior.dataset.doctor.findings import Finding, Table, counted
from physprior.dataset.index import Video
from physprior.phys_ad import COUNTS, MISPRINTS, TOTALS, Counts

TOLERANCE = 0.05
"""Part of a category's reference that may lack before it is a finding: published counts differ."""


def part_of(video: Video) -> Literal["train", "test"] | None:
    """The release's part that a video lies in: by its folders, else by what a list says of it."""
    for folder in reversed(video.path.split("/")[:-1]):
        name = folder.casefold()
        if name in ("train", "test"):
            return "train" if name == "train" else "test"
    if video.split is None:
        return None
    return "train" if video.split == "train" else "test"


def is_comparable(videos: Sequence[Video]) -> bool:
    """Whether any category of a collection is one of Phys-AD's, by its id in the KB."""
    return any(video.category in COUNTS for video in videos)


def compare(videos: Sequence[Video]) -> tuple[Table, list[Finding]]:
    """A collection against Table 3: the figures side by side, and what they say."""
    found: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        found[video.category].append(video)
    return _table(found), list(_findings(found))


def _table(found: dict[str, list[Video]]) -> Table:
    rows = [(name, *_cells(found[name], COUNTS.get(name))) for name in sorted(found)]
    missing = [counts for name, counts in COUNTS.items() if name not in found]
    if missing:
        rows.append((f"{len(missing)} missing", *_cells([], _sum(missing), clips=False)))
    videos = [video for own in found.values() for video in own if video.category in COUNTS]
    total = _cells(videos, _sum(list(COUNTS.values())), clips=False)
    rows.append(("all of Phys-AD", *total))
    return Table(
        caption="found/reference, which is Table 3 of the Phys-AD paper",
        heads=(
            "category",
            "train",
            "test normal",
            "test anomalous",
            "all",
            "difference",
            "anomalies",
            "frames",
        ),
        rows=tuple(rows),
        totals=True,
    )


def _cells(videos: list[Video], counts: Counts | None, *, clips: bool = True) -> tuple[str, ...]:
    parts = [(part_of(video), video.label) for video in videos]
    classes = {(video.category, video.class_id) for video in videos if video.label}
    frames = round(statistics.median(video.info.frames for video in videos)) if videos else 0
    found = (
        sum(part == "train" for part, _ in parts),
        parts.count(("test", 0)),
        parts.count(("test", 1)),
        len(videos),
        len(classes),
        frames,
    )
    if counts is None:
        return (*(f"{own:,}/-" for own in found[:4]), "-", *(f"{own:,}/-" for own in found[4:]))
    said = (
        counts.train,
        counts.test_normal,
        counts.test_anomalous,
        counts.videos,
        counts.defects,
        counts.frames,
    )
    pairs = [f"{own:,}/{other:,}" for own, other in zip(found, said, strict=True)]
    difference = f"{len(videos) - counts.videos:+,}".replace("+0", "0")
    return (*pairs[:4], difference, pairs[4], pairs[5] if clips else "")


def _sum(rows: list[Counts]) -> Counts:
    return Counts(
        train=sum(row.train for row in rows),
        test_normal=sum(row.test_normal for row in rows),
        test_anomalous=sum(row.test_anomalous for row in rows),
        frames=0,
        objects=sum(row.objects for row in rows),
        defects=sum(row.defects for row in rows),
    )


def _findings(found: dict[str, list[Video]]) -> Iterator[Finding]:
    missing = [name for name in COUNTS if name not in found]
    if missing:
        lost = sum(COUNTS[name].videos for name in missing)
        yield Finding(
            kind="category-missing",
            text=f"{counted(len(missing), 'category')} of the reference, with {lost:,} videos, "
            f"{'is' if len(missing) == 1 else 'are'} wholly missing",
            places=tuple(sorted(missing)),
            remedy="perhaps an archive was not unpacked: unpack all of them into one folder; for a "
            "collection of your own, --no-reference leaves the comparison out",
        )
    present = {name: own for name, own in sorted(found.items()) if name in COUNTS}
    short = [name for name, own in present.items() if len(own) < _least(name)]
    if short:
        yield Finding(
            kind="videos-missing",
            text=f"more than one video in {round(1 / TOLERANCE)} of the reference is missing",
            places=tuple(
                f"{name}: {len(present[name]):,} of {COUNTS[name].videos:,}" for name in short
            ),
            remedy="unpack or download again; the sections below say which files are broken or "
            "unplaced",
        )
    yield from _notes(present, [name for name in present if name not in short])


def _least(category: str) -> float:
    return (1 - TOLERANCE) * COUNTS[category].videos


def _notes(present: dict[str, list[Video]], near: list[str]) -> Iterator[Finding]:
    apart = [name for name in near if len(present[name]) != COUNTS[name].videos]
    if apart:
        published = ", ".join(f"{who} {count:,}" for who, count in TOTALS.items())
        yield Finding(
            kind="count-differs",
            level="note",
            text=f"{counted(len(apart), 'category')} with a little less than the reference, or with"
            f" more; published totals differ too: {published}",
            places=tuple(
                f"{name}: {len(present[name]) - COUNTS[name].videos:+,}" for name in apart
            ),
        )
    for name, words in MISPRINTS.items():
        if len(present.get(name, [])) not in (0, COUNTS[name].videos):
            yield Finding(kind="misprint", level="note", text=f"{name}: {words}")
    other = [
        f"{name}: {_median_frames(own):g}, not {COUNTS[name].frames}"
        for name, own in present.items()
        if abs(_median_frames(own) / COUNTS[name].frames - 1) > TOLERANCE
    ]
    if other:
        yield Finding(
            kind="length-differs",
            level="note",
            text=f"clips of {counted(len(other), 'category')} are not as long, in frames, as the "
            "reference's",
            places=tuple(other),
            remedy="they may be cut, or written again at another frame rate; or they are others",
        )
    adrift = [video.path for own in present.values() for video in own if part_of(video) is None]
    if adrift:
        yield Finding(
            kind="no-part",
            level="note",
            text=f"{counted(len(adrift), 'video')} in neither train nor test: counted under 'all'",
            places=tuple(adrift),
        )


def _median_frames(videos: list[Video]) -> float:
    return statistics.median(video.info.frames for video in videos)
