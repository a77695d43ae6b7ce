"""The Phys-AD tree: which video file is of which category and class, by its folders' names.

``<category>/train/0000.mp4`` (normal only) and ``<category>/test/<class>/0000.mp4``. The KB's ids
and aliases say what a folder's name means. A folder that is no category but holds some is taken
for an archive that was unpacked there: the release is several, and they may lie beside one
another. A folder that nothing explains is an error.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from physprior.dataset.names import shown, unusable
from physprior.dataset.records import SplitName
from physprior.errors import DatasetError
from physprior.knowledge.folders import NORMAL_FOLDERS
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL, Category
from physprior.knowledge.validation import did_you_mean
from physprior.video.endings import VIDEO_ENDINGS

SIDECAR_ENDING = ".json"
"""Ending of the file beside a video that tells more of it, such as its instance."""

ARCHIVE_DEPTH = 2
"""How many folders an archive may put around its categories."""

# Lists and indexes may lie beside the videos that they name: they are no part of them.
_PASSED_OVER = frozenset({SIDECAR_ENDING, ".jsonl", ".csv"})
# What macOS leaves in an archive beside the real tree.
_LITTER = frozenset({"__MACOSX"})


@dataclass(frozen=True)
class Placed:
    """A video file and what its folders, or a list, say of it."""

    path: Path
    category: str
    class_id: str
    instance: str | None = None
    split: SplitName | None = None
    said_by: Literal["folder", "list"] = "folder"


@dataclass(frozen=True)
class Unexplained:
    """A folder or a stray video that the layout or the KB does not explain."""

    path: str
    """Relative to the root, with forward slashes; a folder's ends with one."""
    why: str
    """What is wrong with it."""
    suggestion: str = ""
    """The id that may have been meant, or the empty string."""
    known: str = ""
    """What would have been understood in this place, in words, where the KB says that."""

    def __str__(self) -> str:
        guess = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.path}: {self.why}{guess}{f' ({self.known})' if self.known else ''}"


@dataclass
class Tree:
    """What a walk over a videos root found."""

    placed: list[Placed] = field(default_factory=list)
    """The videos, in the order of their paths."""
    unusable: dict[str, str] = field(default_factory=dict)
    """Files that are not even opened, by path: why. Links out of the root, names that break."""
    ignored: Counter[str] = field(default_factory=Counter)
    """Files that are neither videos nor sidecars by their ending: ending to count."""
    unexplained: list[Unexplained] = field(default_factory=list)
    """Folders and stray videos that the layout or the KB does not explain."""
    archives: list[str] = field(default_factory=list)
    """Folders that were taken for unpacked archives, as the categories are in them."""
    notes: list[str] = field(default_factory=list)
    """What else a person should know, a line each."""


def read_tree(root: Path, knowledge: KnowledgeBase) -> Tree:
    """Walk a Phys-AD tree and place every video in it. Hidden files and folders are passed over.

    Raises DatasetError for a root that is no folder, and one that names every folder and stray
    video that nothing explains.
    """
    tree = walk_tree(root, knowledge)
    if tree.unexplained:
        _refuse(root, tree.unexplained, knowledge)
    return tree


def walk_tree(root: Path, knowledge: KnowledgeBase) -> Tree:
    """The same, with what nothing explains told in ``Tree.unexplained`` instead of raised.

    Raises DatasetError for a root that is no folder or cannot be read.
    """
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder", remedy="name the folder of the videos")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise DatasetError(
            f"{root}: cannot be read: {error.strerror}", remedy="give yourself the right to read"
        ) from error
    walk = _Walk(root, knowledge)
    walk.categories(root, ARCHIVE_DEPTH)
    tree = walk.tree
    tree.placed.sort(key=lambda placed: placed.path.relative_to(root).as_posix())
    tree.unexplained.sort(key=str)
    return tree


