"""A drafter's reply as proposals: what it says of this entry, or why it says nothing of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from physprior.draft.wish import KEYS, TEXTS, Wish
from physprior.endpoint.reading import Unreadable, kind_of, read_object, read_text, shown
from physprior.endpoint.reply import Reply
from physprior.knowledge.compose import DataPath

ROLE = "drafter"
"""What the model is asked as."""


@dataclass(frozen=True)
class Proposal:
    """One text, or one phase, that a model proposes."""

    path: DataPath
    """The list that it is for, or the key."""
    value: str | Mapping[str, str]
    """A sentence or a name; a phase's id and what is expected in it."""
    is_item: bool
    """Whether it is one of a list."""

    @property
    def text(self) -> str:
        """It on one line."""
        if isinstance(self.value, str):
            return self.value
        return f"{self.value['id']}: {self.value['expected']}"


def read_reply(wish: Wish, category: str, reply: Reply) -> tuple[list[Proposal], str]:
    """The proposals in a reply, and a remark or nothing. Raises Unreadable.

    A reply about another category or class is none to this question.
    """
    keys = ("category", *(("class", "sentences") if wish.class_id else wish.keys))
    found = read_object(reply, keys, role=ROLE)
    _refuse_other(found, "category", category)
    if not wish.class_id:
        return [proposal for key in wish.keys for proposal in _of_key(key, found[key])], ""
    _refuse_other(found, "class", wish.class_id)
    texts = list(_texts(found["sentences"], "sentences"))
    proposals = [Proposal(wish.path, text, is_item=True) for text in texts[: wish.count]]
    more = len(texts) - wish.count
    return proposals, f"{more} more than were asked for are left out" if more > 0 else ""


def _refuse_other(found: Mapping[str, Any], key: str, asked: str) -> None:
    said = read_text(found[key], key)
    if said != asked:
        raise Unreadable(f"it answers about the {key} {shown(said)}, and not {shown(asked)}")


def _of_key(key: str, value: object) -> Iterator[Proposal]:
    if key == "motion_phases":
        for phase in _list(value, key):
            yield Proposal(KEYS[key], _phase(phase), is_item=True)
    elif key in TEXTS:
        for text in _texts(value, key):
            yield Proposal(KEYS[key], text, is_item=True)
    else:
        yield Proposal(KEYS[key], _text(value, key), is_item=False)


def _phase(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Unreadable(f"a phase is {kind_of(value)}, not an object")
    if sorted(value) != ["expected", "id"]:
        raise Unreadable("a phase does not have the keys id and expected, and no others")
    return {key: _text(value[key], f"a phase's {key}") for key in ("id", "expected")}


def _texts(value: object, key: str) -> Iterator[str]:
    for text in _list(value, key):
        yield _text(text, f"one of {key}")


def _list(value: object, key: str) -> list[Any]:
    if not isinstance(value, list):
        raise Unreadable(f"{key} is {kind_of(value)}, not a list")
    if not value:
        raise Unreadable(f"{key} is empty")
    return value


def _text(value: object, key: str) -> str:
    text = read_text(value, key).strip()
    if not text:
        raise Unreadable(f"{key} is empty")
    return text
