"""A source file cut into lines of coloured tokens: what is a comment, a key, a tag."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.source import Source

_KEY = re.compile(r"( *(?:- +)*)([A-Za-z_][\w-]*)(:)(?=\s|$)")
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_KINDS = {"{#": "comment", "{%": "tag", "{{": "value"}
_DEEPEST = 20


@dataclass(frozen=True)
class Token:
    """A stretch of one line."""

    kind: str
    """``comment``, ``key``, ``tag``, ``value``, or empty."""
    text: str


@dataclass(frozen=True)
class Line:
    """One line of a file."""

    number: int
    indent: int
    """Its leading blanks with the signs of list items, at most 20: where it goes on, wrapped."""
    tokens: tuple[Token, ...]
    text: str


def entry_lines(source: Source) -> tuple[Line, ...]:
    """The lines of a KB file, whether it can be read as YAML or not."""
    begins = {comment.line: comment.column for comment in source.comments()}
    return tuple(
        _line(number, text, _entry_tokens(text, begins.get(number)))
        for number, text in enumerate(source.lines, 1)
    )


def template_lines(text: str) -> tuple[Line, ...]:
    """The lines of a template."""
    made: list[Line] = []
    row: list[Token] = []
    for token in _template_tokens(text):
        first, *more = token.text.split("\n")
        row.append(Token(token.kind, first))
        for piece in more:
            made.append(_line(len(made) + 1, "".join(one.text for one in row), row))
            row = [Token(token.kind, piece)]
    if any(one.text for one in row):
        made.append(_line(len(made) + 1, "".join(one.text for one in row), row))
    return tuple(made)


def _line(number: int, text: str, tokens: Iterable[Token]) -> Line:
    lead = re.match(r" *(?:- +)*", text)
    indent = min(lead.end() if lead else 0, _DEEPEST)
    return Line(number, indent, tuple(token for token in tokens if token.text), text)


def _entry_tokens(text: str, comment: int | None) -> Iterator[Token]:
    body = text if comment is None else text[: comment - 1]
    key = _KEY.match(body)
    if key is not None:
        yield from (Token("", key[1]), Token("key", key[2] + key[3]))
        body = body[key.end() :]
    yield Token("", body)
    if comment is not None:
        yield Token("comment", text[comment - 1 :])


def _template_tokens(text: str) -> Iterator[Token]:
    at = 0
    for found in _JINJA.finditer(text):
        yield Token("", text[at : found.start()])
        yield Token(_KINDS[found[0][:2]], found[0])
        at = found.end()
    yield Token("", text[at:])


def marked(line: Line, findings: Iterable[Diagnostic]) -> tuple[Token, ...]:
    """The tokens of a line, cut where a finding begins and ends; its own have ``wrong`` too."""
    wrong: set[int] = set()
    for found in findings:
        end = found.end_column if found.end_line == found.line else len(line.text) + 1
        wrong.update(range(found.column - 1, max(end - 1, found.column)))
    made: list[Token] = []
    at = 0
    for token in line.tokens:
        signs = ((sign, at + place in wrong) for place, sign in enumerate(token.text))
        for is_wrong, run in itertools.groupby(signs, key=lambda pair: pair[1]):
            kind = f"{token.kind} wrong".strip() if is_wrong else token.kind
            made.append(Token(kind, "".join(sign for sign, _ in run)))
        at += len(token.text)
    return tuple(made)
