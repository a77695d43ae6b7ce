"""Which rules are listened to: ``--select`` and ``--ignore``, by code, its beginning, or name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from physprior.check.rules import rules
from physprior.errors import KnowledgeError
from physprior.knowledge.codes import CODES


@dataclass(frozen=True)
class Selection:
    """The codes of the rules that are listened to. The reader and the schema always are."""

    codes: frozenset[str]

    def __contains__(self, code: object) -> bool:
        return code in self.codes


def selection(select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Selection:
    """All rules, or those of ``select``, without those of ``ignore``.

    Each item names rules as ``R001``, ``R``, ``unknown-phase``, or several of these with commas
    between. Raises KnowledgeError for an item that names none.
    """
    every = frozenset(rule.code for rule in rules())
    selected = _meant(select) if select else every
    if not selected:
        raise KnowledgeError(
            "the selection names no rule, and a check that looks at nothing must not pass",
            remedy="name rules, as in '--select R,hedging', or leave the option out",
        )
    always = frozenset(code.code for code in CODES)
    return Selection((selected - _meant(ignore)) | always)


def _meant(items: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for item in (part.strip() for text in items for part in text.split(",")):
        if item:
            found |= _one(item)
    return frozenset(found)


def _one(item: str) -> set[str]:
    codes = {
        rule.code
        for rule in rules()
        if rule.code.startswith(item.upper()) or rule.name == item.lower()
    }
    if codes:
        return codes
    if any(code.code.startswith(item.upper()) or code.name == item.lower() for code in CODES):
        raise KnowledgeError(
            f"{item!r} is found by the reader and the schema, which are always listened to",
            remedy="name rules alone; 'physprior kb rule' lists them",
        )
    known = [name for rule in rules() for name in (rule.code, rule.name)]
    close = difflib.get_close_matches(item, known, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise KnowledgeError(
        f"no rule has the code or name {item!r}",
        remedy=f"{meant}'physprior kb rule' lists them",
    )
