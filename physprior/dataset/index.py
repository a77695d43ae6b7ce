"""The index of a video collection: every usable video with its class, instance and hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict

from physprior.dataset.examine import LIMIT_S, Examined, Progress, examine, no_progress
from physprior.dataset.layout import Placed, Tree, read_tree
from physprior.dataset.records import SplitName
from physprior.dataset.sidecars import read_sidecar
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL
from physprior.paths import cache_folder
from physprior.video.probe import VideoInfo

MOST_LISTED = 20
"""How many of many problems an error shows."""


class Video(BaseModel):
    """One usable video."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Relative to the videos root, with forward slashes."""
    category: str
    """The category's id."""
    class_id: str
    """``normal`` or the anomaly's id."""
    label: Literal[0, 1]
    """1 where the class is an anomaly."""
    instance: str | None
    """The physical object, where a sidecar names it."""
    split: SplitName | None = None
    """The split that a list of one's own puts it in; None where nobody said."""
    sha256: str
    """Hash of the file."""
    content: str = ""
    """Hash of all its decoded pictures: the same in another container. Empty: not decoded."""
    prints: tuple[str, ...] = ()
    """Perceptual hashes (64 bits, 16 hex digits each) of frames spread over the clip."""
    info: VideoInfo
    """Its measures."""

    @property
    def id(self) -> str:
        """The path without its ending."""
        return self.path.rpartition(".")[0]


class Skipped(BaseModel):
    """One file that cannot be used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Relative to the videos root, with forward slashes."""
    reason: str
    """Why, in words."""


