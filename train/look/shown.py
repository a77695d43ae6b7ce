"""A batch as it is shown: rows of tokens with their parts, sums, and what was checked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from physprior.dataset.records import Record

LABEL = "label"
"""Name of the verdict's label among the parts: the tokens that the anomaly score reads."""
PROMPT, VIDEO_RUN, PADDING = "prompt", "video", "padding"


@dataclass(frozen=True)
class Token:
    """One token of a batch's row, or a run of video tokens as one."""

    place: int
    """Its column in the batch."""
    id: int
    text: str
    """What it adds to the text; empty for a piece of a character that the next one ends."""
    part: str
    """Its part kind, or ``label``, ``prompt`` or ``video``."""
    taught: bool
    """Whether it has a target in ``labels``."""
    weight: float
    count: int = 1
    """How many video tokens it stands for."""


@dataclass(frozen=True)
class ShownRecord:
    """One row of a batch."""

    record: Record
    video: str
    """Path of its video."""
    frames: np.ndarray
    """uint8 (frames, 3, side, side), as the batch holds them."""
    moments: tuple[tuple[int, float], ...]
    """Which frames of the video they are: number from 0, and seconds; empty if not known."""
    tokens: tuple[Token, ...]
    """Without the padding."""
    length: int
    """Its tokens, each video token counted."""
    padding: int
    """Tokens of padding behind it."""

    @property
    def stretches(self) -> list[tuple[str, bool, list[Token]]]:
        """Its tokens by neighbours of one part: (part, taught, tokens). A label is of its verdict,
        the video of its prompt.
        """
        whole = {LABEL: "verdict", VIDEO_RUN: PROMPT}

        def kind(token: Token) -> tuple[str, bool]:
            return whole.get(token.part, token.part), token.taught

        return [(*key, list(tokens)) for key, tokens in groupby(self.tokens, key=kind)]


@dataclass(frozen=True)
class PartSum:
    """What one part of all dialogues comes to in the batch."""

    part: str
    tokens: int
    taught: int
    weight: float
    share: float
    """Of the whole weight: how much of the loss is about it, if all tokens were as uncertain."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold of a batch."""

    what: str
    found: str
    """What was seen, or where it does not hold."""
    holds: bool


@dataclass(frozen=True)
class ShownBatch:
    """A batch, read back."""

    records: tuple[ShownRecord, ...]
    sums: tuple[PartSum, ...]
    checks: tuple[Check, ...]
    shape: tuple[int, int]
    """Rows and columns of its tokens."""

    @property
    def sound(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)
