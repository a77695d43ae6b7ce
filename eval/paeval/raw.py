"""The raw output of PAEval's official judge, read: each reply placed, and the number that it says.

Its shape is ``{category: {"descrip" | "explain": {class: [reply, …]}}}``, a reply for each video.
The level of the task may as well stand above the categories or below the classes. There are no
videos' names in it and no verdicts.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from physprior import fingerprint
from physprior.dataset.label_json import Object, below, kind, load
from physprior.dataset.label_names import NamePlacer, count, lines
from physprior.dataset.names import shown
from physprior.dataset.references import Remark, Unplaced
from physprior.errors import JudgeError
from physprior.eval.paeval.number import UnreadError, is_bare, read_number
from physprior.eval.paeval.replies import TASKS, RawReplies, RawReply, Task
from physprior.knowledge.folders import folded
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import Category

KEYS: dict[str, Task] = {
    **dict.fromkeys(("descrip", "description", "descriptions"), "description"),
    **dict.fromkeys(("explain", "explanation", "explanations"), "explanation"),
}
"""What the tasks may be called, case aside."""

MOST_REPLIES = 200_000
"""Sixteen times what Phys-AD's videos need: more is something else."""
_LONGEST = 120
_FORM = '{category: {"descrip": {class: ["0.85", …]}, "explain": {class: [ … ]}}}'


def read_raw(path: Path, knowledge: KnowledgeBase, *, skip_unknown: bool = False) -> RawReplies:
    """The replies of a raw judge output, placed by the ids and aliases of the KB.

    Raises JudgeError for what is no such file, with every place that is wrong; and, unless
    ``skip_unknown``, for names that the KB does not know.
    """
    reader = _Reader(knowledge)
    reader.walk(load(path, "raw judge output", JudgeError), _Place("$"))
    _refuse(path, reader, skip_unknown)
    return RawReplies(
        source=shown(path.name),
        source_sha256=fingerprint.of_file(path),
        knowledge={
            name: knowledge.fingerprint(name)
            for name in sorted({one.category for one in reader.replies})
        },
        replies=tuple(reader.replies),
        unplaced=tuple(
            Unplaced(path=_cut(one.path), reason=one.reason) for one in reader.names.unplaced
        ),
        remarks=tuple(_remarks(reader)),
    )


@dataclass(frozen=True)
class _Place:
    path: str
    task: Task | None = None
    category: Category | None = None
    class_id: str | None = None

    @property
    def key(self) -> tuple[str, str, Task] | None:
        """Category, class and task; None where one of them is still to come."""
        if self.category is None or self.class_id is None or self.task is None:
            return None
        return self.category.id, self.class_id, self.task

    @property
    def wanted(self) -> str:
        """What the keys here may be."""
        named = "categories" if self.category is None else "classes"
        wanted = [] if self.class_id is not None else [named]
        return " or ".join([*wanted, *(["descrip and explain"] if self.task is None else [])])


class _Reader:
    """Walks the file and gathers its replies, and everything that is wrong with it."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.problems: list[tuple[str, str]] = []
        self.names = NamePlacer(knowledge)
        self.replies: list[RawReply] = []
        self.lists: dict[tuple[str, str, Task], str] = {}

    def walk(self, body: Any, place: _Place) -> None:
        """Take what ``place`` names, and all below it."""
        if key := place.key:
            self._take_list(body, place.path, key)
        elif not isinstance(body, Object):
            self._problem(place.path, f"{kind(body)} where an object of {place.wanted} belongs")
        else:
            for name in body.repeated:
                at = below(place.path, name)
                self._problem(at, "stands twice, and only the last would count")
            for name, inner in body.items():
                if (step := self._step(name, place)) is not None:
                    self.walk(inner, step)

    def _step(self, name: str, place: _Place) -> _Place | None:
        """The place below ``place`` that a name means; None where it is not known."""
        path = below(place.path, name)
        if place.task is None and (task := KEYS.get(folded(name))):
            return replace(place, path=path, task=task)
        if place.category is None:
            category = self.names.category(name, path)
            return replace(place, path=path, category=category) if category else None
        if place.class_id is None:
            class_id = self.names.class_id(place.category, name, path)
            return replace(place, path=path, class_id=class_id) if class_id else None
        self._problem(path, "neither descrip nor explain")
        return None

    def _take_list(self, body: Any, path: str, key: tuple[str, str, Task]) -> None:
        if not isinstance(body, list):
            self._problem(path, f"{kind(body)} where a list of replies belongs")
        elif key in self.lists:
            self._problem(path, f"means {key[1]}, and so does {self.lists[key]}")
        elif len(self.replies) + len(body) > MOST_REPLIES:
            self._problem(path, f"with it there are more than {MOST_REPLIES:,} replies")
        else:
            self.lists[key] = path
            for at, reply in enumerate(body):
                self._take(reply, below(path, at), key)

    def _take(self, reply: Any, path: str, key: tuple[str, str, Task]) -> None:
        if isinstance(reply, float) and not math.isfinite(reply):
            self._problem(path, f"{reply}, which is no number of JSON")
            return
        value, reason = None, ""
        try:
            value = read_number(reply)
        except UnreadError as unread:
            reason = str(unread)
        said = _cut(reply if isinstance(reply, str) else repr(reply))
        self.replies.append(RawReply(path, *key, said, value, reason, is_bare(reply)))

    def _problem(self, path: str, said: str) -> None:
        self.problems.append((_cut(path), said))


def _refuse(path: Path, reader: _Reader, skip_unknown: bool) -> None:
    if reader.problems:
        raise JudgeError(
            f"{path}: {count(reader.problems, 'place')} that cannot be read:\n"
            + lines(reader.problems),
            remedy=f"name the raw output of PAEval's judge: {_FORM}",
        )
    unplaced = reader.names.unplaced
    if unplaced and not skip_unknown:
        raise JudgeError(
            f"{path}: {count(unplaced, 'name')} that the KB does not know:\n"
            + lines([(_cut(one.path), one.reason) for one in unplaced]),
            remedy="add them as aliases to the KB entries they belong to, or leave them out with"
            " --skip-unknown",
        )
    if not reader.replies:
        raise JudgeError(
            f"{path}: no reply about a category that the KB knows",
            remedy=f"name the raw output of PAEval's judge ({_FORM}), or its own KB with --kb",
        )


def _remarks(reader: _Reader) -> list[Remark]:
    """Tasks that are missing, empty lists, and classes whose tasks have unlike many replies."""
    present = [task for task in TASKS if task in {task for _, _, task in reader.lists}]
    found = [Remark(path="$", said=f"has no {task}") for task in TASKS if task not in present]
    sizes = Counter((one.category, one.class_id, one.task) for one in reader.replies)
    for key, path in reader.lists.items():
        if not sizes[key]:
            found.append(Remark(path=_cut(path), said="has no reply"))
        other = next((task for task in present if task != key[2]), None)
        # A pair is remarked once: where both are there, at the explanation.
        once = key[2] == "explanation" or (*key[:2], other) not in reader.lists
        if other and once and sizes[key] != (others := sizes[*key[:2], other]):
            said = f"{count(range(sizes[key]), 'video')} judged, and {others} by {other}"
            found.append(Remark(path=_cut(path), said=said))
    return found


def _cut(text: str) -> str:
    cut = shown(text[:_LONGEST])
    return f"{cut}…" if len(text) > _LONGEST else cut