class Index(BaseModel):
    """What a videos root holds, in the order of the paths."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: Path
    """The videos root."""
    videos: tuple[Video, ...]
    """The usable ones."""
    skipped: tuple[Skipped, ...]
    """The others, with their reasons."""
    ignored: dict[str, int]
    """Files that are neither videos nor sidecars by their ending: ending to count."""
    duplicates: tuple[tuple[str, ...], ...]
    """Paths of videos that are the same file; each such set stays in one split."""
    notes: tuple[str, ...] = ()
    """What else a person should know of them, a line each."""


def index_videos(
    root: Path,
    knowledge: KnowledgeBase,
    *,
    workers: int = 1,
    progress: Progress = no_progress,
    cache: bool = True,
    limit_s: float = LIMIT_S,
) -> Index:
    """Find, place, decode and hash every video of a Phys-AD tree; ``progress`` gets (done, all).

    Files that have not changed since a former run are not opened, unless ``cache`` is off;
    ``limit_s`` is the longest that one file may take. Raises DatasetError where a folder is
    unexplained, where one file lies in two classes, or where no video is left. Broken files are
    ``skipped``.
    """
    tree = read_tree(root, knowledge)
    return refuse_useless(
        index_tree(
            root, tree, knowledge, workers=workers, progress=progress, cache=cache, limit_s=limit_s
        )
    )


def index_tree(
    root: Path,
    tree: Tree,
    knowledge: KnowledgeBase,
    *,
    workers: int = 1,
    progress: Progress = no_progress,
    cache: bool = True,
    limit_s: float = LIMIT_S,
) -> Index:
    """The index of what was found in a root, whatever is wrong with it; nothing is refused."""
    from physprior.dataset.probe_cache import ProbeCache

    clashing = _equal_ids(root, tree.placed)
    placed = [one for one in tree.placed if one.path not in clashing]
    found = examine(
        [one.path for one in placed],
        workers=workers,
        progress=progress,
        limit_s=limit_s,
        cache=ProbeCache(cache_folder() / "probe" if cache else None),
    )
    judged = [
        _judge(one, examined, root, knowledge) for one, examined in zip(placed, found, strict=True)
    ]
    videos = [one for one in judged if isinstance(one, Video)]
    skipped = [
        *(one for one in judged if isinstance(one, Skipped)),
        *(Skipped(path=path, reason=why) for path, why in tree.unusable.items()),
        *(Skipped(path=_relative(path, root), reason=why) for path, why in clashing.items()),
    ]
    return Index(
        root=root,
        videos=tuple(videos),
        skipped=tuple(sorted(skipped, key=lambda skip: skip.path)),
        ignored=dict(sorted(tree.ignored.items())),
        duplicates=same_files(videos),
        notes=(*_notes(tree), *_alike(videos)),
    )


def refuse_useless(index: Index) -> Index:
    """The same index. Raises DatasetError without videos, or with one file in two classes."""
    if not index.videos:
        raise _nothing_left(index.root, index.skipped)
    classes = {video.path: (video.category, video.class_id) for video in index.videos}
    torn = [same for same in index.duplicates if len({classes[path] for path in same}) > 1]
    if torn:
        raise DatasetError(
            f"{index.root}: the same file stands in different classes:\n"
            + "\n".join(f"  {' = '.join(same)}" for same in torn),
            remedy="remove the wrong copies: one video cannot be both",
        )
    return index


def _judge(
    placed: Placed, examined: Examined, root: Path, knowledge: KnowledgeBase
) -> Video | Skipped:
    path = _relative(placed.path, root)
    if examined.info is None:
        return Skipped(path=path, reason=examined.reason)
    sidecar = read_sidecar(placed.path)
    reason = sidecar if isinstance(sidecar, str) else _contradiction(placed, sidecar, knowledge)
    if reason or isinstance(sidecar, str):
        return Skipped(path=path, reason=reason)
    instance = placed.instance or sidecar.get("instance")
    return Video(
        path=path,
        category=placed.category,
        class_id=placed.class_id,
        label=0 if placed.class_id == NORMAL else 1,
        instance=str(instance) if instance else None,
        split=placed.split,
        sha256=examined.sha256,
        content=examined.content,
        prints=examined.prints,
        info=examined.info,
    )


def _contradiction(placed: Placed, sidecar: dict[str, Any], knowledge: KnowledgeBase) -> str:
    said = sidecar.get("class")
    if not isinstance(said, str):
        return ""
    class_id = knowledge.place_class(knowledge.category(placed.category), said)
    # A word that the KB does not know is no contradiction: other tools write sidecars too.
    if class_id is None or class_id == placed.class_id:
        return ""
    return f"its {placed.said_by} says {placed.class_id}, its sidecar says {said}"


def _equal_ids(root: Path, placed: Iterable[Placed]) -> dict[Path, str]:
    """Videos that would share an id with others, each with why it cannot be used."""
    by_id: dict[Path, list[Path]] = defaultdict(list)
    for one in placed:
        by_id[one.path.with_suffix("")].append(one.path)
    return {
        path: "would have the id of "
        + ", ".join(_relative(other, root) for other in paths if other != path)
        + ": rename one of them, or keep one"
        for paths in by_id.values()
        if len(paths) > 1
        for path in paths
    }


def _notes(tree: Tree) -> Iterator[str]:
    if tree.archives:
        yield f"taken for unpacked archives: {', '.join(tree.archives)}"
    yield from tree.notes


def _alike(videos: Iterable[Video]) -> Iterator[str]:
    by_name: dict[str, list[str]] = defaultdict(list)
    for video in videos:
        by_name[normalize("NFC", video.path).casefold()].append(video.path)
    for paths in by_name.values():
        if len(paths) > 1:
            yield f"names that other file systems take for one: {' = '.join(paths)}"


def same_files(videos: Iterable[Video]) -> tuple[tuple[str, ...], ...]:
    """The paths of videos that are the same file, set by set."""
    by_hash: dict[str, list[str]] = defaultdict(list)
    for video in videos:
        by_hash[video.sha256].append(video.path)
    return tuple(tuple(same) for same in by_hash.values() if len(same) > 1)


def _nothing_left(root: Path, skipped: Sequence[Skipped]) -> DatasetError:
    if not skipped:
        return DatasetError(
            f"{root}: no videos in it",
            remedy="name a folder with <category>/train/*.mp4 and <category>/test/<class>/*.mp4",
        )
    listed = "\n".join(f"  {skip.path}: {skip.reason}" for skip in skipped[:MOST_LISTED])
    more = len(skipped) - MOST_LISTED
    return DatasetError(
        f"{root}: none of its {len(skipped)} videos can be used:\n{listed}"
        + (f"\n  and {more} more" if more > 0 else ""),
        remedy="copy or download them again",
    )


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
