"""The file of a category, found even while it is broken: an editor is open on it."""

from __future__ import annotations

import re
from pathlib import Path

from physprior.errors import KnowledgeError
from physprior.knowledge.load import entry_files
from physprior.knowledge.source import Source, read_source
from physprior.knowledge.validation import did_you_mean

_ID = re.compile(r"""id[ \t]*:[ \t]*["']?([A-Za-z0-9_-]+)""")


def find_file(folder: Path, category: str) -> Path:
    """The KB file of a folder that describes ``category``, whatever else is wrong with it.

    A file that is called so goes first, then one that gives itself the id. Raises KnowledgeError,
    with the nearest id, where there is none, and where the folder holds no entry.
    """
    files = entry_files(folder)
    ids: dict[str, Path] = {}
    for path in sorted(files, key=lambda path: path.stem != category):
        said = _id(path)
        ids.setdefault(said or path.stem, path)
        if said == category or (not said and path.stem == category):
            return path
    called = next((path for path in files if path.stem == category), None)
    if called is not None:
        return called
    meant = did_you_mean(category, ids)
    raise KnowledgeError(
        f"the knowledge base holds no category {category!r}",
        remedy=f"did you mean {meant!r}?" if meant else f"name one of these: {', '.join(ids)}",
    )


def _id(path: Path) -> str:
    """The id that a file gives itself; empty where it gives none or cannot be opened."""
    try:
        source = read_source(path)
    except KnowledgeError:
        return ""
    if source.data is not None:
        said = source.data.get("id")
        return said if isinstance(said, str) else ""
    return _typed_id(source)


def _typed_id(source: Source) -> str:
    """The id in a file that is no YAML as it stands."""
    found = next(filter(None, map(_ID.match, source.lines)), None)
    return found[1] if found else ""
