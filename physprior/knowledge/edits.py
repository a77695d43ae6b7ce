"""The edits that fixes of a KB file are made of; None where the file's layout leaves a doubt."""

from __future__ import annotations

import re

from physprior.knowledge.compose import DataPath
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.fix import Edit, Fix
from physprior.knowledge.source import Source
from physprior.knowledge.spans import delete_lines, end_of, start_of, typed

_PLAIN_WORDS = re.compile(r"\w[\w -]*")
"""What reads the same with quotation marks and without, in brackets and outside."""


def rename_value(source: Source, path: DataPath, new: str, *, safe: bool) -> Fix | None:
    """Write ``new`` in the place of a word; its quotation marks stay."""
    return _rename(source, source.values.get(path), new, safe)


def rename_key(source: Source, path: DataPath, new: str, *, safe: bool) -> Fix | None:
    """Write ``new`` in the place of a key; its quotation marks stay."""
    return _rename(source, source.keys.get(path), new, safe)


def bracket_value(source: Source, path: DataPath, *, safe: bool) -> Fix | None:
    """Make a list of a text without quotes that stands on one line."""
    place = source.values[path]
    if place.line != place.end_line or typed(source.lines, place)[:1] in tuple("'\"|>"):
        return None
    edits = Edit(start_of(place), "["), Edit(end_of(place), "]")
    return Fix(f"put {typed(source.lines, place)!r} between brackets", edits, safe)


def unbracket_value(source: Source, path: DataPath) -> Fix | None:
    """Make a word of a list in brackets that holds this word alone."""
    whole, item = source.values[path], source.values.get((*path, 0))
    if item is None or whole.line != whole.end_line:
        return None
    before = Position(whole.line, whole.column, item.line, item.column)
    after = Position(item.end_line, item.end_column, whole.end_line, whole.end_column)
    if (typed(source.lines, before).strip(), typed(source.lines, after).strip()) != ("[", "]"):
        return None
    return Fix("take away the brackets", (Edit(before, ""), Edit(after, "")), safe=True)


def delete_item(source: Source, path: DataPath, *, safe: bool) -> Fix | None:
    """Delete an item of a list, which keeps others; not one that a comment goes with."""
    whole, at = source.values.get(path), path[-1]
    if whole is None:
        return None
    title = f"delete the item on line {whole.line}"
    before, after = (source.values.get((*path[:-1], int(at) + step)) for step in (-1, 1))
    holder = source.values[path[:-1]]
    if source.lines[holder.line - 1][holder.column - 1] == "[":
        if before is not None:
            gone = Position(before.end_line, before.end_column, whole.end_line, whole.end_column)
            rest = Position(before.end_line, before.end_column, whole.line, whole.column)
        elif after is not None:
            gone = Position(whole.line, whole.column, after.line, after.column)
            rest = Position(whole.end_line, whole.end_column, after.line, after.column)
        else:
            return None
        is_comma = rest.line == rest.end_line and typed(source.lines, rest).strip() == ","
        is_line = gone.line == gone.end_line
        return Fix(title, (Edit(gone, ""),), safe) if is_comma and is_line else None
    line = source.lines[whole.line - 1]
    if (before or after) is None or line[: whole.column - 1].strip() != "-":
        return None
    edit = delete_lines(source.lines, whole)
    return None if edit is None else Fix(title, (edit,), safe)


def delete_key(source: Source, path: DataPath, *, safe: bool) -> Fix | None:
    """Delete a key with its value, where they have their lines to themselves."""
    key, value = source.keys.get(path), source.values.get(path)
    if key is None or value is None or source.lines[key.line - 1][: key.column - 1].strip():
        return None
    # The place of an empty value may be that of what comes next.
    empty = (value.line, value.column) == (value.end_line, value.end_column)
    end = key if empty else value
    whole = Position(key.line, key.column, end.end_line, end.end_column)
    edit = delete_lines(source.lines, whole)
    return None if edit is None else Fix(f"delete the key {path[-1]!r}", (edit,), safe)


def _rename(source: Source, place: Position | None, new: str, safe: bool) -> Fix | None:
    if place is None or not _PLAIN_WORDS.fullmatch(new):
        return None
    was = typed(source.lines, place)
    if was[:1] in ("'", '"') and was[-1:] == was[:1]:
        place = Position(place.line, place.column + 1, place.line, place.end_column - 1)
        was = was[1:-1]
    # Escapes and folded texts would have to be typed anew.
    if not was or not was.isprintable() or "\\" in was or "'" in was:
        return None
    return Fix(f"write {new!r} for {was!r}", (Edit(place, new),), safe)
