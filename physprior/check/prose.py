"""Sentences as sets of stems, so that rules can tell what a text names and how alike two are.

A handful of English endings is all that is folded: enough to know *jaw* from *jaws* and *press*
from *pressing*, and fast enough for a thousand entries in a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_VOWEL = re.compile("[aeiouy]")
# Words without physics. Negations and numbers are none: they tell classes apart.
_LITTLE = frozenset(
    """a an and are as at be because been but by do does each for from had has have he her his how
    if in into is it its itself of off on onto or out over should since so such than that the their
    them then there therefore these they this those through thus to too up upon was were when where
    which while who whose will with would""".split()  # noqa: SIM905 (to be read as a text)
)


def words(text: str) -> list[str]:
    """The words of a text, in lower case and without punctuation; hyphens part words."""
    return _WORD.findall(text.lower())


def stems(text: str) -> frozenset[str]:
    """The stems of the words of a text that carry meaning."""
    return stems_of(words(text))


def stems_of(spoken: Iterable[str]) -> frozenset[str]:
    """The stems of those of the words that carry meaning."""
    return frozenset(map(_STEMS.__getitem__, spoken)) - _NONE


class _Stems(dict[str, str]):
    """Stems by word, each worked out once; a little word's stem is empty."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST:
            self.clear()
        self[word] = "" if word in _LITTLE else stem(word)
        return self[word]


_MOST = 100_000
_STEMS = _Stems()
_NONE = frozenset([""])


def stem(word: str) -> str:
    """A word without its ending: ``jaws`` and ``jaw``, ``released`` and ``release`` are one."""
    word = re.sub("['’]s?$", "", word)
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and _VOWEL.search(rest):
            doubled = rest[-1] == rest[-2] and rest[-1] not in "lsz"
            word = rest[:-1] if doubled else rest
            break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets of stems share, from 0 to 1 (Jaccard's index)."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def names(sentence: frozenset[str], phrases: tuple[frozenset[str], ...]) -> bool:
    """Whether a sentence, as stems, holds all words of at least one of the phrases."""
    return any(phrase <= sentence for phrase in phrases)
