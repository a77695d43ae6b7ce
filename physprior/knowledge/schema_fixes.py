"""Fixes of what breaks the schema: words that differ from the right one by how they are typed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from physprior.knowledge.compose import DataPath
from physprior.knowledge.edits import (
    bracket_value,
    delete_key,
    rename_key,
    rename_value,
    unbracket_value,
)
from physprior.knowledge.fix import Fix
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.knowledge.source import Source
from physprior.knowledge.spans import quote

_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_WORD_LISTS = ("actions", "names", "properties", "parts", "aliases", "violates")


def of_key(source: Source, path: DataPath, meant: str) -> Fix | None:
    """A key that is not known becomes the one that is meant, where that is not there already."""
    holder = at(source, path[:-1])
    if not meant or not isinstance(holder, dict) or meant in holder:
        return None
    return rename_key(source, path, meant, safe=folded(str(path[-1])) == meant)


def of_id(source: Source, path: DataPath, value: str, fitting: str) -> Fix | None:
    """An id is folded, where no other one is folded to the same."""
    if not _ID.fullmatch(fitting) or not _is_alone(source, path, fitting):
        return None
    # Capitals, blanks and hyphens are how a word is typed; other signs may be a part of it.
    safe = folded(value) == fitting and (path != ("id",) or source.path.stem == fitting)
    return rename_value(source, path, fitting, safe=safe)


def of_key_id(source: Source, path: DataPath, key: str, fitting: str) -> Fix | None:
    """A key that is an id is folded, where no other one is folded to the same."""
    holder = at(source, path[:-1])
    if not _ID.fullmatch(fitting) or sum(folded(other) == fitting for other in holder) > 1:
        return None
    return rename_key(source, path, fitting, safe=folded(key) == fitting)


def of_choice(source: Source, path: DataPath, value: str, known: str, meant: str) -> Fix | None:
    """A value becomes the allowed one that is meant."""
    if not meant or meant not in re.findall("'([^']*)'", known):
        return None
    return rename_value(source, path, meant, safe=folded(value) == meant)


def of_type(source: Source, path: DataPath, value: Any, needed: str) -> Fix | None:
    """Brackets around a word come or go; a text that reads as a mapping is quoted."""
    if needed == "a list" and isinstance(value, str) and path[-1] in _WORD_LISTS:
        if not re.fullmatch(r"\w[\w -]*(,\s*\w[\w -]*)*", value):
            return None
        return bracket_value(source, path, safe="," not in value)
    if needed == "one word" and isinstance(value, list) and len(value) == 1:
        return unbracket_value(source, path) if isinstance(value[0], str) else None
    if needed == "text" and isinstance(value, dict) and len(value) == 1:
        place = source.values[path]
        is_text = all(isinstance(part, str) for part in value.values())
        is_block = source.lines[place.line - 1][place.column - 1] not in "{'\""
        if is_text and is_block:
            return Fix("quote the text", quote(source.lines, place), safe=False)
    return None


def of_empty(source: Source, path: DataPath) -> Fix | None:
    """An optional key without a value goes: the entry says the same without it."""
    return delete_key(source, path, safe=True)


def at(source: Source, path: DataPath) -> Any:
    """The value of a path that is there."""
    value: Any = source.data
    for part in path:
        value = value[part]
    return value


def _is_alone(source: Source, path: DataPath, fitting: str) -> bool:
    """Whether nothing beside an id has, or would be given, the same one."""
    if path[-1] != "id" or len(path) == 1:
        others = at(source, path[:-1]) if isinstance(path[-1], int) else []
        return _times(others, fitting) <= 1
    if path[0] == "anomalies" and fitting in NORMAL_FOLDERS:
        return False
    siblings = at(source, path[:-2])
    return _times((item.get("id") for item in siblings if isinstance(item, dict)), fitting) <= 1


def _times(ids: Iterable[Any], fitting: str) -> int:
    return Counter(folded(other) for other in ids if isinstance(other, str))[fitting]
