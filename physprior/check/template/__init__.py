"""A dialogue template as the rules see it: its text, its tree, and the place of everything in it.

Jinja is imported only when a template is read: a check of KB entries alone starts without it.
"""

from __future__ import annotations

import bisect
import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from physprior.check.diagnostic import START, Position
from physprior.check.rule import TemplateFinding
from physprior.check.template.tags import Tag
from physprior.knowledge.text import LARGEST, decode, split_lines
from physprior.paths import DESCRIBE, DRAFTS, RUBRICS

if TYPE_CHECKING:
    from jinja2 import nodes

    from physprior.check.template.names import Names
    from physprior.check.template.outline import Outline

Kind = Literal["dialogue", "question", "rubric", "request"]
"""A mode's dialogue; the question for a description; what a judge, and what a drafter, is asked."""

_WORD = re.compile(r"\s*(\w+)")


def kind_of(path: Path) -> Kind:
    """What a template is by its place: ``describe.j2`` is a question, one in ``judge`` a rubric.

    One in ``draft`` is a request.
    """
    folder = path.absolute().parent.name
    if folder == RUBRICS:
        return "rubric"
    if folder == DRAFTS:
        return "request"
    return "question" if path.stem == DESCRIBE else "dialogue"


@dataclass(frozen=True, eq=False)
class CheckedTemplate:
    """One template under check."""

    path: Path
    text: str
    """Its text, in which each line break is ``\\n``."""
    lines: tuple[str, ...]
    """Its lines, for showing."""
    tree: nodes.Template | None
    """Its syntax tree, None where it does not parse. The ``lineno`` of a node is no line: it is the
    offset in ``text`` of the token that Jinja numbers the node by."""
    tags: tuple[Tag, ...] = ()
    """Its ``{% … %}`` in order."""
    error: TemplateFinding | None = None
    """Where and why it does not parse."""

    def span(self, start: int, length: int) -> Position:
        """The position of ``text[start:start + length]``, which is on one line."""
        line = bisect.bisect_right(self._starts, start)
        column = start - self._starts[line - 1] + 1
        return Position(line, column, line, column + length)

    def word(self, start: int) -> Position:
        """The position of the first word from an offset on; one character where none follows."""
        found = _WORD.match(self.text, start)
        return self.span(start, 1) if found is None else self.span(found.start(1), len(found[1]))

    def line(self, offset: int) -> int:
        """The number of the line that an offset lies on."""
        return self.span(offset, 0).line

    @cached_property
    def kind(self) -> Kind:
        """What it is a template of."""
        return kind_of(self.path)

    @cached_property
    def outline(self) -> Outline | None:
        """Its turns, parts, texts and branches; None where it does not parse."""
        from physprior.check.template.outline import outline_of

        return None if self.tree is None else outline_of(self.tree, self.tags)

    @cached_property
    def names(self) -> Names | None:
        """What it names, held against the schema; None where it does not parse."""
        from physprior.check.template.names import names_of

        return None if self.tree is None else names_of(self.tree, self.text, self.kind)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]


def read_template(path: Path, data: bytes) -> CheckedTemplate:
    """Read the bytes of a template. Never raises over its content.

    ``path`` is for messages, and for the folder in which templates that it includes are looked for.
    """
    error = _unfit(path, data)
    if error is not None:
        return CheckedTemplate(path, "", _shown(data), None, error=error)
    from physprior.check.template.parse import parse

    lines = split_lines(data.decode("utf-8"))
    return parse(CheckedTemplate(path, "\n".join(lines), lines, None))


def _unfit(path: Path, data: bytes) -> TemplateFinding | None:
    """What makes the bytes unfit to be parsed at all."""
    if len(data) > LARGEST:
        return TemplateFinding(
            START,
            f"the file has more than {LARGEST:,} bytes, and no dialogue is that long",
            "check that this is the file you mean; one template holds one dialogue",
        )
    if data.startswith(codecs.BOM_UTF8):
        return TemplateFinding(
            START,
            "the file begins with a byte order mark, which is text outside every turn",
            "save the file as UTF-8 without a byte order mark",
        )
    for found in decode(path, data)[1]:
        place = Position(found.line, found.column, found.end_line, found.end_column)
        return TemplateFinding(place, found.message, found.remedy, found.fix)
    return None


def _shown(data: bytes) -> tuple[str, ...]:
    return split_lines(data[:LARGEST].decode("utf-8", "replace"))
