"""Whether a dataset is what its KB, templates and videos would give now, and if not, why."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from physprior.dataset.depend import category_key, videos_hash
from physprior.dataset.examine import Progress, no_progress
from physprior.dataset.index import Video
from physprior.dataset.leaks import Waiver
from physprior.dataset.manifest import Manifest, read_manifest
from physprior.dataset.open import open_videos
from physprior.dataset.records import SPLITS, SplitName, read_records
from physprior.dataset.request import Request
from physprior.dataset.split import SplitOptions, make_split
from physprior.dialogue.templates import Templates
from physprior.errors import TemplateError
from physprior.knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Stale:
    """One thing that is not what it was when the dataset was built."""

    category: str
    """The category whose records it concerns; empty where it concerns the whole dataset."""
    why: str
    """What has changed, in words."""


@dataclass(frozen=True)
class Status:
    """The state of a dataset."""

    manifest: Manifest
    """The dataset's manifest."""
    stale: tuple[Stale, ...]
    """What has changed; empty where the dataset is up to date."""
    unseen: str
    """What could not be looked at, and so is taken to be unchanged; empty where nothing."""
    command: str
    """The command that builds it anew with the same options."""


def dataset_status(
    folder: Path,
    *,
    knowledge: KnowledgeBase,
    templates: Templates,
    videos: Path | None = None,
    workers: int = 1,
    progress: Progress = no_progress,
) -> Status:
    """Compare a dataset with what it was made from.

    ``videos`` is where the videos are now, a folder, list or index; by default where the dataset
    was built from, if that is at hand. Raises DatasetError where ``folder`` is no dataset.
    """
    held = read_manifest(folder)
    place = videos or Path(os.path.normpath(folder / held.source))
    options, gone = _options(folder, held)
    request = Request(
        place=place,
        out=folder,
        opened=partial(open_videos, place, knowledge, workers=workers, progress=progress),
        knowledge=knowledge,
        templates=templates,
        mode=held.mode,
        options=options,
        waivers=tuple(Waiver(path=one.path, reason=one.reason) for one in held.leaks.waived),
        variants=held.variants,
        balance=held.balance,
        not_at_hand=not place.exists(),
    )
    unseen = [f"the videos, because {place} is not there"] if request.not_at_hand else []
    if gone is not None:
        unseen.append(f"the published split, because {gone} is not there")
    stale = [*_files(request, held), *_knowledge(request, held)]
    if not request.not_at_hand and not gone:
        stale += _videos(request, held)
    return Status(held, tuple(stale), "; ".join(unseen), build_command(folder, place, held))


def _options(folder: Path, held: Manifest) -> tuple[SplitOptions, Path | None]:
    """The split's options, and the published split that they name where it is gone."""
    told = dict(held.options)
    gone = None
    if told.get("split_file"):
        published = Path(os.path.normpath(folder / told["split_file"]))
        gone = None if published.is_file() else published
        told["split_file"] = None if gone else published
        if gone:
            told["allow_missing"] = False
    return SplitOptions(**{name: value for name, value in told.items() if value is not None}), gone


def _files(request: Request, held: Manifest) -> Iterator[Stale]:
    for name in held.files:
        if not request.holds(name):
            there = (request.out / name).exists()
            category = Path(name).stem if "/" in name else ""
            yield Stale(category, f"{name} {'was changed after the build' if there else 'is gone'}")


def _knowledge(request: Request, held: Manifest) -> Iterator[Stale]:
    known = request.knowledge.categories
    entries = [name for name in held.categories if name in known]
    changed = [
        name
        for name in entries
        if request.knowledge.fingerprint(name) != held.categories[name].entry
    ]
    for name in held.categories:
        if name not in known:
            yield Stale(name, "the knowledge base no longer holds it")
        elif name in changed:
            yield Stale(name, "its entry has changed")
    if request.withheld.hash != held.references and not changed:
        yield Stale("", "the references of other entries have changed")
    try:
        template = request.template
    except TemplateError:
        yield Stale("", f"the template {held.mode} is not there")
        return
    if any(made.template != template for made in held.categories.values()):
        yield Stale("", f"the template {held.mode} has changed")
    for name, made in held.categories.items():
        if _key(held, name) != made.key:
            yield Stale(name, "it was made by another version of physprior")


