"""A mend of a finding: which spans of the file would read otherwise, and whether meaning stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from physprior.knowledge.diagnostic import Position

Fixes = Literal["none", "safe", "unsafe", "safe or unsafe"]
"""What fixes the findings of one kind can have; some of these findings may have none."""


@dataclass(frozen=True)
class Edit:
    """One span of a person's file, and the text that is to stand there."""

    position: Position
    """The span in the file as it is; an empty one is a place to insert at."""
    text: str
    """What is to stand there; its line breaks are LF, whatever the file's are."""


@dataclass(frozen=True)
class Fix:
    """What would mend a finding. All its edits are made, or none is."""

    title: str
    """What it does, as an order on one line: ``rename 'onsett' to 'onset'``."""
    edits: tuple[Edit, ...]
    """Spans that do not touch each other, in any order."""
    safe: bool
    """Whether what the entry says stays what it is; an unsafe fix guesses what was meant."""
