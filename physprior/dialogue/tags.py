"""The template tags user, assistant and part: what makes a template read like its conversation.

    {% user %} … {% enduser %}
    {% assistant %} {% part verdict %} … {% endpart %} {% endassistant %}

The tags leave control characters in the rendered text, from which ``read_turns`` rebuilds the
turns. No KB text can forge them: control characters are refused in YAML and again on rendering.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.ext import Extension

from physprior.dialogue.model import PART_KINDS, Part, Turn

if TYPE_CHECKING:
    from jinja2.parser import Parser

_OPEN, _NAME_ENDS, _CLOSE = "\x02", "\x1f", "\x03"
MARKS = _OPEN + _NAME_ENDS + _CLOSE


class DialogueTags(Extension):
    """Adds ``user``, ``assistant`` and ``part`` to a Jinja environment."""

    tags = {"user", "assistant", "part"}  # noqa: RUF012 (as the base class has it)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Turn one block into its body between marks. Raises TemplateSyntaxError."""
        tag = next(parser.stream)
        name = tag.value
        if name == "part":
            kind = parser.stream.expect("name")
            if kind.value not in PART_KINDS:
                parser.fail(
                    f"unknown part kind '{kind.value}'; the kinds are {', '.join(PART_KINDS)}",
                    kind.lineno,
                )
            name = kind.value
        body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        opened = nodes.Output([nodes.TemplateData(f"{_OPEN}{name}{_NAME_ENDS}")], lineno=tag.lineno)
        closed = nodes.Output([nodes.TemplateData(_CLOSE)], lineno=tag.lineno)
        return [opened, *body, closed]


class LooseTextError(ValueError):
    """The rendered text does not form turns; the message says where and why."""


_TOKEN = re.compile(f"({_OPEN}[a-z]+{_NAME_ENDS}|{_CLOSE})")


def read_turns(rendered: str) -> tuple[Turn, ...]:
    """Rebuild the turns from a rendered text with marks. Raises LooseTextError.

    White space is layout: each part becomes one line, so that a template may be wrapped freely.
    """
    turns: list[Turn] = []
    stack: list[str] = []
    parts: list[Part] = []
    for piece in _TOKEN.split(rendered):
        if piece == _CLOSE:
            closed = stack.pop()
            if closed in ("user", "assistant"):
                turns.append(Turn(role=closed, parts=tuple(parts)))
                parts = []
        elif piece.startswith(_OPEN):
            name = piece[1:-1]
            _check_nesting(name, stack)
            stack.append(name)
        else:
            _take_text(" ".join(piece.split()), stack, parts)
    return tuple(turns)


def text_spans(rendered: str) -> Iterator[tuple[int, int]]:
    """Where the text of each part stands in a rendered text that forms turns, in order."""
    at = 0
    for piece in _TOKEN.split(rendered):
        if piece.strip() and not _TOKEN.fullmatch(piece):
            yield at, at + len(piece)
        at += len(piece)


def _check_nesting(name: str, stack: list[str]) -> None:
    if name in PART_KINDS:
        if stack != ["assistant"]:
            raise LooseTextError(f"the part '{name}' stands outside an assistant turn")
    elif stack:
        raise LooseTextError(f"a {name} turn stands inside the {stack[0]} turn before it")


def _take_text(text: str, stack: list[str], parts: list[Part]) -> None:
    if not text:
        return
    if not stack:
        raise LooseTextError(f"the text '{text[:60]}' belongs to no turn")
    kind = {"user": "prompt", "assistant": "plain"}.get(stack[-1], stack[-1])
    parts.append(Part.model_validate({"kind": kind, "text": text}))