def _key(held: Manifest, category: str) -> str:
    made = held.categories[category]
    hashes = {name: getattr(made, name) for name in ("entry", "template", "videos", "split")}
    told = {name: getattr(held, name) for name in ("mode", "seed", "variants", "balance")}
    return category_key(hashes, told)


def _videos(request: Request, held: Manifest) -> Iterator[Stale]:
    if request.index_hash == held.videos and request.options.split_file is None:
        return
    assignment = make_split(request.index.videos, request.options).assignment
    own = {
        category: [video for video in videos if video.path in assignment]
        for category, videos in request.videos.items()
    }
    found = False
    for category in sorted(own.keys() | held.categories.keys()):
        for why in _of_category(request, held, category, own.get(category, []), assignment):
            found = True
            yield Stale(category, why)
    if not found and request.index_hash != held.videos:
        yield Stale(
            "", "what else is known of the videos has changed: skipped files, copies, prints"
        )


def _of_category(
    request: Request,
    held: Manifest,
    category: str,
    videos: list[Video],
    assignment: dict[str, SplitName],
) -> Iterator[str]:
    made = held.categories.get(category)
    if made is None:
        yield f"{_counted(len(videos))}, and the dataset has none of it"
    elif not videos:
        yield "its videos are gone"
    else:
        known = _known(request, category)
        if videos_hash(videos) != made.videos:
            yield _difference(known, videos)
        moved = [
            video
            for video in videos
            if video.path in known and known[video.path][0] != assignment[video.path]
        ]
        if moved:
            yield f"{_counted(len(moved))} of it {_go(len(moved))} to another split now"


def _known(request: Request, category: str) -> dict[str, tuple[str, str, str, str]]:
    """What the records say of a category's videos, by path: split, class, instance, hash."""
    return {
        record.video: (record.split, record.class_id, record.instance, record.sha256)
        for split in SPLITS
        if request.holds(name := f"{split}/{category}.jsonl")
        for record in read_records(request.out / name)
    }


def _difference(known: dict[str, tuple[str, str, str, str]], videos: list[Video]) -> str:
    now = {video.path: (video.class_id, video.instance or "", video.sha256) for video in videos}
    more = len(now.keys() - known.keys())
    gone = len(known.keys() - now.keys())
    changed = sum(1 for path, said in now.items() if path in known and known[path][1:] != said)
    counts = ((more, "more"), (gone, "gone"), (changed, "changed"))
    return "videos: " + ", ".join(f"{count} {what}" for count, what in counts if count)


def _counted(count: int) -> str:
    return f"{count} video{'' if count == 1 else 's'}"


def _go(count: int) -> str:
    return "goes" if count == 1 else "go"


def build_command(folder: Path, place: Path, held: Manifest) -> str:
    """The command that builds a dataset of ``place`` anew with the same options, as it is typed."""
    words = ["physprior", "build", str(place), "-o", str(folder), "--mode", held.mode]
    plain = SplitOptions()
    for name, value in held.options.items():
        if name == "split_file" and value:
            value = os.path.normpath(folder / value)
        if name == "fractions":
            value = tuple(value)
        if value is None or value == getattr(plain, name):
            continue
        flag = f"--{name.replace('_', '-')}"
        if name == "fractions":
            words += [flag, ",".join(f"{part:g}" for part in value)]
        else:
            words += [flag] if value is True else [flag, str(value)]
    for leak in held.leaks.waived:
        words += ["--allow-leak", f"{leak.path}={leak.reason}"]
    if held.variants > 1:
        words += ["--variants", str(held.variants)]
    if held.balance:
        words.append("--balance")
    return shlex.join(words)
