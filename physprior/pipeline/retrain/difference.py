"""How the training records of a category differ from those that it had, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from physprior.dataset.manifest import CategoryManifest
from physprior.dataset.records import Record


def difference(
    then: Sequence[Record], now: Sequence[Record], old: CategoryManifest, new: CategoryManifest
) -> tuple[tuple[str, ...], bool]:
    """What has changed in a category, in words, and whether its training would notice."""
    was, now_is = _by_video(then), _by_video(now)
    both = was.keys() & now_is.keys()
    relabelled = {one for one in both if was[one][0].class_id != now_is[one][0].class_id}
    same = both - relabelled
    why = [
        *_videos(len(now_is.keys() - both), len(was.keys() - both), len(relabelled)),
        *_prompt(old, new),
        *_told(was, now_is, same, old, new),
    ]
    if why:
        return tuple(why), True
    if old.entry != new.entry:
        return ("its entry has changed in nothing that is taught",), False
    if old.template != new.template:
        return ("the template has changed in nothing that it says",), False
    if old.videos != new.videos:
        return ("its videos have changed in none that trains",), False
    return (), False


def _by_video(records: Sequence[Record]) -> dict[str, list[Record]]:
    # By the file's hash: a video that was renamed is the same video.
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record.sha256].append(record)
    return found


def _videos(more: int, gone: int, relabelled: int) -> Iterator[str]:
    counts = ((more, "more"), (gone, "gone"), (relabelled, "in another class"))
    if any(count for count, _ in counts):
        said = ", ".join(f"{count} {what}" for count, what in counts if count)
        yield f"videos changed: {said}"


def _prompt(old: CategoryManifest, new: CategoryManifest) -> Iterator[str]:
    if old.prompt == new.prompt:
        return
    if old.template != new.template:
        yield "template changed"
    if old.entry != new.entry:
        yield "prompt changed"
    if (old.template, old.entry) == (new.template, new.entry):
        yield "prompt changed: the run was last trained on another"


def _told(
    was: Mapping[str, list[Record]],
    now: Mapping[str, list[Record]],
    videos: set[str],
    old: CategoryManifest,
    new: CategoryManifest,
) -> Iterator[str]:
    """How the verdicts differ of videos that are there still, in the same class."""
    others = sum([r.reason for r in was[one]] != [r.reason for r in now[one]] for one in videos)
    if others:
        why = "" if old.entry != new.entry else " (drawn anew: names or options differ)"
        yield f"explanations changed: {others} of {len(videos)} training videos{why}"
    elif old.prompt == new.prompt and any(
        [r.turns for r in was[one]] != [r.turns for r in now[one]] for one in videos
    ):
        yield "verdicts changed: this version of physprior words them otherwise"
