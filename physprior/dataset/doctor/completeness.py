"""Whether a collection is complete: every class of the KB has videos, and enough of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from physprior.dataset.doctor.findings import NO_VIDEOS, Finding, Section, Table, counted
from physprior.dataset.doctor.published import compare, part_of
from physprior.dataset.index import Video
from physprior.dataset.records import SPLITS
from physprior.knowledge.load import KnowledgeBase
from physprior.phys_ad import COUNTS

TITLE = "Complete or not"
LEAST = len(SPLITS)
"""Fewer videos than this cannot put one into each split."""


def examine_completeness(
    videos: Sequence[Video], knowledge: KnowledgeBase, *, reference: bool
) -> Section:
    """The section on completeness; ``reference`` compares with the paper's Table 3 as well."""
    if not videos and not reference:
        return Section(name="complete", title=TITLE, unasked=NO_VIDEOS)
    tables: list[Table] = []
    findings: list[Finding] = []
    if reference:
        table, findings = compare(videos)
        tables.append(table)
    tables.append(_classes(videos, knowledge, detail=reference))
    findings += _lacking(videos, knowledge, compared=reference)
    findings += _parts(videos)
    return Section(
        name="complete",
        title=TITLE,
        tables=tuple(tables),
        findings=tuple(findings),
    )


def _classes(videos: Sequence[Video], knowledge: KnowledgeBase, *, detail: bool) -> Table:
    counts = Counter((video.category, video.class_id, part_of(video)) for video in videos)
    rows = []
    for category in sorted({video.category for video in videos}):
        for class_id, _ in knowledge.category(category).classes():
            own = [counts[category, class_id, part] for part in ("train", "test", None)]
            rows.append((f"{category}/{class_id}", *map(str, own), str(sum(own))))
    sums = (str(sum(int(row[column]) for row in rows)) for column in range(1, 5))
    return Table(
        caption="videos by class",
        heads=("class", "train", "test", "elsewhere", "all"),
        rows=(*rows, ("all", *sums)),
        totals=True,
        detail=detail,
    )


def _lacking(
    videos: Sequence[Video], knowledge: KnowledgeBase, *, compared: bool
) -> Iterator[Finding]:
    counts = Counter((video.category, video.class_id) for video in videos)
    present = {video.category for video in videos}
    classes = [
        (category, class_id)
        for category in sorted(present)
        for class_id, _ in knowledge.category(category).classes()
    ]
    empty = [
        f"{category}/{class_id}" for category, class_id in classes if not counts[category, class_id]
    ]
    if empty:
        yield Finding(
            kind="class-without-videos",
            text=f"{counted(len(empty), 'class')} of the KB without a video, in categories that "
            "have some",
            places=tuple(empty),
            remedy="see the unplaced folders: one of them may be it under another name",
        )
    few = [
        f"{category}/{class_id}: {counts[category, class_id]}"
        for category, class_id in classes
        if 0 < counts[category, class_id] < LEAST
    ]
    if few:
        yield Finding(
            kind="few-videos",
            text=f"{counted(len(few), 'class')} with fewer than {LEAST} videos, too few for "
            f"{', '.join(SPLITS)}",
            places=tuple(few),
            remedy="add videos, or expect splits without this class",
        )
    others = sorted(set(knowledge.categories) - present - (set(COUNTS) if compared else set()))
    if others:
        yield Finding(
            kind="category-without-videos",
            level="note",
            text=f"{counted(len(others), 'category')} of the KB without a video",
            places=tuple(others),
        )


def _parts(videos: Sequence[Video]) -> Iterator[Finding]:
    parts: dict[str, set[str | None]] = {}
    for video in videos:
        parts.setdefault(video.category, set()).add(part_of(video))
    for lacking, other, words in (
        ("train", "test", "have test videos alone: nothing sound to learn from"),
        ("test", "train", "have training videos alone: nothing to be tested on"),
    ):
        alone = sorted(name for name, own in parts.items() if own == {other})
        if alone:
            yield Finding(
                kind=f"{other}-only",
                text=f"{counted(len(alone), 'category')} without a {lacking} folder's videos: they "
                f"{words}, unless a split moves some",
                places=tuple(alone),
                remedy="perhaps an archive was not unpacked; the protocol 'supervised' splits what "
                "is there anew",
            )
    anomalous = [video for video in videos if video.label]
    if anomalous and all(part_of(video) == "test" for video in anomalous):
        yield Finding(
            kind="no-anomaly-in-train",
            level="note",
            text="no anomaly lies in train, as in the release: to train on anomalies, a split has "
            "to move some of test",
        )
