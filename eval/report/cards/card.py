"""What a report shows of each video: the dialogue, what was said and scored, and where from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Word = Literal["normal", "anomalous", "unparsed"]
"""What an answer's words say."""


@dataclass(frozen=True)
class Place:
    """A line of a KB file, or of a template, that a sentence comes from."""

    path: str
    """The file, as one types it where the report is made."""
    line: int
    name: str
    """The value's way within the entry: ``prior.component.statement``; empty of a template."""


@dataclass(frozen=True)
class Sentence:
    """A stretch of a turn that has one origin."""

    text: str
    places: tuple[Place, ...]
    """The KB's values first, then the template's own words; empty where it cannot be told."""


@dataclass(frozen=True)
class CardTurn:
    """A turn, or a part of one."""

    role: str
    """``user`` or ``assistant``."""
    kind: str
    """``prompt``, or the part's kind: ``component``, ``subject``, ``motion``, ``plain``."""
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class ClassTexts:
    """One class of a category: what would be right to say."""

    name: str
    """What a person calls it."""
    references: tuple[Sentence, ...]
    """Why-sentences that are never trained on, each with its place."""
    violates: tuple[Sentence, ...]
    """The phases that the anomaly breaks, as a sound object shows them; empty of ``normal``."""
    place: Place | None
    """Where the class stands in the KB."""


@dataclass(frozen=True)
class CategoryTexts:
    """What all cards of a category have in common."""

    name: str
    """What a person calls the object."""
    dialogue: tuple[CardTurn, ...]
    """What stands before the verdict, part by part: its question last, or what the answer is made
    to begin with (single_turn). Where the model said the history itself, its answers are turns
    without sentences, and each card has its own. Empty where nobody can tell."""
    classes: Mapping[str, ClassTexts]
    """By class id, ``normal`` first, as the KB is now; empty where it does not know the category.
    """
    changed: tuple[str, ...] = ()
    """What is not as it was when the model was asked; then no sentence of the dialogue has a place.
    """


@dataclass(frozen=True)
class Mark:
    """What an encoder or a judge gave an answer."""

    name: str
    """``SBERT score``, ``LLM score``, …"""
    value: float | None
    """0 to 1; None where it is unscored."""
    note: str = ""
    """The judge's reason, the nearest reference, or why it is unscored."""


@dataclass(frozen=True)
class CardAnswer:
    """What one run says of a video."""

    score: float | None
    threshold: float | None
    """Its category's; None where nothing chose one, or no video of the category has a score."""
    above: bool | None
    """Whether the score is above the threshold; None without either."""
    words: Word | None
    """What the words say; None without text."""
    right: bool | None
    """Whether the decision is true: by the score where there is a threshold, else by the words; a
    score that is not there, and unparsed words, are wrong. None where nothing could decide."""
    trouble: float
    """The order of interest, largest first: 1 to 2 for wrong answers, the most confident nearest
    to 2; 0 to 1 for right ones, the least confident nearest to 1; -1 where there is no decision.
    Where the words decide it is 1.5 for wrong ones, 1.25 for those without a verdict (as without a
    score among scored ones), 0.5 for right ones. ``trouble.py`` says what confidence is."""
    text: str | None
    """The whole answer."""
    explanation: str | None
    """Its reason, as explanation scores take it."""
    truncated: bool
    turns: tuple[str, ...]
    """What the model said before the verdict, where the history is generated."""
    description: str | None
    copied: bool | None
    """Whether the explanation is a taught sentence word for word; None where nobody has looked."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Card:
    """One video with what each run says of it."""

    id: str
    video: str
    category: str
    class_id: str
    label: int
    instance: str
    severity: float | None
    """Of a simulated anomaly, 0 to 1; None where the data has none."""
    skipped: str
    """Why the model could not see it; empty where it could."""
    answers: tuple[CardAnswer | None, ...]
    """One a run, the report's own first; None where that run has nothing of it."""


@dataclass(frozen=True)
class Deck:
    """The cards of a report, in the order of ``trouble`` of the first run."""

    runs: tuple[str, ...]
    """A short name a run, the report's own first."""
    categories: Mapping[str, CategoryTexts]
    cards: tuple[Card, ...]
    missing: tuple[str, ...] = ()
    """What cannot be shown, and what would bring it, in sentences."""
