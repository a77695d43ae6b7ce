"""The official label file of Phys-AD, read into references: placed, cleaned, and judged.

Its shape is ``{category: {"description_label": {class: [5 strings]}, "explanation_label": …}}``,
each string led by its number. Names of categories and classes drift, so the KB's aliases say what
they mean. What is no label at all ends the reading; what is merely untidy is mended and remarked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from physprior import __version__, fingerprint
from physprior.dataset.label_compare import (
    Listed,
    Place,
    compare_classes,
    compare_tasks,
    find_taught,
    plain,
)
from physprior.dataset.label_json import Object, below, kind, load
from physprior.dataset.label_names import NamePlacer, count, lines
from physprior.dataset.references import ClassReferences, References, Remark
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import Category

TASKS = {"description_label": "descriptions", "explanation_label": "explanations"}
"""The label file's keys, and what their sentences are here."""

USUAL_COUNT = 5
"""Sentences of a class in the official file."""

_NUMBER = re.compile(r"[(\[]?(\d{1,3})\s*(?:[.)\]:．、]+(?!\d)\s*|[-–—]\s+)")


def read_labels(path: Path, knowledge: KnowledgeBase, *, skip_unknown: bool = False) -> References:
    """The references in a label file, placed by the ids and aliases of the KB.

    Raises DatasetError for a file that is no label file, with every place that is wrong; and,
    unless ``skip_unknown``, for names that the KB does not know, with what they may mean.
    """
    reader = _Reader(knowledge)
    reader.read(load(path))
    if reader.problems:
        raise DatasetError(
            f"{path}: {count(reader.problems, 'place')} that cannot be read:\n"
            + lines(reader.problems),
            remedy='mend them: {category: {"description_label": {class: ["1. …", …]},'
            ' "explanation_label": {class: [ … ]}}}',
        )
    if reader.names.unplaced and not skip_unknown:
        raise DatasetError(
            f"{path}: {count(reader.names.unplaced, 'name')} that the KB does not know:\n"
            + lines([(one.path, one.reason) for one in reader.names.unplaced]),
            remedy="add them as aliases to the KB entries they belong to, or leave them out with"
            " --skip-unknown",
        )
    placed = reader.placed()
    if not placed:
        raise DatasetError(
            f"{path}: no sentence of a category that the KB knows",
            remedy="name a label file of the KB's categories, or its own KB with --kb",
        )
    return References(
        physprior_version=__version__,
        source=path.name,
        source_sha256=fingerprint.of_file(path),
        knowledge={name: knowledge.fingerprint(name) for name in placed},
        categories=placed,
        unplaced=tuple(reader.names.unplaced),
        taught=tuple(find_taught(reader.found, knowledge)),
        remarks=tuple(reader.remarks),
    )


class _Reader:
    """Walks a label file and gathers its sentences, and everything that a person should know."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.problems: list[tuple[str, str]] = []
        self.remarks: list[Remark] = []
        self.names = NamePlacer(knowledge)
        self.found: dict[Place, Listed] = {}
        self._knowledge = knowledge

    def read(self, content: Any) -> None:
        """Take a whole label file."""
        for name, body, path in self._items(content, "$", "categories"):
            category = self.names.category(name, path)
            if category is not None:
                self._read_category(category, body, path)
        self.remarks += [*compare_tasks(self.found), *compare_classes(self.found)]

    def placed(self) -> dict[str, dict[str, ClassReferences]]:
        """The sentences by category and class, in the order of the KB."""
        categories: dict[str, dict[str, ClassReferences]] = {}
        for category in sorted({key[0] for key in self.found}):
            for class_id, _ in self._knowledge.category(category).classes():
                texts = {
                    task: tuple(text for _, text in self.found[key].sentences)
                    for task in TASKS.values()
                    if (key := (category, class_id, task)) in self.found
                }
                if any(texts.values()):
                    categories.setdefault(category, {})[class_id] = ClassReferences(**texts)
        return categories

    def _read_category(self, category: Category, body: Any, path: str) -> None:
        tasks = self._items(body, path, " and ".join(TASKS))
        for name, classes, at in tasks:
            if name in TASKS:
                self._read_task(category, TASKS[name], classes, at)
            else:
                self._remark(at, f"not read: neither {' nor '.join(TASKS)}")
        for name in TASKS:
            if tasks and name not in {task for task, _, _ in tasks}:
                self._remark(path, f"has no {name}")

    def _read_task(self, category: Category, task: str, body: Any, path: str) -> None:
        for name, sentences, at in self._items(body, path, "classes"):
            class_id = self.names.class_id(category, name, at)
            if class_id is None:
                continue
            if not isinstance(sentences, list):
                self.problems.append((at, f"{kind(sentences)} where a list of texts belongs"))
                continue
            key = (category.id, class_id, task)
            if key in self.found:
                self.problems.append((at, f"means {class_id}, and so does {self.found[key].path}"))
                continue
            self.found[key] = Listed(at, self._read_sentences(sentences, at))

    def _read_sentences(self, sentences: Sequence[Any], path: str) -> tuple[tuple[str, str], ...]:
        kept: dict[str, tuple[str, str]] = {}
        numbers: list[tuple[str, int, int | None]] = []
        for at, said in enumerate(sentences):
            place = below(path, at)
            text = self._text(said, place)
            if text is None:
                continue
            number, text = _without_number(text)
            numbers.append((place, at + 1, number))
            if not text:
                self._remark(place, "blank; left out")
            elif plain(text) in kept:
                self._remark(place, f"the same as {kept[plain(text)][0]}; kept once")
            else:
                kept[plain(text)] = (place, text)
        self._judge_numbers(path, numbers)
        if len(sentences) != USUAL_COUNT:
            self._remark(path, f"{count(sentences, 'sentence')} where {USUAL_COUNT} are usual")
        return tuple(kept.values())

    def _text(self, said: Any, place: str) -> str | None:
        if not isinstance(said, str):
            self.problems.append((place, f"{kind(said)} where a text belongs"))
            return None
        if any("\ud800" <= letter <= "\udfff" for letter in said):
            self.problems.append((place, "holds half a character (a lone surrogate)"))
            return None
        return " ".join(said.split())

    def _judge_numbers(self, path: str, numbers: list[tuple[str, int, int | None]]) -> None:
        if numbers and all(number is None for _, _, number in numbers):
            self._remark(path, "its sentences have no numbers; taken as they are")
            return
        for place, expected, number in numbers:
            if number is None:
                self._remark(place, "has no number; taken as it is")
            elif number != expected:
                self._remark(place, f"numbered {number} at place {expected}")

    def _items(self, body: Any, path: str, what: str) -> list[tuple[str, Any, str]]:
        if not isinstance(body, Object):
            self.problems.append((path, f"{kind(body)} where an object of {what} belongs"))
            return []
        for key in body.repeated:
            self.problems.append((below(path, key), "stands twice, and only the last would count"))
        return [(key, value, below(path, key)) for key, value in body.items()]

    def _remark(self, path: str, said: str) -> None:
        self.remarks.append(Remark(path=path, said=said))


def _without_number(text: str) -> tuple[int | None, str]:
    number = _NUMBER.match(text)
    return (int(number[1]), text[number.end() :]) if number else (None, text)
