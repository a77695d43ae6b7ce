"""A list of one's own: which video is what, as CSV or JSON lines.

Columns: ``video`` (relative to the list's folder, or to a root of one's own), ``category`` (id or
alias), ``label`` (normal, anomalous, 0, 1) or ``anomaly`` (id or alias) or both, and where wanted
``instance`` and ``split``. Every row is held against the KB; all that is wrong is told at once,
each with its line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from physprior.dataset.layout import Placed, Tree
from physprior.dataset.list_rows import Complaints, Row, read_rows
from physprior.dataset.names import unusable
from physprior.dataset.records import SPLITS, SplitName
from physprior.errors import DatasetError
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL, Category
from physprior.knowledge.validation import did_you_mean
from physprior.video.endings import VIDEO_ENDINGS

_NO_CATEGORY = "names no category"
_LONGEST_WORD = 80
_LABELS = {"normal": 0, "anomalous": 1, "0": 0, "1": 1}


class Listed(NamedTuple):
    """One row that was understood."""

    video: str
    """Relative to the root, with forward slashes."""
    category: str
    class_id: str
    instance: str | None
    split: SplitName | None
    line: int


@dataclass(frozen=True)
class Listing:
    """What a list says."""

    root: Path
    """The folder that the videos' paths are relative to."""
    rows: list[Listed]
    """In the order of the paths."""
    notes: tuple[str, ...]
    """What a person should know: columns that nobody reads."""


def read_list(path: Path, knowledge: KnowledgeBase, *, root: Path | None = None) -> Listing:
    """Read a list; whether its videos are there is not asked.

    ``root`` is the folder of the videos, the list's own by default. Raises DatasetError with the
    lines that are wrong, up to twenty and how many there are: columns, words, paths out of the
    root, two rows for one video.
    """
    place = root or path.parent
    complaints = Complaints(path)
    rows, notes = read_rows(path, complaints)
    reader = _Reader(place, knowledge, complaints)
    listed = [one for row in rows if (one := reader.read(row)) is not None]
    complaints.refuse()
    listed.sort()
    return Listing(place, listed, tuple(notes))


def place_listed(path: Path, listing: Listing) -> Tree:
    """The videos of a list as a walk over their root would find them.

    Files that are not there are named in ``unusable``. Raises DatasetError where none is there.
    """
    tree = Tree(notes=list(listing.notes))
    real_root = os.path.realpath(listing.root)
    for row in listing.rows:
        file = listing.root / row.video
        if why := _no_file(file, real_root):
            tree.unusable[row.video] = f"{why} ({path.name}:{row.line})"
        else:
            said = (row.category, row.class_id, row.instance, row.split)
            tree.placed.append(Placed(file, *said, said_by="list"))
    if listing.rows and not tree.placed:
        first = listing.rows[0]
        raise DatasetError(
            f"{path}:{first.line}: none of its {len(listing.rows)} videos is there: "
            f"{first.video}: {tree.unusable[first.video]}; looked for in {listing.root}",
            remedy="name the folder that the list's paths are relative to with --root",
        )
    return tree


def _no_file(file: Path, real_root: str) -> str:
    if not os.path.isfile(file):
        if not os.path.lexists(file):
            back = "; write / and not \\" if "\\" in file.name else ""
            return f"no such file{back}"
        return "a folder" if os.path.isdir(file) else "no regular file"
    target = os.path.realpath(file)
    if not target.startswith(real_root.rstrip(os.sep) + os.sep):
        return "a symbolic link out of the videos root"
    return ""


