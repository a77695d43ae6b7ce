"""Which class an explanation speaks of, whatever class the video shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CategoryConfusion:
    """The classes of one category: what the videos show against what the explanations speak of."""

    category: str
    classes: tuple[str, ...]
    """Class ids in the KB's order, ``normal`` first."""
    counts: tuple[tuple[int, ...], ...]
    """Row: true class. Column: the class whose sentence the explanation is nearest to, and last
    those that are near none, empty, or whose verdict cannot be read."""
    normal: tuple[int, ...]
    """By true class: videos that are called normal, at the threshold or else by the words."""
    anomalous: tuple[int, ...]
    """By true class: videos that it calls anomalous."""


@dataclass(frozen=True)
class Confusion:
    """The confusion of a predictions file."""

    categories: tuple[CategoryConfusion, ...]
    spoken: Mapping[str, str | None]
    """Video id to the class that its explanation speaks of; None where it cannot be told."""
    by: str
    """How the class is told, in a sentence: by taught words, by which encoder, at what bound."""
