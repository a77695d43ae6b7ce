"""The sentences that are withheld from training: a reference is for scoring, and never taught."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from physprior import fingerprint
from physprior.dataset.leaks import plain
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Withheld:
    """The references of a whole KB, ready to be looked for in texts."""

    sentences: tuple[tuple[str, str, str, str], ...]
    """Category, class, the reference as it is written, and as it is looked for."""
    _free: set[str] = field(default_factory=set, compare=False, repr=False)
    """Texts that were looked through and hold none."""

    @classmethod
    def of(cls, knowledge: KnowledgeBase) -> Withheld:
        """The references of every category, also of those that have no video."""
        return cls(
            tuple(
                (category.id, class_id, reference, plain(reference))
                for category in knowledge.categories.values()
                for class_id, texts in category.classes()
                for reference in texts.references
            )
        )

    @property
    def hash(self) -> str:
        """Hash of the references: where it is the same, what was asserted still holds."""
        return fingerprint.of_json([list(sentence[:3]) for sentence in self.sentences])

    def refuse(self, category: str, texts: Iterable[str]) -> None:
        """Raise DatasetError where a text that is taught of ``category`` holds a reference."""
        for text in texts:
            if text in self._free:
                continue
            looked_through = plain(text)
            for of_category, class_id, reference, looked_for in self.sentences:
                if looked_for in looked_through:
                    raise DatasetError(
                        f"{of_category}, {class_id}: a reference sentence, which is kept for"
                        f" scoring, would be taught in {category}: “{reference}”",
                        remedy=f"word it anew in kb/{of_category}.yaml: a sentence is taught or"
                        " tested",
                    )
            self._free.add(text)
