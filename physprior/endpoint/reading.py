"""Reading a model's reply: one JSON object of the asked form, or the reason why it is none.

Nothing is guessed. A reply that could be read in two ways is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from physprior.endpoint.reply import Reply

LONGEST = 100_000
"""The most characters of a reply that is read; what is asked for has some hundred."""
_THOUGHT = re.compile(r"\s*<think>(?:(?!<think>).)*?</think>", re.DOTALL)
_MOST_SHOWN = 30


class Unreadable(Exception):  # noqa: N818 - what became of a reply, not a fault of the program
    """A reply that is not what was asked for; ``reason`` is on one line, fit for a table."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_object(reply: Reply, keys: Iterable[str], *, role: str = "judge") -> dict[str, Any]:
    """The one JSON object of a reply, which has exactly these keys; ``role`` is who sent it.

    Prose, a code fence, and a thought in ``<think>`` before it may stand around it. Raises
    Unreadable.
    """
    found = _the_object(_text(reply, role))
    asked = list(keys)
    missing = [key for key in asked if key not in found]
    if missing:
        raise Unreadable(f"the key '{missing[0]}' is missing")
    unknown = [key for key in found if key not in asked]
    if unknown:
        raise Unreadable(f"an unknown key {shown(unknown[0])}")
    return found


def read_text(value: object, key: str) -> str:
    """A value that must be text. Raises Unreadable."""
    if not isinstance(value, str):
        raise Unreadable(f"{key} is {kind_of(value)}, not text")
    return value


def shown(value: object) -> str:
    """A value of a reply for a message: short, and on one line."""
    text = json.dumps(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _text(reply: Reply, role: str) -> str:
    """The reply's text, where it is whole."""
    if reply.refusal:
        raise Unreadable(f"the {role} refused")
    if reply.finish == "length":
        raise Unreadable("the reply was cut at its length limit")
    if reply.finish == "content_filter":
        raise Unreadable("the endpoint's content filter stopped the reply")
    if not (reply.text or "").strip():
        raise Unreadable("the reply is empty")
    text = str(reply.text)
    if len(text) > LONGEST:
        raise Unreadable(f"the reply has {len(text)} characters; {LONGEST} are the most")
    return _after_thought(text)


def _after_thought(text: str) -> str:
    # Some servers leave a thought in the text. With two ends of it, where it ends is a guess.
    thought = _THOUGHT.match(text)
    return text[thought.end() :] if thought and text.count("</think>") == 1 else text


def _the_object(text: str) -> dict[str, Any]:
    start = text.find("{")
    if start < 0:
        raise Unreadable("no JSON object" if "}" not in text else "a broken JSON object")
    found, end = _decoded(text, start)
    if "{" in text[end:]:
        _decoded(text, text.index("{", end))
        raise Unreadable("more than one JSON object")
    # A brace or bracket that is left over: the object is a piece of something larger.
    before, after = text[:start].rstrip(), text[end:].lstrip()
    if "}" in before + after or before.endswith("[") or after.startswith("]"):
        raise Unreadable("a broken JSON object")
    return found


def _decoded(text: str, start: int) -> tuple[dict[str, Any], int]:
    try:
        return _DECODER.raw_decode(text, start)
    except json.JSONDecodeError:
        raise Unreadable("a broken JSON object") from None
    except RecursionError:
        raise Unreadable("JSON that is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Unreadable(f"the key {shown(key)} stands twice")
        found[key] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise Unreadable(f"{word} is no number")


def _integer(digits: str) -> int | float:
    # Thousands of digits mean nothing, and Python refuses to read them.
    return int(digits) if len(digits) < 20 else float(digits)


def kind_of(value: object) -> str:
    """What a value is, in words: ``text``, ``a list``."""
    kinds = {bool: "true or false", str: "text", list: "a list", dict: "an object"}
    return "null" if value is None else kinds.get(type(value), "a number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_constant=_no_number,
    parse_int=_integer,
    strict=False,  # a line break that stands bare in a text leaves no doubt
)
