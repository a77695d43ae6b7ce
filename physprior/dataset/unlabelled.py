"""Videos that nobody has labelled: single files and whole folders, each with its category.

The category is said by the user, or is that of the nearest folder above a video whose name the KB
knows, by id, alias or spelling, as in a labelled tree.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from physprior.dataset.names import unusable
from physprior.errors import KnowledgeError
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import Category
from physprior.knowledge.validation import did_you_mean
from physprior.video.endings import VIDEO_ENDINGS

PlacedBy = Literal["option", "folder"]
"""Who said which category a video is of: the user, or the name of a folder above it."""


@dataclass(frozen=True)
class Unlabelled:
    """A video that was named, or found in a folder that was; or why it is none."""

    path: Path
    """As it was named; below a folder that was named, the folder's path and its own."""
    category: str | None = None
    """The category's id; None where it is not known."""
    placed_by: PlacedBy | None = None
    """Who said so; None where nobody did."""
    folder_category: str | None = None
    """What the folders above it say, even where the user said something else."""
    problem: str = ""
    """Why it cannot be used; empty where it can."""


def find_videos(
    named: Sequence[Path], knowledge: KnowledgeBase, *, category: str | None = None
) -> list[Unlabelled]:
    """Every video of the files and folders that were named, once, in the order of the names.

    Folders are searched to any depth for files with the endings of videos; hidden ones are passed
    over, and links to folders are not followed. A file that was named itself may have any ending.
    ``category`` is the one of all of them, by id, alias, name or spelling. Raises KnowledgeError
    where the KB does not hold it; what else is wrong stands in ``problem``.
    """
    said = None if category is None else _meant(category, knowledge)
    found: dict[str, Unlabelled] = {}
    for one in (video for name in named for video in _searched(name)):
        found.setdefault(os.path.abspath(one.path), one)
    folders: dict[Path, tuple[Category | None, str]] = {}
    return [
        one if one.problem else _placed(one, said, knowledge, folders) for one in found.values()
    ]


def folder_category(path: Path, knowledge: KnowledgeBase) -> tuple[Category | None, str]:
    """The category of the nearest folder above ``path`` that the KB knows; None and why there is
    none, where there is none.

    A nearer folder whose name only resembles another category's leaves the question open: a
    misspelt folder must not be taken for what lies above it.
    """
    doubtful, meant = "", ""
    for folder in Path(os.path.abspath(path)).parents:
        found = knowledge.place_category(folder.name)
        if found is not None and meant in ("", found.id):
            return found, ""
        if found is not None:
            break
        guess = "" if meant else _resembled(folder.name, knowledge)
        if guess:
            doubtful, meant = folder.name, guess
    if meant:
        return None, f"its folder {doubtful!r} is no category of the KB; did you mean {meant}?"
    return None, "no folder above it has the name of a category of the KB"


def _meant(category: str, knowledge: KnowledgeBase) -> Category:
    """The category that a person means. Raises KnowledgeError, with the nearest, for none."""
    found = knowledge.place_category(category)
    if found is not None:
        return found
    called = [one for one in knowledge.categories.values() if folded(one.name) == folded(category)]
    if len(called) == 1:
        return called[0]
    names = {folded(name): one.id for one in knowledge.categories.values() for name in _names(one)}
    meant = names.get(did_you_mean(folded(category), names))
    if meant is None:
        return knowledge.category(category)
    raise KnowledgeError(
        f"the knowledge base holds no category {category!r}", remedy=f"did you mean {meant!r}?"
    )


def _names(category: Category) -> tuple[str, ...]:
    return (category.id, *category.aliases, category.name)


def _resembled(name: str, knowledge: KnowledgeBase) -> str:
    """The category whose name a folder's resembles, where it is no part of a labelled tree."""
    own = folded(name)
    if own in ("", "train", "test", *NORMAL_FOLDERS):
        return ""
    if any(knowledge.place_class(one, name) for one in knowledge.categories.values()):
        return ""
    names = {
        folded(known): one.id
        for one in knowledge.categories.values()
        for known in (one.id, *one.aliases)
    }
    return names.get(did_you_mean(own, names), "")


def _placed(
    one: Unlabelled,
    said: Category | None,
    knowledge: KnowledgeBase,
    folders: dict[Path, tuple[Category | None, str]],
) -> Unlabelled:
    folder = one.path.parent
    if folder not in folders:
        folders[folder] = folder_category(one.path, knowledge)
    category, why = folders[folder]
    by_folder = None if category is None else category.id
    if said is not None:
        return replace(one, category=said.id, placed_by="option", folder_category=by_folder)
    if by_folder is None:
        return replace(one, problem=f"{why} (name the category with --category)")
    return replace(one, category=by_folder, placed_by="folder", folder_category=by_folder)


def _searched(named: Path) -> Iterator[Unlabelled]:
    """The videos of one name, not placed yet, or what is wrong with it."""
    if not os.path.isdir(named):
        yield Unlabelled(named, problem=_no_file(named))
        return
    found = False
    for one in _below(named):
        found = True
        yield one
    if not found:
        endings = ", ".join(sorted(VIDEO_ENDINGS))
        yield Unlabelled(named, problem=f"a folder without videos ({endings})")


def _below(folder: Path) -> Iterator[Unlabelled]:
    failed: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=failed.append):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in sorted(names):
            if Path(name).suffix.lower() in VIDEO_ENDINGS and not name.startswith("."):
                path = Path(parent, name)
                yield Unlabelled(path, problem=_no_file(path))
    for error in failed:
        why = f"cannot be read: {error.strerror or error}"
        yield Unlabelled(Path(str(error.filename)), problem=why)


def _no_file(path: Path) -> str:
    """Why a path is no file that can be read; empty where it is one. It is not opened."""
    if unusable(path.name):
        return "its name holds control characters or is not UTF-8: rename it"
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return "a symbolic link to nothing" if path.is_symlink() else "no such file"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    # A pipe would be waited for, for ever.
    return "" if stat.S_ISREG(mode) else "no regular file"
