"""The Phys-AD tree: which video file is of which category and class, by its folders' names.

``<category>/train/0000.mp4`` (normal only) and ``<category>/test/<class>/0000.mp4``. The KB's ids
and aliases say what a folder's name means; a folder that nothing explains is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from physprior.errors import DatasetError
from physprior.knowledge.folders import NORMAL_FOLDERS
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL, Category
from physprior.knowledge.validation import did_you_mean

VIDEO_ENDINGS = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})
"""Endings of the files that are taken for videos, in lower case."""

SIDECAR_ENDING = ".json"
"""Ending of the file beside a video that tells more of it, such as its instance."""

# What macOS leaves in an archive beside the real tree.
_LITTER = frozenset({"__MACOSX"})


@dataclass(frozen=True)
class Placed:
    """A video file and what its folders say of it."""

    path: Path
    category: str
    class_id: str


@dataclass
class Tree:
    """What a walk over a videos root found."""

    placed: list[Placed] = field(default_factory=list)
    """The videos, in the order of their paths."""
    outside: set[Path] = field(default_factory=set)
    """Symbolic links that lead out of the root, which are not followed."""
    ignored: Counter[str] = field(default_factory=Counter)
    """Files that are neither videos nor sidecars by their ending: ending to count."""
    unexplained: list[str] = field(default_factory=list)
    """Folders and stray videos that the layout or the KB does not explain, each with why."""


def read_tree(root: Path, knowledge: KnowledgeBase) -> Tree:
    """Walk a Phys-AD tree and place every video in it. Hidden files and folders are passed over.

    Raises DatasetError for a root that is no folder, and one that names every folder and stray
    video that nothing explains.
    """
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder", remedy="name the folder of the videos")
    tree = Tree()
    for folder in _folders(tree, root, root, strays_allowed=False):
        category = knowledge.place_category(folder.name)
        if category is None:
            tree.unexplained.append(_no_category(folder, root, knowledge))
        else:
            _walk_category(tree, root, folder, category, knowledge)
    if tree.unexplained:
        _refuse(root, tree.unexplained, knowledge)
    tree.placed.sort(key=lambda placed: placed.path.relative_to(root).as_posix())
    return tree


def _walk_category(
    tree: Tree, root: Path, folder: Path, category: Category, knowledge: KnowledgeBase
) -> None:
    for part in _folders(tree, root, folder, strays_allowed=False):
        if part.name.casefold() == "train":
            _take_videos(tree, root, part, category, NORMAL)
        elif part.name.casefold() == "test":
            for class_folder in _folders(tree, root, part, strays_allowed=False):
                class_id = knowledge.place_class(category, class_folder.name)
                if class_id is None:
                    source = knowledge.sources[category.id]
                    tree.unexplained.append(_no_class(class_folder, root, category, source))
                else:
                    _take_videos(tree, root, class_folder, category, class_id)
        else:
            tree.unexplained.append(f"{_shown(part, root)}/: only train and test belong here")


def _take_videos(tree: Tree, root: Path, folder: Path, category: Category, class_id: str) -> None:
    for below in _folders(tree, root, folder, strays_allowed=True):
        tree.unexplained.append(f"{_shown(below, root)}/: a folder where only videos belong")
    for path in _inside(tree, root, folder):
        if path.is_file() and path.suffix.lower() in VIDEO_ENDINGS:
            tree.placed.append(Placed(path, category.id, class_id))


def _folders(tree: Tree, root: Path, folder: Path, *, strays_allowed: bool) -> Iterator[Path]:
    """The folders in ``folder``; counts its other files, and names videos that stray there."""
    for path in _inside(tree, root, folder):
        if path.is_dir():
            yield path
        elif path.suffix.lower() == SIDECAR_ENDING:
            continue
        elif path.suffix.lower() not in VIDEO_ENDINGS:
            tree.ignored[path.suffix.lower()] += 1
        elif not strays_allowed:
            tree.unexplained.append(f"{_shown(path, root)}: a video outside the class folders")


def _inside(tree: Tree, root: Path, folder: Path) -> Iterator[Path]:
    for path in _listed(folder):
        if path.name.startswith(".") or path.name in _LITTER:
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            tree.outside.add(path)
            continue
        yield path


def _listed(folder: Path) -> list[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise DatasetError(
            f"{folder}: cannot be read: {error.strerror}", remedy="give yourself the right to read"
        ) from error
    for path in paths:
        if not path.name.isprintable():
            # Also what is not UTF-8: Python shows such bytes as lone surrogates.
            raise DatasetError(
                f"{folder}: the name {path.name!r} holds unprintable characters or is not UTF-8",
                remedy="rename it",
            )
    return paths


def _no_category(folder: Path, root: Path, knowledge: KnowledgeBase) -> str:
    names = {
        name: category.id
        for category in knowledge.categories.values()
        for name in (category.id, *category.aliases)
    }
    return f"{_shown(folder, root)}/: no category of the KB{_guess(folder.name, names)}"


def _no_class(folder: Path, root: Path, category: Category, source: Path) -> str:
    names = dict.fromkeys(NORMAL_FOLDERS, NORMAL) | {
        name: anomaly.id
        for anomaly in category.anomalies
        for name in (anomaly.id, *anomaly.aliases)
    }
    known = ", ".join(class_id for class_id, _ in category.classes())
    return (
        f"{_shown(folder, root)}/: no class of {category.id}{_guess(folder.name, names)}"
        f" (its classes: {known}; aliases belong in {source})"
    )


def _guess(name: str, names: dict[str, str]) -> str:
    meant = did_you_mean(name.casefold(), names)
    return f"; did you mean {names[meant]}?" if meant else ""


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _refuse(root: Path, unexplained: Iterable[str], knowledge: KnowledgeBase) -> None:
    lines = sorted(unexplained)
    known = ", ".join(knowledge.categories) or "none"
    raise DatasetError(
        f"{root}: {len(lines)} place(s) in it cannot be explained:\n"
        + "\n".join(f"  {line}" for line in lines)
        + f"\n  known categories: {known}",
        remedy=_remedy(root, knowledge),
    )


def _remedy(root: Path, knowledge: KnowledgeBase) -> str:
    if {"train", "test"} & {path.name.casefold() for path in _listed(root)}:
        return f"this is one category's folder: name the folder above it, {root.resolve().parent}"
    for folder in (path for path in _listed(root) if path.is_dir()):
        if any(knowledge.place_category(below.name) for below in _listed(folder)):
            return f"the categories lie one folder deeper: name {folder}"
    return (
        "add the folder's name as an alias to the KB entry it belongs to, write an entry for a new"
        " category, or move the folder out of the videos root"
    )
