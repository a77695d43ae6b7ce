"""What a look at a video collection says: sections of findings and notes, with their tables."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

NO_VIDEOS = "there are no videos"
"""Why a question about videos could not be asked."""


class Finding(BaseModel):
    """One thing that a person should know, and mend where it is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    """Its name for machines: ``variable-rate``."""
    level: Literal["finding", "note"] = "finding"
    """``finding`` where something is wrong; ``note`` where it is only worth knowing."""
    text: str
    """What is so, in a sentence."""
    places: tuple[str, ...] = ()
    """Where: paths, or ``category/class``, each perhaps with why."""
    remedy: str = ""
    """What to do about it; its lines are kept."""


class Table(BaseModel):
    """Figures in rows, as text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    caption: str
    """What the figures are."""
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: bool = False
    """Whether the last row is the sum of the others."""
    figures: bool = True
    """Whether all cells but a row's first are figures, and not words."""
    detail: bool = False
    """Whether it is shown only to those who ask for everything."""


class Section(BaseModel):
    """One question about a collection and its answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """The question's name for machines: ``complete``."""
    title: str
    """The same for people."""
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    unasked: str = ""
    """Why the question could not be asked, where it could not."""

    @property
    def wrong(self) -> int:
        """How many of the findings are more than notes."""
        return sum(finding.level == "finding" for finding in self.findings)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> str:
        """The answer in a few words."""
        if self.unasked:
            return f"not looked at: {self.unasked}"
        notes = len(self.findings) - self.wrong
        said = counted(self.wrong, "finding") if self.wrong else "nothing wrong"
        return f"{said}, {counted(notes, 'note')}" if notes else said


class Report(BaseModel):
    """Everything that was looked at, section by section."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    """What was looked at; empty where it was the machine alone."""
    sections: tuple[Section, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def wrong(self) -> int:
        """How many findings there are in all; notes do not count."""
        return sum(section.wrong for section in self.sections)


def counted(number: int, what: str) -> str:
    """A number with its noun: ``1 video``, ``2 videos``, ``3 categories``, ``2 classes``."""
    if number == 1:
        return f"1 {what}"
    if what.endswith("y"):
        return f"{number:,} {what[:-1]}ies"
    return f"{number:,} {what}{'es' if what.endswith('s') else 's'}"
