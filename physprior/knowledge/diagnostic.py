"""What is wrong with a file a person wrote, where it stands, and what to do about it.

One type serves the reader of the knowledge base, the checker and every later rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from physprior.knowledge.fix import Fix
from physprior.knowledge.frame import code_frame

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Position:
    """A span of a file: lines and columns from 1, in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Position(1, 1, 1, 1)
"""Where a finding about the file as a whole is shown."""


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One finding about one span of one file; sorts by place, then by code."""

    path: Path
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    """Its code in the table: ``S012``."""
    name: str
    """The code's name: ``unknown-key``."""
    severity: Severity
    message: str
    """What is wrong, on one line."""
    remedy: str
    """What to do about it."""
    fix: Fix | None = field(default=None, compare=False)
    """What would mend it, where that can be told without asking anyone."""

    def concise(self) -> str:
        """The finding on one line: ``file:line:column: CODE name: message``."""
        place = f"{self.path}:{self.line}:{self.column}"
        return f"{place}: {self.code} {self.name}: {self.message}"

    def full(self, source_lines: Sequence[str]) -> str:
        """The finding with the lines of the file around it, a caret below, and the remedy."""
        frame = code_frame(
            source_lines, self.line, self.column, self.end_column if self._on_one_line else None
        )
        return "\n".join([self.concise(), *frame, f"  remedy: {self.remedy}"])

    @property
    def _on_one_line(self) -> bool:
        return self.line == self.end_line
