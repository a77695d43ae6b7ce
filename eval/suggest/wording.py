"""The words of a sentence that carry its meaning, so that two sentences can be held together."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDING = re.compile(r"(?<=...)(ing|ed|es|s|e|ly)$")
_EMPTY = frozenset(
    _WORD.findall(
        """
        all also and any are back both but can could does during each for from has
        have here how into its itself just less more most much must nor not nothing
        off one only other out over same should since some such than that the their
        them then there therefore these they this those though through too under
        until what when where which while who whole will with within without would
        you
        """
    )
)


def contents(text: str) -> dict[str, str]:
    """The words of ``text`` without grammar's own: each stem with the word as it first stands."""
    found: dict[str, str] = {}
    for word in _WORD.findall(text.casefold()):
        if word not in _EMPTY:
            found.setdefault(_ENDING.sub("", word), word)
    return found


def lacking(text: str, others: Iterable[str]) -> list[str]:
    """The words of ``text`` that none of the others has, in order."""
    said = {stem for other in others for stem in contents(other)}
    return [word for stem, word in contents(text).items() if stem not in said]
