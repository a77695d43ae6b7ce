"""The cards as the page reads them: one JSON object, and blocks of pictures.

The page's own script takes them apart. Nothing here can end a script element, whatever a text
holds; long texts are cut, so that thousands of endless answers still make a page that opens.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from typing import Any

from physprior.eval.report.cards.card import (
    Card,
    CardAnswer,
    CategoryTexts,
    ClassTexts,
    Deck,
    Place,
    Sentence,
)
from physprior.eval.report.strips.strip import Strips

BLOCK = 50
"""Cards whose strips stand in one script element."""
LONGEST_TEXT = 8_000
"""Characters of an answer, a description or a note that the page shows, where all have room."""
MOST_TEXT = 8_000_000
"""Bytes of all these texts together. Where they are more, each is cut at half the length, and so
on down to the shortest limit."""
_SHORTEST_LIMIT = 100
_LONGEST_REASON = 500
"""Characters of why a video was skipped."""
_UNSAFE = "<>&\u2028\u2029"
_NO_ROOM = "left out, so that the page stays small"


def deck_json(deck: Deck, strips: Strips | None) -> str:
    """The JSON of the page, safe between the tags of a script element and in UTF-8."""
    texts, places = _Numbered(), _Numbered()
    whole = {
        "runs": list(deck.runs),
        "categories": {name: _category(one, places) for name, one in deck.categories.items()},
        "videos": [_video(card, strips, texts) for card in deck.cards],
        "strips": _strips(strips),
    }
    listed = [[place.path, place.line, place.name] for place in places.values]
    parts = {name: _dump(value) for name, value in whole.items()}
    parts["places"], parts["texts"] = _dump(listed), _bounded(texts.values)
    inside = ",".join(f'"{name}":{value}' for name, value in parts.items())
    return f"{{{inside}}}"


def strip_blocks(deck: Deck, strips: Strips | None) -> list[str]:
    """The pictures, in the order of the cards: a line each, base64 of a WebP strip, or an empty
    line; ``BLOCK`` cards a block. No block where there are no pictures at all."""
    if strips is None:
        return []
    lines = [
        base64.b64encode(strips.images.get(card.id, b"")).decode("ascii") for card in deck.cards
    ]
    return ["\n".join(lines[start : start + BLOCK]) for start in range(0, len(lines), BLOCK)]


class _Numbered:
    """Values that are said once and meant by their number."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    def text(self, value: str | None) -> int | None:
        return None if value is None else self.number(value)

    @property
    def values(self) -> list[Any]:
        return list(self._numbers)


def _category(one: CategoryTexts, places: _Numbered) -> dict[str, Any]:
    return {
        "name": one.name,
        "changed": list(one.changed),
        "dialogue": [
            {
                "role": turn.role,
                "kind": turn.kind,
                "sentences": _sentences(turn.sentences, places),
            }
            for turn in one.dialogue
        ],
        "classes": {name: _class(texts, places) for name, texts in one.classes.items()},
    }


def _class(one: ClassTexts, places: _Numbered) -> dict[str, Any]:
    return {
        "name": one.name,
        "place": _place(one.place, places),
        "references": _sentences(one.references, places),
        "violates": _sentences(one.violates, places),
    }


def _sentences(sentences: Sequence[Sentence], places: _Numbered) -> list[Any]:
    return [[one.text, [places.number(place) for place in one.places]] for one in sentences]


def _place(place: Place | None, places: _Numbered) -> int | None:
    return None if place is None else places.number(place)


def _video(card: Card, strips: Strips | None, texts: _Numbered) -> dict[str, Any]:
    return {
        "id": card.id,
        "video": card.video,
        "category": card.category,
        "class": card.class_id,
        "label": card.label,
        "instance": card.instance,
        "severity": _number(card.severity),
        "skipped": _cut(card.skipped, _LONGEST_REASON),
        "strip": _has_strip(card, strips),
        "answers": [_answer(one, texts) if one else None for one in card.answers],
    }


def _has_strip(card: Card, strips: Strips | None) -> bool | str:
    """True, or why not; empty where the report has no pictures, or nobody could see the video."""
    if strips is None or card.skipped:
        return ""
    return card.id in strips.images or strips.missing.get(card.id, _NO_ROOM)


def _answer(one: CardAnswer, texts: _Numbered) -> dict[str, Any]:
    return {
        "score": _number(one.score),
        "threshold": _number(one.threshold),
        "above": one.above,
        "words": one.words,
        "right": one.right,
        "trouble": round(one.trouble, 6),
        "text": texts.text(one.text),
        "explanation": texts.text(one.explanation),
        "truncated": one.truncated,
        "turns": [texts.number(turn) for turn in one.turns],
        "description": texts.text(one.description),
        "copied": one.copied,
        "marks": [
            [mark.name, _number(mark.value), texts.text(mark.note or None)] for mark in one.marks
        ],
    }


def _strips(strips: Strips | None) -> dict[str, Any] | None:
    if strips is None:
        return None
    return {
        "frames": strips.frames,
        "width": strips.width,
        "height": strips.height,
        "block": BLOCK,
        "note": strips.note,
        "faithful": strips.faithful,
    }


def _number(value: float | None) -> float | None:
    """Six digits, which is more than a card shows; scores.json has them all."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def _bounded(texts: Sequence[str]) -> str:
    limit = LONGEST_TEXT
    while limit // 2 >= _SHORTEST_LIMIT:
        # What has too many characters has too many bytes, and need not be made to be counted.
        if sum(min(len(text), limit) for text in texts) <= MOST_TEXT:
            dumped = _dump([_cut(text, limit) for text in texts])
            if len(dumped.encode("utf-8")) <= MOST_TEXT:
                return dumped
        limit //= 2
    return _dump([_cut(text, limit) for text in texts])


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … [cut at {limit:,} of {len(text):,} characters]"


def _dump(value: Any) -> str:
    # Half a surrogate pair, which no UTF-8 file can hold, is escaped, and then all is.
    said = _json(value, ascii_only=False)
    said = said if _is_utf8(said) else _json(value, ascii_only=True)
    for sign in _UNSAFE:
        said = said.replace(sign, f"\\u{ord(sign):04x}")
    return said


def _json(value: Any, *, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":"))


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
