"""What is explained: each video's answer beside the sentences that it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from physprior import fingerprint, verdict
from physprior.dataset.references import References
from physprior.errors import PredictionError
from physprior.eval.predictions import Prediction, Predictions
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import ParsedVerdict

Group = Literal["all", "right", "wrong", "anomalous"]
"""All videos; those whose words say what is true; those whose words do not; the anomalous ones."""
GROUPS: tuple[Group, ...] = get_args(Group)
NO_TEXT = "no text"
"""Why an explanation is unscored: the prediction holds a score alone."""
NO_REFERENCE = "no reference"
"""Why one is unscored: its class has nothing that it could be held against."""


@dataclass(frozen=True)
class ClassSentences:
    """The sentences of one class of a category."""

    explanations: tuple[str, ...]
    """References of why; never trained on."""
    descriptions: tuple[str, ...]
    """What is seen."""
    taught: tuple[str, ...]
    """The KB's explanations, which training teaches."""


@dataclass(frozen=True)
class Sentences:
    """The sentences that answers are held against, by category and class."""

    source: str
    """Where the references come from: ``kb``, or the label file's name."""
    hash: str
    """Hash over the references alone: two results by the same ones can be compared."""
    classes: Mapping[str, Mapping[str, ClassSentences]]

    def explanations(self, category: str, class_id: str) -> tuple[str, ...]:
        """The references of a class; none where the source has none."""
        return self.classes[category][class_id].explanations

    def descriptions(self, category: str, class_id: str) -> tuple[str, ...]:
        """What is seen in a class; none where the source says nothing of it."""
        return self.classes[category][class_id].descriptions

    def taught(self, category: str) -> tuple[str, ...]:
        """Every explanation of a category that training teaches, of all its classes."""
        return tuple(text for one in self.classes[category].values() for text in one.taught)


def sentences_of(knowledge: KnowledgeBase, references: References | None = None) -> Sentences:
    """The sentences of a KB, or those of a label file in the place of the KB's references."""
    classes = {
        name: {
            class_id: ClassSentences(texts.references, texts.descriptions, texts.explanations)
            for class_id, texts in category.classes()
        }
        for name, category in knowledge.categories.items()
    }
    if references is None:
        held = {
            name: {
                class_id: [list(one.explanations), list(one.descriptions)]
                for class_id, one in texts.items()
            }
            for name, texts in classes.items()
        }
        return Sentences("kb", fingerprint.of_json(held), classes)
    placed = {
        name: {
            class_id: ClassSentences(
                references.of(name, class_id).explanations,
                references.of(name, class_id).descriptions,
                one.taught,
            )
            for class_id, one in texts.items()
        }
        for name, texts in classes.items()
    }
    return Sentences(references.source, references.hash, placed)


@dataclass(frozen=True)
class Item:
    """One video's answer, and what it is held against."""

    line: Prediction
    parsed: ParsedVerdict | None
    """None where the prediction has no text."""
    references: tuple[str, ...]
    """Of the true class; empty where the source has none."""
    description_references: tuple[str, ...]
    """The same of what is seen."""

    @property
    def id(self) -> str:
        """The video's id."""
        return self.line.id

    @property
    def category(self) -> str:
        """The video's category."""
        return self.line.category

    @property
    def answer(self) -> str | None:
        """The whole text; None where only a score was asked for."""
        return self.line.text

    @property
    def description(self) -> str | None:
        """What the model said it sees; None where it was not asked."""
        return self.line.description

    @property
    def explanation(self) -> str | None:
        """The verdict's reason; the whole text where none can be told apart; None without text."""
        if self.parsed is None or self.line.text is None:
            return None
        told = self.parsed.anomalous is not None and bool(self.parsed.reason.strip())
        return (self.parsed.reason if told else self.line.text).strip()

    @property
    def right(self) -> bool | None:
        """Whether the words say what is true: unparsed ones do not. None without text."""
        return None if self.parsed is None else self.parsed.anomalous == bool(self.line.label)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that the video counts in; without text neither right nor wrong."""
        found: dict[Group, bool] = {
            "all": True,
            "right": self.right is True,
            "wrong": self.right is False,
            "anomalous": bool(self.line.label),
        }
        return tuple(group for group in GROUPS if found[group])


def items_of(predictions: Predictions, sentences: Sentences) -> list[Item]:
    """The items of a predictions file, in its order.

    Raises PredictionError where no prediction has a text, or one is of a class that the KB does not
    know.
    """
    if not any(line.text is not None for line in predictions.predictions):
        raise PredictionError(
            f"{predictions.path} holds no text, and so no explanation",
            remedy="predict without --score-only, or import a table with a text column",
        )
    return [_item(line, predictions, sentences) for line in predictions.predictions]


def _item(line: Prediction, predictions: Predictions, sentences: Sentences) -> Item:
    known = sentences.classes.get(line.category, {}).get(line.class_id)
    if known is None:
        raise PredictionError(
            f"{predictions.path}: {line.id} is of {line.category}/{line.class_id}, which the KB"
            " does not know",
            remedy="name the KB that the dataset was built with: --kb",
        )
    parsed = None
    if line.text is not None:
        parsed = verdict.parse(line.text, truncated=line.truncated)
    return Item(line, parsed, known.explanations, known.descriptions)


def is_empty(text: str) -> bool:
    """Whether nothing of a text is to be seen: blanks, controls and what has no width."""
    return not any(letter.isprintable() and not letter.isspace() for letter in text)
