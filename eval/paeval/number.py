"""Reads the number in a judge's free text: what is unambiguous, and nothing that is a guess.

The rules stand in docs/explanations.md, each with an example. A line or sentence that holds a
number may hold nothing else but words that call it a score; the others must hold no digit.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from physprior.dataset.label_json import kind
from physprior.dataset.names import shown

LONGEST = 4000
"""The longest text, in characters, in which a number is looked for."""
SCALES = (1, 10, 100)
"""What a number may be out of."""
NAMES = frozenset(
    {"score", "scores", "similarity", "rating", "value", "answer", "result", "mark", "grade"}
)
"""What a reply may call its number; words without one of them say nothing of what it is."""
HIGHEST = frozenset({"highest", "maximum", "max"})
"""What the similarity may be called: the highest score may as well be the end of the scale."""
ABOUT = frozenset({"about", "around", "approximately", "approx", "roughly"})
"""What may stand before a number, with or without a name for it."""
FILLERS = HIGHEST | ABOUT | {"a", "an", "the", "my", "final", "overall", "is", "of"}
"""What may stand about a name."""

_MARKUP = frozenset({"json", "text", "boxed"})
_LAYOUT = frozenset(" \t\ufeff。：.,:;=!*_`\"'“”‘’()[]{}#~≈-–—→|•\\$")
_SAME = {
    ord(theirs): ours
    for theirs, ours in {"．": ".", "٫": ".", "，": ",", "％": "%", "٪": "%", "／": "/"}.items()
} | {ord(minus): "-" for minus in "−－"}
_BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_PLAIN = re.compile(r"[0-9](?:\.[0-9]{1,20})?")
_TAG = re.compile(r"</?[A-Za-z][\w-]{0,40}>")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_LISTING = re.compile(r"[(\[#]?\d[.):\]]+")
_EMPHASIS = re.compile(r"[\s*_`]+")
_LED = re.compile(r"(?:[:=：]|\bis|\bof)[\W_]*$")
_RANGE = re.compile(  # "on a scale of 0 to 1", which speaks of every mark and is none
    r"(?:on\s+)?(?:(?:an?|the)\s+)?(?:(?:scale|range)\s+(?:of|from)\s+)?(?:between\s+|from\s+)?"
    r"(?<![\w.,-])(?:[(\[]\s*0(?:\.0+)?\s*,\s*1(?:\.0+)?\s*[)\]]"
    r"|0(?:\.0+)?\s*(?:to|and|-|–|\.\.)\s*1(?:\.0+)?(?![\w%/]|[.,][\d.]|\s*[%/–-]))",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"(?P<sign>[+\-–—]?)(?P<number>\d{1,400}(?:[.,]\d{1,400})?|(?<!\.)\.\d{1,400})"
    r"(?P<exponent>e[+-]?\d{1,3})?"
    r"(?:\s*(?P<percent>%|percent\b)|\s*(?:/|out\s+of)\s*(?P<whole>\d{1,9}(?:[.,]0{1,2})?(?![.,]?\d)))?",
    re.IGNORECASE,
)


class UnreadError(ValueError):
    """Why a reply is no number, in words fit for a table."""


def is_bare(reply: Any) -> bool:
    """Whether a reply is a plain number: one of JSON, or a text of digits and a point alone."""
    if isinstance(reply, str):
        return len(reply) <= LONGEST and _BARE.fullmatch(reply.strip()) is not None
    return isinstance(reply, int | float) and not isinstance(reply, bool)


def read_number(reply: Any) -> float:
    """The number from 0 to 1 that a reply says. Raises UnreadError where it says none for sure."""
    if isinstance(reply, str) and _PLAIN.fullmatch(plain := reply.strip()):
        return _within(Decimal(plain), plain)  # nearly all are, and a file may hold many
    if isinstance(reply, str):
        return _from_text(reply)
    if isinstance(reply, bool) or not isinstance(reply, int | float):
        raise UnreadError(f"{kind(reply)} and no text")
    if isinstance(reply, float) and not math.isfinite(reply):
        raise UnreadError("not a finite number")
    return _within(Decimal(reply), str(reply))


def _from_text(text: str) -> float:
    if not text.strip():
        raise UnreadError("empty")
    if len(text) > LONGEST:
        raise UnreadError(f"too long for a number ({len(text):,} characters)")
    units = list(_units(_TAG.sub(" ", _with_ascii_digits(text))))
    marked = [(unit, mark) for unit in units for mark in _marks(unit)]
    values = {_value(mark) for _, mark in marked}
    if not marked:
        raise UnreadError("no number")
    if len(values) > 1:
        listed = ", ".join(mark[0].strip() for _, mark in marked[:5])
        raise UnreadError(f"several numbers: {shown(listed[:60])}")
    unit, mark = marked[0]
    if any(map(_words, units)) and _counts(unit, mark):
        raise UnreadError(f"a number that may count something: {shown(unit.strip()[:60])}")
    return _within(values.pop(), mark[0])


def _with_ascii_digits(text: str) -> str:
    """Any script's decimal digits as ours; other numbers (½, ⁵, Ⅷ) would change what is said."""
    found = []
    for sign in text.translate(_SAME):
        if (digit := unicodedata.decimal(sign, None)) is not None:
            found.append(str(digit))
        elif unicodedata.category(sign) in ("No", "Nl"):
            raise UnreadError(f"a number that is no decimal: {sign}")
        else:
            found.append(sign)
    return "".join(found)


