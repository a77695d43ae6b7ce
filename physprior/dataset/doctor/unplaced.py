"""Folders that the KB does not explain: what each may mean, and the alias that would say so."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import yaml

from physprior.dataset.doctor.findings import Finding, counted
from physprior.dataset.index import Video
from physprior.dataset.layout import Unexplained
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL, Category
from physprior.knowledge.validation import did_you_mean
from physprior.video.endings import VIDEO_ENDINGS


def examine_unplaced(
    unexplained: Iterable[Unexplained],
    root: Path,
    knowledge: KnowledgeBase,
    videos: Sequence[Video],
) -> Iterator[Finding]:
    """The places of a tree that nothing explains; those that are alike in one finding.

    The classes that still have no video help to guess what a folder means.
    """
    held = {(video.category, video.class_id) for video in videos}
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in unexplained:
        place, remedy = one.path, "move it into the folder of its class"
        if one.path.endswith("/"):
            place += f" ({counted(_count_videos(root / one.path), 'video')})"
            remedy = _remedy(one, knowledge, held)
        guess = f"; did you mean {one.suggestion}?" if one.suggestion else ""
        alike.setdefault((remedy, f"{one.why}{guess}"), []).append((one.path, place))
    for (remedy, why), places in alike.items():
        is_folder = places[0][0].endswith("/")
        yield Finding(
            kind="unplaced-folder" if is_folder else "stray-video",
            text=f"{places[0][1]}: {why}"
            if len(places) == 1
            else f"{counted(len(places), 'folder' if is_folder else 'video')}: {why}",
            places=(places[0][0],) if len(places) == 1 else tuple(shown for _, shown in places),
            remedy=remedy,
        )


def _remedy(one: Unexplained, knowledge: KnowledgeBase, held: set[tuple[str, str]]) -> str:
    if one.why.startswith("cannot be read"):
        return "give yourself the right to read it"
    if "rename it" in one.why:
        return "rename it, then look again"
    place = PurePosixPath(one.path)
    parts = place.parts
    if len(parts) > 2 and parts[-2].casefold() == "test":
        category = knowledge.place_category(parts[-3])
        if category is not None:
            return _class_remedy(place.name, category, knowledge, held)
    if any(knowledge.place_category(part) for part in parts[:-1]):
        return "move its videos into train, or into test/<class>"
    return _category_remedy(place.name, knowledge)


def _category_remedy(name: str, knowledge: KnowledgeBase) -> str:
    names = {
        folded(known): category
        for category in knowledge.categories.values()
        for known in (category.id, *category.aliases, category.name)
    }
    meant = names.get(did_you_mean(folded(name), names))
    if meant is None:
        return (
            "if it is a category of the KB under another name, add that name to the aliases of "
            "its file; else write an entry for it, or move it out of the videos' folder"
        )
    source = knowledge.sources[meant.id]
    return f"if it means {meant.id}, say so in {source}:\n{_aliases([*meant.aliases, name], 0)}"


def _class_remedy(
    name: str, category: Category, knowledge: KnowledgeBase, held: set[tuple[str, str]]
) -> str:
    names = {folded(known): NORMAL for known in NORMAL_FOLDERS} | {
        folded(known): anomaly.id
        for anomaly in category.anomalies
        for known in (anomaly.id, *anomaly.aliases, anomaly.name)
    }
    meant = names.get(did_you_mean(folded(name), names), "")
    left = [one.id for one in category.anomalies if (category.id, one.id) not in held]
    guessed = meant
    if not meant and len(left) == 1:
        (meant,) = left
        guessed = f"{meant}, its one class without a video"
    source = knowledge.sources[category.id]
    if meant == NORMAL:
        return f"if its videos are normal, rename it to {NORMAL}: that needs no line in the KB"
    anomaly = category.anomaly(meant)
    if anomaly is None:
        listed = ", ".join(left) or "none"
        return (
            f"add its name to the aliases of the anomaly that it means, or write one, in {source} "
            f"(its anomalies without a video: {listed}); or move it out of the videos' folder"
        )
    snippet = f"anomalies:\n  - id: {anomaly.id}\n{_aliases([*anomaly.aliases, name], 4)}"
    return f"if it means {guessed}, say so in {source}:\n{snippet}"


def _aliases(names: list[str], indent: int) -> str:
    """The YAML of an entry's aliases, the last of which is new."""
    blank = " " * indent
    lines = [f"{blank}  - {_scalar(name)}" for name in names]
    return "\n".join([f"{blank}aliases:", *lines[:-1], f"{lines[-1]}  # new"])


def _scalar(name: str) -> str:
    """A name as it must be written in YAML: quoted where it would else mean something other."""
    try:
        plain = yaml.safe_load(f"- {name}") == [name]
    except yaml.YAMLError:
        plain = False
    return name if plain else json.dumps(name, ensure_ascii=False)


def _count_videos(folder: Path) -> int:
    return sum(
        Path(name).suffix.lower() in VIDEO_ENDINGS
        for _, _, names in os.walk(folder)
        for name in names
    )
