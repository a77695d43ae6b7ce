"""Whether an id is still free for a category: no file and no other entry has it."""

from __future__ import annotations

import os
from pathlib import Path

from physprior.errors import KnowledgeError
from physprior.knowledge.folders import folded
from physprior.knowledge.load import VOCABULARY, entry_files, examine
from physprior.knowledge.source import read_source

_REMEDY = "edit that file, or choose another id"


def place_for(category_id: str, kb: Path) -> Path:
    """The file that a new entry is to have. Raises KnowledgeError where its id or file is taken."""
    path = kb / f"{category_id}.yaml"
    if path.name == VOCABULARY:
        raise KnowledgeError(
            f"no category can be called {category_id!r}: {path} holds the words of the KB",
            remedy="choose another id",
        )
    if os.path.lexists(path):
        raise KnowledgeError(f"{path} is there already", remedy=_REMEDY)
    for other in _entries(kb):
        said_id, aliases = _names(other)
        if folded(said_id) == folded(category_id):
            raise KnowledgeError(f"{other} describes {category_id!r} already", remedy=_REMEDY)
        if folded(category_id) in {folded(alias) for alias in aliases}:
            raise KnowledgeError(
                f"{category_id!r} is an alias of the category {said_id!r} in {other}",
                remedy=_REMEDY,
            )
    return path


def _entries(kb: Path) -> list[Path]:
    try:
        return entry_files(kb)
    except KnowledgeError:
        # Without an entry yet, nothing is taken.
        return []


def _names(path: Path) -> tuple[str, list[str]]:
    """The id and the aliases that a file gives its category, also where the entry is broken."""
    entry, _ = examine(path)
    if entry is not None:
        return entry.category.id, list(entry.category.aliases)
    data = read_source(path).data or {}
    said_id, aliases = data.get("id"), data.get("aliases")
    listed = aliases if isinstance(aliases, list) else []
    return (
        said_id if isinstance(said_id, str) else "",
        [alias for alias in listed if isinstance(alias, str)],
    )
