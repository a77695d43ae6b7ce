"""The sentences of a KB entry with their places, and how near two of them lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from physprior.dialogue.source_map import kb_value
from physprior.eval.report.cards.card import Place, Sentence
from physprior.knowledge.compose import DataPath
from physprior.knowledge.load import Entry, KnowledgeBase, load_entry
from physprior.knowledge.schema import NORMAL, Anomaly
from physprior.paths import as_typed

if TYPE_CHECKING:
    import numpy as np

    from physprior.eval.explanations.encoder import Encoder

_CLAUSES = re.compile(r"[,;:]|\b(?:and|while|which|as|when)\b")
STATEMENTS = ("component", "subject", "motion")
"""The parts of the prior, in the order in which they are told."""
Pair = tuple[Sentence, Sentence, float]


class EntrySentences:
    """The sentences of one category, each with its place."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._taught: dict[str, tuple[Sentence, ...]] = {}

    @property
    def classes(self) -> tuple[str, ...]:
        """The class ids, ``normal`` first."""
        return tuple(class_id for class_id, _ in self._entry.category.classes())

    def anomaly(self, class_id: str) -> Anomaly | None:
        """An anomaly of the category; None of ``normal``, and where the KB does not know it."""
        return self._entry.category.anomaly(class_id)

    def taught(self, class_id: str) -> tuple[Sentence, ...]:
        """The explanations of a class that training teaches; none of an unknown class."""
        if class_id not in self._taught:
            texts = dict(self._entry.category.classes()).get(class_id)
            root = self._class_path(class_id)
            self._taught[class_id] = tuple(
                self.sentence(text, (*root, "explanations", number))
                for number, text in enumerate(texts.explanations if texts else ())
            )
        return self._taught[class_id]

    def statements(self) -> dict[str, Sentence]:
        """What the prior tells: component, subject and motion."""
        prior = self._entry.category.prior
        texts = (prior.component.statement, prior.subject.statement, prior.motion.statement)
        return {
            name: self.sentence(text, ("prior", name, "statement"))
            for name, text in zip(STATEMENTS, texts, strict=True)
        }

    def phases(self) -> dict[str, Sentence]:
        """Each phase by its id, as a sound object shows it."""
        return {
            phase.id: self.sentence(phase.expected, ("prior", "motion", "phases", at, "expected"))
            for at, phase in enumerate(self._entry.category.prior.motion.phases)
        }

    def field(self, class_id: str, name: str) -> Place:
        """The place of one of an anomaly's own fields: ``onset``, ``evidence``."""
        return self._place((*self._class_path(class_id), name))

    def sentence(self, text: str, path: DataPath) -> Sentence:
        """A text of the entry with its place."""
        return Sentence(text, (self._place(path),))

    def _place(self, path: DataPath) -> Place:
        found = kb_value(self._entry.source, path)
        return Place(as_typed(found.path), found.line, found.name)

    def _class_path(self, class_id: str) -> DataPath:
        if class_id == NORMAL:
            return (NORMAL,)
        ids = [anomaly.id for anomaly in self._entry.category.anomalies]
        return ("anomalies", ids.index(class_id) if class_id in ids else 0)


def entries_of(knowledge: KnowledgeBase, categories: Iterable[str]) -> dict[str, EntrySentences]:
    """The sentences of those categories that the KB has. Raises KnowledgeError as loading does."""
    return {
        name: EntrySentences(load_entry(knowledge.sources[name]))
        for name in dict.fromkeys(categories)
        if name in knowledge.categories
    }


class Nearness:
    """The cosines of sentences that were embedded together."""

    def __init__(self, rows: Mapping[str, np.ndarray]) -> None:
        self._rows = rows

    @classmethod
    def of(cls, entries: Iterable[EntrySentences], encoder: Encoder | None) -> Nearness | None:
        """Of every sentence that is told or taught; None without an encoder."""
        if encoder is None:
            return None
        texts: dict[str, None] = {}
        for entry in entries:
            taught = (one for class_id in entry.classes for one in entry.taught(class_id))
            texts |= dict.fromkeys(one.text for one in (*entry.phases().values(), *taught))
            for statement in entry.statements().values():
                texts |= dict.fromkeys(clauses(statement.text))
        return cls(dict(zip(texts, encoder.encode(list(texts)), strict=True)))

    def cosine(self, one: Sentence, other: Sentence) -> float:
        """The cosine of two sentences."""
        return float(self._rows[one.text] @ self._rows[other.text])

    def tells(self, statement: Sentence, phase: Sentence) -> float:
        """How near a statement, or a clause of it, comes to a phase: cosine."""
        row = self._rows[phase.text]
        return max(float(self._rows[clause] @ row) for clause in clauses(statement.text))

    def nearest(self, one: Sentence, others: Sequence[Sentence]) -> tuple[Sentence, float] | None:
        """The nearest of ``others``, the first of those that are as near."""
        found = [(other, self.cosine(one, other)) for other in others]
        return max(found, key=lambda pair: pair[1], default=None)

    def pairs(self, ones: Sequence[Sentence], others: Sequence[Sentence], top: int) -> list[Pair]:
        """The nearest pairs of two classes, each sentence in one of them at most."""
        every = sorted(
            ((one, other, self.cosine(one, other)) for one in ones for other in others),
            key=lambda pair: -pair[2],
        )
        found: list[Pair] = []
        for pair in every:
            used = {id(side) for known in found for side in known[:2]}
            if len(found) < top and not used & {id(pair[0]), id(pair[1])}:
                found.append(pair)
        return found


def clauses(text: str) -> list[str]:
    """A sentence, and those of its parts that may say something by themselves.

    A long statement tells of several phases: as a whole it is far from each.
    """
    parts = (part.strip(" .") for part in _CLAUSES.split(text))
    return list(dict.fromkeys([text, *(part for part in parts if len(part.split()) >= 3)]))
