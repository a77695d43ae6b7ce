"""A dialogue for the terminal: turn by turn, below each sentence the places that it comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from physprior.dialogue.source_map import SourceMap
from physprior.knowledge.source import Source
from physprior.paths import as_typed
from physprior.preview.origins import Finder, Origin
from physprior.preview.stretches import stretches

WIDTH = 98
Style = Literal["title", "turn", "prompt", "plain", "component", "subject", "motion", "verdict"]


@dataclass(frozen=True)
class Row:
    """One line of the terminal."""

    text: str
    style: Style | Literal["origin"]
    """What it is, for its colour."""


def rows(made: SourceMap, source: Source, title: str) -> Iterator[Row]:
    """A dialogue in lines of at most 98 characters; paths stay whole.

    ``source`` is the KB file that it was made from.
    """
    finder = Finder(source)
    yield Row(title, "title")
    for number, turn in enumerate(made.turns, 1):
        for part in turn.parts:
            kind = "" if part.kind in ("prompt", "plain") else f", {part.kind}"
            yield Row("", "turn")
            yield Row(f"{number} {turn.role}{kind}", "turn")
            for stretch in stretches(part):
                for line in _wrapped("".join(text for text, _ in stretch)):
                    yield Row(line, part.kind)
                said = [_said(origin) for origin in finder.of(stretch)]
                width = max(map(len, (where for where, _ in said)), default=0)
                for where, what in said:
                    yield Row(f"      {where:<{width}}  {what}".rstrip(), "origin")


def _said(origin: Origin) -> tuple[str, str]:
    decides = "  (read by a condition or loop around it)" if origin.decides else ""
    return f"{as_typed(origin.path)}:{origin.line}", origin.what + decides


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