class _Walk:
    """One walk over a root."""

    def __init__(self, root: Path, knowledge: KnowledgeBase) -> None:
        self.tree = Tree()
        self._root = root
        self._real_root = os.path.realpath(root)
        self._knowledge = knowledge

    def categories(self, folder: Path, depth: int) -> None:
        """Take the categories in a folder; those below it, where an archive put them there."""
        for below in self._folders(folder):
            category = self._knowledge.place_category(below.name)
            if category is not None and (
                _has_parts(below) or not self._holds_categories(below, depth)
            ):
                self._category(below, category)
            elif self._holds_categories(below, depth):
                self.tree.archives.append(self._shown(below))
                self.categories(below, depth - 1)
            else:
                names = {
                    name: known.id
                    for known in self._knowledge.categories.values()
                    for name in (known.id, *known.aliases)
                }
                self._unexplained(below, "no category of the KB", _meant(below.name, names))

    def _category(self, folder: Path, category: Category) -> None:
        for part in self._folders(folder):
            if part.name.casefold() == "train":
                self._videos(part, category, NORMAL)
            elif part.name.casefold() == "test":
                for class_folder in self._folders(part):
                    self._class(class_folder, category)
            else:
                self._unexplained(part, "only train and test belong here")

    def _class(self, folder: Path, category: Category) -> None:
        class_id = self._knowledge.place_class(category, folder.name)
        if class_id is not None:
            self._videos(folder, category, class_id)
            return
        names = dict.fromkeys(NORMAL_FOLDERS, NORMAL) | {
            name: anomaly.id
            for anomaly in category.anomalies
            for name in (anomaly.id, *anomaly.aliases)
        }
        known = ", ".join(class_id for class_id, _ in category.classes())
        source = self._knowledge.sources[category.id]
        self._unexplained(
            folder,
            f"no class of {category.id}",
            _meant(folder.name, names),
            f"its classes: {known}; aliases belong in {source}",
        )

    def _videos(self, folder: Path, category: Category, class_id: str) -> None:
        for entry in self._inside(folder):
            ending = _ending(entry.name)
            if _is_folder(entry):
                self._unexplained(Path(entry.path), "a folder where only videos belong")
            elif ending in VIDEO_ENDINGS:
                if os.path.isfile(entry.path):
                    self.tree.placed.append(Placed(Path(entry.path), category.id, class_id))
                else:
                    why = "a symbolic link to nothing" if entry.is_symlink() else "no regular file"
                    self.tree.unusable[self._shown(Path(entry.path))] = why
            elif ending not in _PASSED_OVER:
                self.tree.ignored[ending] += 1

    def _folders(self, folder: Path) -> Iterator[Path]:
        """The folders in ``folder``; counts its other files, and names videos that stray there."""
        for entry in self._inside(folder):
            path, ending = Path(entry.path), _ending(entry.name)
            if _is_folder(entry):
                yield path
            elif ending in VIDEO_ENDINGS:
                why = "a video outside the class folders"
                self.tree.unexplained.append(Unexplained(self._shown(path), why))
            elif ending not in _PASSED_OVER:
                self.tree.ignored[ending] += 1

    def _inside(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._unexplained(folder, f"cannot be read: {error.strerror or error}")
            return
        for entry in entries:
            if _passed_over(entry.name):
                continue
            path = Path(entry.path)
            if unusable(entry.name):
                self._refuse_name(entry)
            elif entry.is_symlink() and (why := self._bad_link(path)):
                self.tree.unusable[self._shown(path)] = why
            else:
                yield entry

    def _refuse_name(self, entry: os.DirEntry[str]) -> None:
        why = "its name holds control characters or is not UTF-8: rename it"
        if _is_folder(entry):
            self._unexplained(Path(entry.path), why)
        elif _ending(entry.name) in VIDEO_ENDINGS:
            self.tree.unusable[self._shown(Path(entry.path))] = why
        else:
            self.tree.ignored[shown(_ending(entry.name))] += 1

    def _bad_link(self, path: Path) -> str:
        target = os.path.realpath(path)
        if not _within(target, self._real_root):
            return "a symbolic link out of the videos root"
        if _within(os.path.realpath(path.parent), target):
            return "a symbolic link to a folder that it lies in"
        return ""

    def _holds_categories(self, folder: Path, depth: int) -> bool:
        if depth < 1:
            return False
        below = [path for path in _subfolders(folder) if not path.is_symlink()]
        return any(self._knowledge.place_category(path.name) for path in below) or any(
            self._holds_categories(path, depth - 1) for path in below
        )

    def _unexplained(self, folder: Path, why: str, meant: str = "", known: str = "") -> None:
        self.tree.unexplained.append(Unexplained(f"{self._shown(folder)}/", why, meant, known))

    def _shown(self, path: Path) -> str:
        return shown(path.relative_to(self._root).as_posix())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # DirEntry knows without asking the disk, but raises for a link that leads to itself.
    return os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir()


def _ending(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _has_parts(folder: Path) -> bool:
    return any(path.name.casefold() in ("train", "test") for path in _subfolders(folder))


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            folders = [entry for entry in found if _is_folder(entry)]
    except OSError:
        return []  # Who looks inside says so.
    return sorted(Path(entry.path) for entry in folders if not _passed_over(entry.name))


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name in _LITTER


def _meant(name: str, names: dict[str, str]) -> str:
    meant = did_you_mean(name, names)
    return names[meant] if meant else ""


def _refuse(root: Path, unexplained: Iterable[Unexplained], knowledge: KnowledgeBase) -> None:
    lines = [str(one) for one in unexplained]
    known = ", ".join(knowledge.categories) or "none"
    raise DatasetError(
        f"{root}: {len(lines)} place(s) in it cannot be explained:\n"
        + "\n".join(f"  {line}" for line in lines)
        + f"\n  known categories: {known}",
        remedy=_remedy(root, knowledge),
    )


def _remedy(root: Path, knowledge: KnowledgeBase) -> str:
    if _has_parts(root):
        return f"this is one category's folder: name the folder above it, {root.resolve().parent}"
    if deeper := _categories_below(root, knowledge, ARCHIVE_DEPTH + 2):
        return f"the categories lie deeper: name {deeper}"
    return (
        "add the folder's name as an alias to the KB entry it belongs to, write an entry for a new"
        " category, or move the folder out of the videos root"
    )


def _categories_below(folder: Path, knowledge: KnowledgeBase, depth: int) -> Path | None:
    """The folder that holds the categories, where they lie too deep to be taken."""
    level = [folder]
    for above in range(depth):
        level = [path for one in level for path in _subfolders(one) if not path.is_symlink()]
        for one in level:
            inside = (knowledge.place_category(path.name) for path in _subfolders(one))
            if above >= ARCHIVE_DEPTH and any(inside):
                return one
    return None
