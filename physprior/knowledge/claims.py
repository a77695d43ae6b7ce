"""The folder names that categories claim for their videos, with the places where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior.knowledge.compose import DataPath
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.schema import Category
from physprior.knowledge.source import Source


@dataclass(frozen=True)
class Claim:
    """A folder name under which a category expects its videos: its id or one of its aliases."""

    path: Path
    """The category's file."""
    category: str
    """The category's id."""
    name: str
    """The id or alias as it was typed."""
    position: Position
    """Where it stands."""
    is_id: bool
    """Whether it is the category's id."""


def folder_claims(category: Category, source: Source) -> tuple[Claim, ...]:
    """The folder names that the category of a file claims, its id first."""
    aliases: list[tuple[DataPath, str]] = [
        (("aliases", at), alias) for at, alias in enumerate(category.aliases)
    ]
    return tuple(
        Claim(source.path, category.id, name, source.value(path), path == ("id",))
        for path, name in ((("id",), category.id), *aliases)
    )
