"""PLACEHOLDER, to be overwritten: the report of a study is another's work and not written here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Summary:
    """PLACEHOLDER."""

    folder: Path


def summarise(folder: Path) -> Summary:
    """PLACEHOLDER."""
    return Summary(folder)


def print_summary(summary: Summary) -> None:
    """PLACEHOLDER."""
