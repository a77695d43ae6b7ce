"""A step of a study: a command of physprior, and the work that it stands for."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Progress = Callable[..., None]
"""Called with (what is done, done, total) and, while training, what is known so far."""
Say = Callable[[str], None]
"""Told a line for people."""
Kind = Literal["prepare", "train", "validate", "open", "test"]


def silent(*_: Any) -> None:
    """Says nothing."""


@dataclass(frozen=True)
class Voices:
    """Who is told what, while a study runs."""

    announce: Say = silent
    """The command that each step stands for, before it is begun."""
    progress: Progress = silent
    """How far a step is."""
    remark: Say = silent
    """What a person should know besides."""


@dataclass(frozen=True)
class Step:
    """One step; what it has done already, it does not do again."""

    kind: Kind
    """What it belongs to; what belongs to ``test`` comes after the test split was opened."""
    command: str
    """The command that would do it alone, or what it does in words behind a ``#``."""
    work: Callable[[Voices], float | None]
    """Does it. Gives the seconds that it took, also if it took them earlier; None: not counted."""
    name: str = ""
    """What is trained or asked, in words."""


def tell_skipped(voices: Voices, skipped: Sequence[str]) -> None:
    """Say that videos could not be used: how many, and one of them with the reason."""
    if skipped:
        one = "a video" if len(skipped) == 1 else f"{len(skipped)} videos, the first"
        voices.remark(f"skipped {one}: {skipped[0]}")


def line(*words: str | object, why: str = "") -> str:
    """A command line, with what no option says behind a ``#``."""
    said = shlex.join(["physprior", *map(str, words)])
    return f"{said}  # {why}" if why else said


def pairs(flag: str, values: Iterable[str]) -> list[str]:
    """A repeatable option, as words of a command line."""
    return [word for value in values for word in (flag, value)]
