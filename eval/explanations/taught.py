"""What training teaches, to recognise it: an answer, or a reference, that is a taught sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from physprior import fingerprint
from physprior.eval.explanations.items import Item, Sentences


class TaughtSentences:
    """The explanations that a KB teaches; case, blanks and the final stop do not count."""

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences
        self._classes: dict[str, dict[str, set[str]]] = {}
        """Category, then plain sentence, to the classes that it is taught of."""
        for category, classes in sentences.classes.items():
            found: dict[str, set[str]] = defaultdict(set)
            for class_id, texts in classes.items():
                for text in texts.taught:
                    found[plain(text)].add(class_id)
            self._classes[category] = dict(found)

    @cached_property
    def hash(self) -> str:
        """Hash over what is taught."""
        return fingerprint.of_json(
            {
                category: {text: sorted(classes) for text, classes in found.items()}
                for category, found in self._classes.items()
            }
        )

    def classes_of(self, category: str, text: str) -> frozenset[str]:
        """The classes of a category that are explained by ``text``, word for word."""
        return frozenset(self._classes.get(category, {}).get(plain(text), ()))

    def among_references(self, items: Iterable[Item]) -> list[tuple[str, str]]:
        """Category and reference, for each reference of the items that the category teaches."""
        return list(dict.fromkeys(self._taught_references(items)))

    def _taught_references(self, items: Iterable[Item]) -> Iterator[tuple[str, str]]:
        for item in items:
            for reference in item.references:
                if self.classes_of(item.category, reference):
                    yield item.category, reference


def plain(text: str) -> str:
    """A sentence without what does not tell it from another: case, blanks, the final stop."""
    return " ".join(text.casefold().split()).rstrip(" .")
