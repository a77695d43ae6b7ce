"""What an engineer should look at: a failure, what is said instead, and the sentences behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from physprior.eval.report.cards.card import Sentence


@dataclass(frozen=True)
class Said:
    """An explanation that wrong answers give."""

    text: str
    times: int
    class_id: str | None
    """The class it speaks of."""


@dataclass(frozen=True)
class Look:
    """A sentence to look at, and why."""

    sentence: Sentence
    why: str


@dataclass(frozen=True)
class Suggestion:
    """One class of a category that the model fails on."""

    category: str
    class_id: str
    """``normal``: false alarms; else a missed anomaly, or one explained as another."""
    kind: str
    """``missed``, ``false alarm`` or ``wrong reason``."""
    failures: int
    of: int
    """Videos of the class."""
    auroc: float | None
    """Of the anomaly type against normal; of ``normal``, of the category."""
    summary: str
    """What happens, in a sentence."""
    instead: tuple[Said, ...]
    """What it says instead, the most frequent first: ten at most, long ones cut with a mark."""
    confused_with: str | None
    near: tuple[tuple[Sentence, Sentence, float], ...]
    """Sentences of the class and of the one that it is taken for that lie nearest: cosine."""
    look: tuple[Look, ...]
    """Prior sentences, phases and explanations to look at, the likeliest first."""
    videos: tuple[str, ...]
    """Ids of the videos to watch, the most confident failures first."""
    advice: tuple[str, ...]
    """What else to try (frames, onset, evidence), in sentences."""
