"""The index of a video collection: every usable video with its class, instance and hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from physprior.dataset.examine import Examined, Progress, examine, no_progress
from physprior.dataset.layout import Placed, read_tree
from physprior.dataset.records import SplitName
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL
from physprior.video.probe import VideoInfo


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


def index_videos(
    root: Path,
    knowledge: KnowledgeBase,
    *,
    workers: int = 1,
    progress: Progress = no_progress,
) -> Index:
    """Find, place, probe and hash every video of a Phys-AD tree; ``progress`` gets (done, all).

    Raises DatasetError where a folder is unexplained, where two videos would have one id, where
    one file lies in two classes, or where no video is left. Broken files are ``skipped``.
    """
    tree = read_tree(root, knowledge)
    _refuse_equal_ids(root, tree.placed)
    found = examine([placed.path for placed in tree.placed], workers=workers, progress=progress)
    videos: list[Video] = []
    skipped = [
        Skipped(path=_relative(path, root), reason="a symbolic link out of the videos root")
        for path in tree.outside
    ]
    for placed, examined in zip(tree.placed, found, strict=True):
        usable = _judge(placed, examined, root, knowledge)
        if isinstance(usable, Video):
            videos.append(usable)
        else:
            skipped.append(usable)
    skipped.sort(key=lambda skip: skip.path)
    if not videos:
        raise _nothing_left(root, skipped)
    return Index(
        root=root,
        videos=tuple(videos),
        skipped=tuple(skipped),
        ignored=dict(sorted(tree.ignored.items())),
        duplicates=_duplicates(root, videos),
    )


def _judge(
    placed: Placed, examined: Examined, root: Path, knowledge: KnowledgeBase
) -> Video | Skipped:
    path = _relative(placed.path, root)
    sidecar = examined.sidecar or {}
    if examined.info is None:
        return Skipped(path=path, reason=examined.reason)
    if contradiction := _contradiction(placed, sidecar, knowledge):
        return Skipped(path=path, reason=contradiction)
    return Video(
        path=path,
        category=placed.category,
        class_id=placed.class_id,
        label=0 if placed.class_id == NORMAL else 1,
        instance=str(sidecar["instance"]) if sidecar.get("instance") else None,
        sha256=examined.sha256,
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
    return f"its folder says {placed.class_id}, its sidecar says {said}"


def _refuse_equal_ids(root: Path, placed: Iterable[Placed]) -> None:
    by_id: dict[Path, list[str]] = defaultdict(list)
    for one in placed:
        by_id[one.path.with_suffix("")].append(_relative(one.path, root))
    clashes = [paths for paths in by_id.values() if len(paths) > 1]
    if clashes:
        raise DatasetError(
            f"{root}: videos that differ in their ending alone:\n"
            + "\n".join(f"  {' = '.join(paths)}" for paths in clashes),
            remedy="keep one of each, or rename the others",
        )


def _duplicates(root: Path, videos: Iterable[Video]) -> tuple[tuple[str, ...], ...]:
    by_hash: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        by_hash[video.sha256].append(video)
    sets = [same for same in by_hash.values() if len(same) > 1]
    torn = [same for same in sets if len({(one.category, one.class_id) for one in same}) > 1]
    if torn:
        raise DatasetError(
            f"{root}: the same file stands in different classes:\n"
            + "\n".join(f"  {' = '.join(one.path for one in same)}" for same in torn),
            remedy="remove the wrong copies: one video cannot be both",
        )
    return tuple(tuple(one.path for one in same) for same in sets)


def _nothing_left(root: Path, skipped: list[Skipped]) -> DatasetError:
    if not skipped:
        return DatasetError(
            f"{root}: no videos in it",
            remedy="name a folder with <category>/train/*.mp4 and <category>/test/<class>/*.mp4",
        )
    listed = "\n".join(f"  {skip.path}: {skip.reason}" for skip in skipped)
    return DatasetError(
        f"{root}: none of its {len(skipped)} videos can be used:\n{listed}",
        remedy="copy or download them again",
    )


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