def _units(text: str) -> Iterator[str]:
    """Lines and sentences; a line that runs on into the next is one with it."""
    unit = ""
    for line in text.splitlines():
        runs_on = unit.rstrip(", \t")[-1:].isalpha() or line.lstrip()[:1].islower()
        if line.strip() and unit.strip() and runs_on:
            unit = f"{unit} {line}"
        else:
            yield from _SENTENCE.split(unit)
            unit = line
    yield from _SENTENCE.split(unit)


def _marks(unit: str) -> list[re.Match[str]]:
    """The numbers of a line or sentence. Raises UnreadError where it says something else too."""
    unit = _RANGE.sub(" ", unit)
    marks = list(_MARK.finditer(unit))
    if marks:
        _refuse_others(_MARK.sub(" ", unit), unit)
    return marks


def _refuse_others(rest: str, unit: str) -> None:
    words = _words(rest)
    for word in words:
        if word not in NAMES | FILLERS:
            raise UnreadError(f"a number beside other words: {shown(word[:40])}")
    named = NAMES & {"similarity"} if HIGHEST & {*words} else NAMES
    if not named & {*words} and {*words} - ABOUT:
        raise UnreadError(f"a number that nothing calls a score: {shown(unit.strip()[:60])}")
    strange = {*_WORD.sub("", rest)} - _LAYOUT
    if strange or re.search(r"#\d", unit):
        sign = min(strange, default="#")
        raise UnreadError(f"a number beside {sign if sign.isprintable() else f'U+{ord(sign):04X}'}")


def _words(text: str) -> list[str]:
    return [word for found in _WORD.findall(text) if (word := found.casefold()) not in _MARKUP]


def _counts(unit: str, mark: re.Match[str]) -> bool:
    """Whether a whole number may count: ``1. The leak is named``, ``Answer 1``."""
    if not mark[0].isdigit():
        return False
    if not _words(unit):
        return _LISTING.fullmatch(_EMPHASIS.sub("", unit)) is not None
    return _LED.search(mark.string[: mark.start()]) is None


def _value(mark: re.Match[str]) -> Decimal:
    number = mark["number"]
    first, separator, decimals = number.replace(",", ".").partition(".")
    if len(first) > 1 and first.startswith("0"):
        raise UnreadError(f"a number that begins with 0: {number[:40]}")
    if "," in number and first != "0" and len(decimals) == 3:
        raise UnreadError(f"a comma that may part thousands: {number}")
    if "," in number and mark.string[: mark.start()].rstrip().endswith(("[", "(", "{")):
        raise UnreadError(f"a comma that may part a list: {number}")
    value = Decimal(f"{first or 0}{separator}{decimals}{mark['exponent'] or ''}")
    value = -value if mark["sign"] in ("-", "–", "—") else value
    whole = Decimal(100 if mark["percent"] else (mark["whole"] or "1").replace(",", "."))
    if whole not in SCALES:
        raise UnreadError(f"out of {whole}, and not of {', '.join(map(str, SCALES))}")
    if whole > 1 and 0 < value < 1:
        raise UnreadError(f"a fraction out of {whole}: {mark[0].strip()[:40]}")
    return value / whole


def _within(value: Decimal, said: str) -> float:
    if not 0 <= value <= 1:
        raise UnreadError(f"outside 0 to 1: {said.strip()[:40]}")
    return abs(float(value))
