"""What leaks between splits: the same pictures in two of them, and an answer in a prompt.

The same pictures in training and in test make every number worthless, so they end a build unless
somebody waives them by name, with a reason that the manifest keeps. How near the rest comes is
reported, per category, and judged by nobody but the reader.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from physprior import verdict
from physprior.dataset.grouping import together
from physprior.dataset.index import Video
from physprior.dataset.records import SPLITS, SplitName
from physprior.dataset.split_model import Split
from physprior.dialogue.model import Dialogue
from physprior.errors import DatasetError


class Waiver(BaseModel):
    """Somebody's word that a leak is known and meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """One of the leaking videos."""
    reason: str
    """Why it may stay."""


class Shared(BaseModel):
    """Videos with the same pictures in more than one split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    videos: dict[str, SplitName]
    """Their paths, each with its split."""

    def __str__(self) -> str:
        return " = ".join(f"{split} {path}" for path, split in self.videos.items())


class Waived(Shared):
    """A leak that somebody has waived."""

    path: str
    """The video by which it was named."""
    reason: str
    """Why it may stay."""


class Nearest(BaseModel):
    """The two videos of a category that are most alike across two splits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str
    """The category's id."""
    splits: tuple[SplitName, SplitName]
    """The two splits."""
    distance: float
    """Mean Hamming distance of their frames' prints: of 64 bits, how many differ."""
    paths: tuple[str, str]
    """The two videos, in the order of ``splits``."""


class Leaks(BaseModel):
    """What was found across the splits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shared: tuple[Shared, ...]
    """Sets of videos with the same pictures in more than one split."""
    nearest: tuple[Nearest, ...]
    """Per category and pair of splits, the two videos that are most alike."""
    unprinted: dict[str, int] = {}
    """Category to the number of its videos that have no prints, and so were not compared."""


class LeakReport(BaseModel):
    """What a check for leaks leaves for the manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    waived: tuple[Waived, ...] = ()
    """The leaks that were waived by name; there are no others."""
    nearest: tuple[Nearest, ...] = ()
    """As in Leaks."""
    unprinted: dict[str, int] = {}
    """As in Leaks."""


def find_leaks(videos: Sequence[Video], split: Split) -> Leaks:
    """Look for the same pictures in two splits, and for what is most alike across them.

    Pictures are compared by ``Video.content``, and files by their hash where they were not
    decoded; by both over the whole collection. Likeness is compared within a category.
    """
    placed = [video for video in videos if video.path in split.assignment]
    return Leaks(
        shared=_shared(placed, split),
        nearest=_nearest(placed, split),
        unprinted=dict(sorted(Counter(v.category for v in placed if not v.prints).items())),
    )


def check_leaks(
    videos: Sequence[Video], split: Split, waivers: Sequence[Waiver] = ()
) -> LeakReport:
    """Refuse a split that leaks, but for what is waived by name.

    Raises DatasetError for the same pictures in two splits, and for a waiver that waives nothing.
    """
    leaks = find_leaks(videos, split)
    waived: list[Waived] = []
    for waiver in waivers:
        shared = next((one for one in leaks.shared if waiver.path in one.videos), None)
        if shared is None:
            raise _waives_nothing(waiver, split)
        waived.append(Waived(videos=shared.videos, path=waiver.path, reason=waiver.reason))
    settled = {path for one in waived for path in one.videos}
    if leaking := [shared for shared in leaks.shared if settled.isdisjoint(shared.videos)]:
        raise _leaking(leaking)
    return LeakReport(waived=tuple(waived), nearest=leaks.nearest, unprinted=leaks.unprinted)


def parse_waiver(text: str) -> Waiver:
    """The waiver that ``PATH=REASON`` means. Raises DatasetError where there is no reason."""
    # A path may hold an equals sign, but its ending comes behind it.
    match = re.fullmatch(r"\s*(.*?\.\w+|[^=]*?)\s*=\s*(.*\S)\s*", text, re.DOTALL)
    if match is None or not match[1]:
        raise DatasetError(
            f"'{text}' is no waiver: it is not PATH=REASON",
            remedy="name the video, and say behind = why it may stand in two splits",
        )
    return Waiver(path=match[1], reason=match[2])


_LABEL = re.compile(rf"{verdict.PREFIX}\s*(?:{'|'.join(verdict.LABELS)})\b", re.IGNORECASE)


def answer_in_prompt(dialogue: Dialogue, sentences: Iterable[str]) -> str:
    """The answer that stands in what is given before the verdict; empty where none does.

    An answer is one of the ``sentences`` (explanations and references of any class), or a label
    behind ``Verdict:``, be it as an example: a model would be shown what it is scored by.
    """
    text = " ".join(turn.text for turn in dialogue.until_verdict().turns)
    if label := _LABEL.search(text):
        return label[0]
    text = plain(text)
    return next((one for one in sentences if plain(one) and plain(one) in text), "")


def plain(text: str) -> str:
    """A text as it is compared: a capital, a blank or a full stop more is the same sentence."""
    return " ".join(text.casefold().split()).rstrip(".")


def _shared(videos: Sequence[Video], split: Split) -> tuple[Shared, ...]:
    times = Counter(key for video in videos for key in {video.sha256, video.content})
    copies = [
        video
        for video in videos
        if times[video.sha256] > 1 or (video.content and times[video.content] > 1)
    ]
    found = []
    for group in together(copies, lambda video: video.path):
        placed = {video.path: split.assignment[video.path] for video in group.videos}
        if len(set(placed.values())) > 1:
            found.append(Shared(videos=placed))
    return tuple(found)


def _nearest(videos: Sequence[Video], split: Split) -> tuple[Nearest, ...]:
    # numpy takes longer to load than a build that finds nothing to do may take.
    from physprior.dataset.nearest import nearest_pair

    sides: dict[tuple[str, SplitName], list[Video]] = defaultdict(list)
    for video in videos:
        sides[video.category, split.assignment[video.path]].append(video)
    found = []
    for category in sorted({video.category for video in videos}):
        for one, other in combinations(SPLITS, 2):
            pair = nearest_pair(sides[category, one], sides[category, other])
            if pair is not None:
                found.append(
                    Nearest(
                        category=category,
                        splits=(one, other),
                        distance=pair.distance,
                        paths=pair.paths,
                    )
                )
    return tuple(found)


def _leaking(leaking: Sequence[Shared]) -> DatasetError:
    *_, path = leaking[0].videos
    listed = "\n".join(f"  {shared}" for shared in leaking)
    return DatasetError(
        f"the same pictures stand in two splits:\n{listed}",
        remedy="remove the copies, or take a protocol that keeps them together, such as"
        f" supervised; or waive each by name: --allow-leak '{path}=why it may stay'",
    )


def _waives_nothing(waiver: Waiver, split: Split) -> DatasetError:
    known = waiver.path in split.assignment
    why = "its pictures stand in one split alone" if known else "no video has this path"
    return DatasetError(
        f"the waiver of '{waiver.path}' waives nothing: {why}",
        remedy="leave it out: a waiver that nobody needs would hide the next leak",
    )