class _Reader:
    """Holds rows against the KB; words that it has understood are not looked up again."""

    def __init__(self, root: Path, knowledge: KnowledgeBase, complaints: Complaints) -> None:
        self._roots = tuple(
            f"{folder.rstrip(os.sep)}{os.sep}"
            for folder in (os.path.abspath(root), os.path.realpath(root))
        )
        self._root = root
        self._knowledge = knowledge
        self._complaints = complaints
        self._categories = _categories(knowledge)
        self._classes = {one.id: _classes(one) for one in knowledge.categories.values()}
        self._lines: dict[str, int] = {}

    def read(self, row: Row) -> Listed | None:
        """The row, or None where something is wrong with it, which was then complained of."""
        video = self._video(row)
        category = self._category(row)
        class_id = self._class(row, category) if category else ""
        split = self._split(row)
        if not (video and category and class_id):
            return None
        if (before := self._lines.setdefault(video, row.line)) != row.line:
            self._complaints.add(row.line, f"{video} stands in line {before} already")
            return None
        return Listed(video, category.id, class_id, row.get("instance") or None, split, row.line)

    def _video(self, row: Row) -> str:
        said = row.get("video")
        if not said:
            return self._wrong(row, "names no video")
        if unusable(said):
            return self._wrong(row, f"the name {said} holds control characters: rename the file")
        path = said
        if os.path.isabs(said):
            path = os.path.normpath(said)
            within = [root for root in self._roots if path.startswith(root)]
            if not within:
                return self._wrong(row, f"{said} does not lie in the videos root {self._root}")
            path = path[len(within[0]) :]
        elif "//" in said or "." in (said[0], said[-1]) or "/." in said:
            path = os.path.normpath(said)
            if path == ".." or path.startswith("../"):
                return self._wrong(row, f"{said} leads out of the videos root {self._root}")
        if os.path.splitext(path)[1].lower() not in VIDEO_ENDINGS:
            endings = ", ".join(sorted(VIDEO_ENDINGS))
            return self._wrong(row, f"{said} is no video by its ending; videos end with {endings}")
        return path

    def _category(self, row: Row) -> Category | None:
        said = row.get("category")
        category_id = self._categories.find(said)
        if category_id:
            return self._knowledge.categories[category_id]
        guess = self._categories.guess
        self._wrong(
            row, lambda: f"no category of the KB: {said}{guess(said)}" if said else _NO_CATEGORY
        )
        return None

    def _class(self, row: Row, category: Category) -> str:
        said = row.get("label")
        label = _LABELS.get(said.casefold(), -1)
        if said and label < 0:
            return self._wrong(row, lambda: _no_label(said))
        anomaly, names = row.get("anomaly"), self._classes[category.id]
        if not anomaly:
            if label == 0:
                return NORMAL
            needs = "is anomalous, but names no anomaly" if said else "has no label and no anomaly"
            return self._wrong(row, f"{needs} ({category.id} has: {_anomalies(category)})")
        class_id = names.find(anomaly)
        if not class_id:
            return self._wrong(
                row,
                lambda: (
                    f"no anomaly of {category.id}: {anomaly}{names.guess(anomaly)}"
                    f" ({category.id} has: {_anomalies(category)})"
                ),
            )
        if said and label != (class_id != NORMAL):
            return self._wrong(row, f"contradicts itself: label {said}, anomaly {anomaly}")
        return class_id

    def _split(self, row: Row) -> SplitName | None:
        said = row.get("split").casefold()
        if said in SPLITS:
            return said
        if said:
            guess = _SPLITS.guess
            self._wrong(
                row, lambda: f"no split: {said}{guess(said)} (it is one of {', '.join(SPLITS)})"
            )
        return None

    def _wrong(self, row: Row, why: str | Callable[[], str]) -> str:
        self._complaints.add(row.line, why)
        return ""


class _Names:
    """Words of the KB and what they mean, however they are spelled."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self._meanings = meanings
        self._folded: dict[str, str] = {}
        for name, meaning in meanings.items():
            self._folded.setdefault(folded(name), meaning)

    def find(self, said: str) -> str:
        """The id that a word means, or the empty string."""
        return self._meanings.get(said) or self._folded.get(folded(said), "")

    def guess(self, said: str) -> str:
        """What may have been meant, in words. Slow: only for what is told."""
        meant = did_you_mean(said[:_LONGEST_WORD], self._meanings)
        return f"; did you mean {self._meanings[meant]}?" if meant else ""


_SPLITS = _Names({name: name for name in SPLITS})


def _categories(knowledge: KnowledgeBase) -> _Names:
    # Ids before aliases, as the KB itself places folders.
    known = knowledge.categories.values()
    aliases = {alias: category.id for category in known for alias in category.aliases}
    return _Names({category.id: category.id for category in known} | aliases)


def _classes(category: Category) -> _Names:
    normal = dict.fromkeys(NORMAL_FOLDERS, NORMAL)
    ids = {anomaly.id: anomaly.id for anomaly in category.anomalies}
    aliases = {alias: anomaly.id for anomaly in category.anomalies for alias in anomaly.aliases}
    return _Names(normal | ids | {name: id_ for name, id_ in aliases.items() if name not in ids})


def _no_label(said: str) -> str:
    meant = did_you_mean(said[:_LONGEST_WORD], [*_LABELS, "anomaly"])
    guess = f"; did you mean {'anomalous' if meant == 'anomaly' else meant}?" if meant else ""
    return f"no label: {said}{guess} (it is normal, anomalous, 0 or 1)"


def _anomalies(category: Category) -> str:
    return ", ".join(anomaly.id for anomaly in category.anomalies)
