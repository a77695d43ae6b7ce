"""Mistakes that YAML reports further on than where they are: the true cause, at its own place."""

from __future__ import annotations

import re
from collections.abc import Callable

from physprior.knowledge import syntax_fixes as fixes
from physprior.knowledge.complaint import QUOTE_IT, Complaint, ParserError
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.swallowed import cut_before, cut_key
from physprior.knowledge.text import quoted

_LIKE_KEY_OR_ITEM = re.compile(r"\s*(?:-\s|[A-Za-z_]\w*:\s)")
_BAD_COLON = re.compile(r"\s*(?:-\s+)*(\w+)(?::(?=[^\s/:])|\s*：\s*|\s+:(?=\S)|\s*=\s+)")
_ITEM_SIGNS = re.compile(r"\s*(?:-\s+)*")


def true_cause(error: ParserError) -> Complaint | None:
    """The mistake that led to an error elsewhere, or None where none is known."""
    return next((found for look in _LOOKS if (found := look(error)) is not None), None)


def _unclosed_quote(error: ParserError) -> Complaint | None:
    """A text whose closing mark is missing runs on to the opening mark of the next one."""
    text = error.last
    if text is None or text.style not in ("'", '"'):
        return None
    place = text.position
    if place.line == place.end_line or place.end_line not in (error.at.line, error.began.line):
        return None
    if not _LIKE_KEY_OR_ITEM.match(error.line_of(place.end_line)[: place.end_column - 1]):
        return None
    return Complaint(
        Position(place.line, place.column, place.line, place.column + 1),
        f"this quotation mark is closed only on line {place.end_line}, where the next {text.style} "
        "stands",
        "put the same mark at the end of the text",
    )


def _cut_key(error: ParserError) -> Complaint | None:
    return cut_key(error) if _wants_colon(error) else None


def _wants_colon(error: ParserError) -> bool:
    return "could not find expected ':'" in error.problem


def _prose_as_key(error: ParserError) -> Complaint | None:
    """A text with ``: `` in it reads as a key, and its next line as nothing at all."""
    if not _wants_colon(error):
        return None
    number = error.above(error.began.line)
    line = error.line_of(number)
    signs = _ITEM_SIGNS.match(line)
    start = signs.end() if signs else 0
    colon = re.search(r":(?:\s|$)", line[start:])
    key = line[start : start + colon.start()] if colon else ""
    if len(key.split()) < 2 or key[0] in "'\"[{#" or start + 1 > error.began.column:
        return None
    column = start + len(key) + 1
    return Complaint(
        Position(number, column, number, column + 1),
        f"this ': ' makes a key of {quoted(key)}, but its text goes on on line {error.began.line}",
        QUOTE_IT,
        fix=fixes.quote_from(error.lines, number, start + 1),
    )


def _bad_colon(error: ParserError) -> Complaint | None:
    """A key with a colon that YAML does not take for one, on the spot's line or above it."""
    if _wants_colon(error):
        number = error.began.line
    elif "mapping values are not allowed" in error.problem and ": " not in error.before:
        number = error.above(error.at.line)
        if _indent(error.line_of(number)) > _indent(error.line):
            return None
    else:
        return None
    line = error.line_of(number)
    found = _BAD_COLON.match(line)
    if found is None:
        return None
    sign = line[found.end(1) : found.end()].strip()
    column = line.index(sign, found.end(1)) + 1
    wrong = "no space follows the colon of"
    if sign != ":":
        wrong = f"{sign!r} stands in place of a colon after"
    return Complaint(
        Position(number, column, number, column + 1),
        f"{wrong} the key {found[1]!r}",
        f"write '{found[1]}: ', with a colon and a space",
        fix=fixes.replace(number, found.end(1) + 1, found.end() + 1, ": ", f"write '{found[1]}: '"),
    )


def _bad_dash(error: ParserError) -> Complaint | None:
    """An item without a space behind its sign."""
    if not (_wants_colon(error) or error.is_misplaced):
        return None
    number = error.began.line if _wants_colon(error) else error.at.line
    found = re.match(r"\s*-(?=[^\s-])", error.line_of(number))
    if found is None:
        return None
    return Complaint(
        Position(number, found.end(), number, found.end() + 1),
        "no space follows the '-' of this item",
        f"write '- ', a hyphen and a space; or {QUOTE_IT}, if the hyphen belongs to it",
        fix=fixes.insert(number, found.end() + 1, " ", "write a space after the '-'"),
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


_LOOKS: tuple[Callable[[ParserError], Complaint | None], ...] = (
    _unclosed_quote,
    cut_before,
    _cut_key,
    _bad_dash,
    _bad_colon,
    _prose_as_key,
)
