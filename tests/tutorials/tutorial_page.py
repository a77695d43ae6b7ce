"""Reads a tutorial: the steps that a reader would take, in their order.

A page holds what is done in fenced blocks, and a step is one of these:

- ```` ```sh ````: commands, typed into one terminal. All of them succeed, unless a comment
  ``<!-- exits with 1 -->`` stands above the block.
- ```` ```text ```` behind them: what they print to standard output. ``…`` stands for anything on a
  line, a line of ``…`` for any number of lines. Above the block, ``<!-- numbers within 0.1 -->``
  lets each number be off by so much, and ``<!-- numbers within 40% -->`` by that share of it.
- ```` ```python film.py ````: a file that the reader writes.
- ```` ```yaml kb/pendulum.yaml ````: sections of a file that is there, which take the places of
  those with the same names.
- ```` ```diff kb/pendulum.yaml ````: lines that leave a file that is there, and the lines that come
  in their places.

Blocks of any other form are pictures for the eye, and no steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLOCK = re.compile(
    r"(?:^<!-- (?P<remark>[^\n]*) -->\n)?"
    r"^```(?P<language>[a-z]+)(?: (?P<path>\S+))?\n(?P<text>.*?)^```$",
    re.S | re.M,
)
_EXITS = re.compile(r"exits with (\d+)")
_NUMBERS = re.compile(r"numbers within (\d+(?:\.\d+)?)(%?)")


class PageError(Exception):
    """A page that cannot be followed."""


@dataclass(frozen=True)
class Slack:
    """How far a number may be from the one on the page."""

    absolute: float = 0.0
    relative: float = 0.0

    def allows(self, said: float, found: float) -> bool:
        """Whether ``found`` is near enough to what the page says."""
        return abs(found - said) <= max(self.absolute, self.relative * abs(said)) + 1e-9


@dataclass(frozen=True)
class Output:
    """What the page shows below commands; ``slack`` is None where every letter counts."""

    text: str
    slack: Slack | None
    line: int
    """The line of the page where it begins."""


@dataclass(frozen=True)
class Commands:
    """Commands of one block, how the last of them ends, and what they print, if that is shown."""

    text: str
    exits: int
    output: Output | None
    line: int


@dataclass(frozen=True)
class Writing:
    """A file, sections of one, or lines of one: what the reader's editor is for."""

    kind: str
    path: str
    text: str
    line: int


Step = Commands | Writing


def read_steps(page: str) -> list[Step]:
    """The steps of a page. Raises PageError where a block belongs to nothing."""
    steps: list[Step] = []
    waiting: Commands | None = None
    for match in _BLOCK.finditer(page):
        line = page.count("\n", 0, match.start("text")) + 1
        language, path = match["language"], match["path"]
        remark, text = match["remark"] or "", match["text"]
        if language == "text":
            if waiting is None:
                raise PageError(f"line {line}: output below no command")
            steps[-1] = Commands(
                waiting.text, waiting.exits, Output(text, _slack(remark), line), waiting.line
            )
            waiting = None
            continue
        waiting = None
        if language == "sh":
            exits = _EXITS.fullmatch(remark)
            waiting = Commands(text, int(exits[1]) if exits else 0, None, line)
            steps.append(waiting)
        elif path:
            steps.append(Writing(language, path, text, line))
    return steps


def _slack(remark: str) -> Slack | None:
    """The slack that a comment above a block gives."""
    if not remark:
        return None
    found = _NUMBERS.fullmatch(remark)
    if found is None:
        raise PageError(f"'{remark}' is no comment that a tutorial knows")
    return Slack(relative=float(found[1]) / 100) if found[2] else Slack(absolute=float(found[1]))
