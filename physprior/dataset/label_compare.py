"""What a label file's sentences are to each other, and to the sentences that the KB teaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from physprior.dataset.references import Remark, Taught
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL, Category

Place = tuple[str, str, str]
"""Category id, class id, and ``descriptions`` or ``explanations``."""


@dataclass(frozen=True)
class Listed:
    """One list of the label file."""

    path: str
    """Where it stands."""
    sentences: tuple[tuple[str, str], ...]
    """Each with its own place."""


def plain(sentence: str) -> str:
    """A sentence without what makes no other sentence of it: case, blanks, the full stop."""
    return " ".join(sentence.casefold().split()).rstrip(".")


def compare_tasks(found: Mapping[Place, Listed]) -> Iterator[Remark]:
    """A remark for each class that has descriptions and no explanations, or the reverse."""
    held = {(category, task) for category, _, task in found}
    for (category, class_id, task), listed in found.items():
        other = "descriptions" if task == "explanations" else "explanations"
        # A category without any such list has a remark of its own.
        if (category, other) in held and (category, class_id, other) not in found:
            said = f"{category}/{class_id} has {task} and no {other}"
            yield Remark(path=listed.path, said=said)


def compare_classes(found: Mapping[Place, Listed]) -> Iterator[Remark]:
    """A remark for each sentence that stands in two classes of a category: it tells none apart."""
    seen: dict[Place, tuple[str, str]] = {}
    for (category, class_id, task), listed in found.items():
        for path, sentence in listed.sentences:
            key = (category, task, plain(sentence))
            of_class, before = seen.setdefault(key, (class_id, path))
            if of_class != class_id:
                yield Remark(path=path, said=f"the same as {before}, which is of {of_class}")


def find_taught(found: Mapping[Place, Listed], knowledge: KnowledgeBase) -> Iterator[Taught]:
    """The sentences that some entry of the KB teaches."""
    taught: dict[str, tuple[str, str]] = {}
    for category in knowledge.categories.values():
        for field, sentence in _taught_sentences(category):
            taught.setdefault(plain(sentence), (category.id, field))
    for listed in found.values():
        for path, sentence in listed.sentences:
            if place := taught.get(plain(sentence)):
                yield Taught(path=path, category=place[0], where=place[1], sentence=sentence)


def _taught_sentences(category: Category) -> Iterator[tuple[str, str]]:
    prior = category.prior
    yield "prior.component.statement", prior.component.statement
    yield "prior.subject.statement", prior.subject.statement
    yield "prior.motion.statement", prior.motion.statement
    for class_id, texts in category.classes():
        where = NORMAL if class_id == NORMAL else f"anomalies[{class_id}]"
        for at, sentence in enumerate(texts.explanations, start=1):
            yield f"{where}.explanations[{at}]", sentence
