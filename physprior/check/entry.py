"""An entry as the rules see it: the category, its places in the file, and all its sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from physprior.check.prose import stems, stems_of, words
from physprior.knowledge.compose import DataPath
from physprior.knowledge.schema import NORMAL, Category, Normal
from physprior.knowledge.source import Source
from physprior.knowledge.vocabulary import Vocabulary

SentenceKind = Literal[
    "component", "subject", "motion", "phase", "description", "explanation", "reference"
]

FEWEST: dict[SentenceKind, int] = {
    "component": 5,
    "subject": 5,
    "motion": 5,
    "phase": 3,
    "description": 4,
    "explanation": 7,
    "reference": 6,
}
"""The fewest words with which a sentence of each kind can say what it has to."""


@dataclass(frozen=True)
class Sentence:
    """One text of an entry that is written as a sentence."""

    path: DataPath
    kind: SentenceKind
    text: str
    class_id: str = ""
    """The class that it speaks of; empty in the prior."""

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of its words that carry meaning."""
        return stems_of(self.words)

    @property
    def is_whole(self) -> bool:
        """Whether it has words enough to be judged by what it says; else that is its fault."""
        return len(self.words) >= FEWEST[self.kind]

    @cached_property
    def words(self) -> list[str]:
        """Its words, in lower case."""
        return words(self.text)


@dataclass(frozen=True)
class CheckedEntry:
    """One entry under check."""

    category: Category
    source: Source
    vocabulary: Vocabulary | None
    """The closed lists that go for it; None where they are broken themselves."""
    mended: frozenset[DataPath] = frozenset()
    """The values that do not stand in the file as they are here: nothing is said about them."""

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All its sentences, in the order of the schema."""
        return sentences(self.category)

    def of(self, *kinds: SentenceKind) -> Iterator[Sentence]:
        """Its sentences of these kinds."""
        return (sentence for sentence in self.sentences if sentence.kind in kinds)

    @cached_property
    def names(self) -> tuple[tuple[DataPath, str], ...]:
        """The short texts that stand in prompts and statements: names, properties, parts."""
        return names(self.category)

    @cached_property
    def spoken(self) -> frozenset[str]:
        """All words of its texts: what is not among them need not be looked for."""
        names = (words(name) for _, name in self.names)
        return frozenset().union(*names, *(sentence.words for sentence in self.sentences))

    @cached_property
    def whole(self) -> str:
        """All its texts, a line each; likewise for signs that are no words."""
        return "\n".join(text for _, text in self.texts)

    @property
    def texts(self) -> Iterator[tuple[DataPath, str]]:
        """Every text that a model can come to read, with its path."""
        yield from self.names
        yield from ((sentence.path, sentence.text) for sentence in self.sentences)

    @cached_property
    def part_names(self) -> tuple[frozenset[str], ...]:
        """The stems of each part that the prior names: its component's names, its subject's."""
        prior = self.category.prior
        return tuple(stems(name) for name in (*prior.component.names, *prior.subject.parts))


def names(category: Category) -> tuple[tuple[DataPath, str], ...]:
    """The short texts of a category that stand in prompts and statements."""
    found: list[tuple[DataPath, str]] = [(("name",), category.name)]
    component, subject = category.prior.component, category.prior.subject
    for key, texts in (("names", component.names), ("properties", component.properties)):
        found += [(("prior", "component", key, at), text) for at, text in enumerate(texts)]
    found += [(("prior", "subject", "parts", at), t) for at, t in enumerate(subject.parts)]
    found += [(("anomalies", at, "name"), a.name) for at, a in enumerate(category.anomalies)]
    return tuple(found)


def texts(category: Category) -> Iterator[tuple[DataPath, str]]:
    """Every text of a category that a model can come to read, with its path."""
    yield from names(category)
    yield from ((sentence.path, sentence.text) for sentence in sentences(category))


def sentences(category: Category) -> tuple[Sentence, ...]:
    """All sentences of a category, in the order of the schema."""
    prior = category.prior
    found = [
        Sentence(("prior", "component", "statement"), "component", prior.component.statement),
        Sentence(("prior", "subject", "statement"), "subject", prior.subject.statement),
        Sentence(("prior", "motion", "statement"), "motion", prior.motion.statement),
    ]
    for at, phase in enumerate(prior.motion.phases):
        path = ("prior", "motion", "phases", at, "expected")
        found.append(Sentence(path, "phase", phase.expected))
    found += _texts(category.normal, ("normal",), NORMAL)
    for at, anomaly in enumerate(category.anomalies):
        found += _texts(anomaly, ("anomalies", at), anomaly.id)
    return tuple(found)


def _texts(texts: Normal, at: DataPath, class_id: str) -> Iterator[Sentence]:
    for number, text in enumerate(texts.descriptions):
        yield Sentence((*at, "descriptions", number), "description", text, class_id)
    for number, text in enumerate(texts.explanations):
        yield Sentence((*at, "explanations", number), "explanation", text, class_id)
    for number, text in enumerate(texts.references):
        yield Sentence((*at, "references", number), "reference", text, class_id)


def with_heads(parts: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """The stems of each part's name, and of its last word alone: a mark is the inspection mark."""
    whole = [stems(part) for part in parts]
    heads = [stems(part.split()[-1]) for part in parts]
    return tuple(dict.fromkeys(phrase for phrase in (*whole, *heads) if phrase))
