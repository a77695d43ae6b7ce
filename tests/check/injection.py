"""Defects as engineers make them, one rule and one form each, for any sound entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from editing import Entry, Injected

from physprior.check.prose import words

Inject = Callable[[Entry], Injected]


@dataclass(frozen=True)
class Defect:
    """One form of what a rule finds."""

    code: str
    form: str
    inject: Inject
    brings: dict[str, str] = field(default_factory=dict)
    """The codes that it brings with it by its nature, each with the reason."""


DEFECTS: list[Defect] = []


def defect(code: str, form: str, **brings: str) -> Callable[[Inject], Inject]:
    """Put a way to make a defect on the list; ``brings`` says what else it is, and why."""

    def listed(inject: Inject) -> Inject:
        DEFECTS.append(Defect(code, form, inject, brings))
        return inject

    return listed


def swapped(word: str) -> str:
    """A word with two letters in each other's place."""
    middle = next(at for at in range(1, len(word) - 1) if word[at] != word[at + 1])
    return word[:middle] + word[middle + 1] + word[middle] + word[middle + 2 :]


def lowered(text: str) -> str:
    """A sentence as part of a longer one."""
    return text[0].lower() + text[1:].rstrip(".")


def turned(text: str) -> str:
    """A sentence with its second half first; the same words."""
    told = lowered(text).split()
    half = len(told) // 2
    return " ".join([told[half].capitalize(), *told[half + 1 :], *told[:half]]) + "."


def with_other_word(text: str, at: int = 0, word: str = "simply") -> str:
    """A sentence whose longest word, or the one after it in length, is another."""
    told = text.split()
    longest = sorted(range(1, len(told) - 1), key=lambda number: -len(told[number]))[at]
    told[longest] = word
    return " ".join(told)


def in_the_middle(text: str, inserted: str) -> str:
    told = text.split()
    half = len(told) // 2
    return " ".join([*told[:half], inserted, *told[half:]])


FILLER = (
    ", as is seen from the front of the station by the camera that looks at it under the even light"
    " of two lamps from the first picture of the whole sequence up to the very last one of all, and"
    " from there on to what is shown after that on the same table"
)


def stretched(text: str, count: int) -> str:
    """A sentence of exactly so many words, which says no more than it did."""
    told = text.rstrip(".")
    for word in FILLER.split():
        if len(words(told)) < count:
            told += word if word == "," else f" {word}"
    return told + "."
