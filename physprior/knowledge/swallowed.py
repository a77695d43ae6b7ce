"""Texts that YAML takes for less or for more than was typed, without an error of its own.

`` #`` ends a text and begins a comment; a list item that is indented too far becomes part of the
item above it; the curly quotation marks of a word processor are letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from physprior.knowledge import codes
from physprior.knowledge.comments import Comment, Text
from physprior.knowledge.complaint import QUOTE_IT, Complaint, ParserError, begins_key_or_item
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.fix import Edit, Fix
from physprior.knowledge.spans import quote
from physprior.knowledge.text import quoted

OWN_COMMENT = "physprior:"
"""How a comment begins that is meant for us."""

_REMEDY = f"{QUOTE_IT}; or put the comment, if it is one, on a line of its own above"
_FINISHED = re.compile("[.!?…][\"'”’)\\]]*$")
_CURLY = {"“": "”", "‘": "’", "„": "“”", "‚": "‘’", "«": "»", "‟": "”"}


def is_swallowed(text: str, comment: str, style: str | None = None) -> bool:
    """Whether what follows a ``#`` was meant to be part of the text before it.

    ``text`` is what stands on the lines of that text, ``comment`` all that follows the ``#``.
    """
    if comment.strip().startswith(OWN_COMMENT):
        return False
    if comment.lstrip("#")[:1].strip():
        return True
    is_prose = len(text.split()) > 1
    return not style and is_prose and not _FINISHED.search(text)


def cut_texts(
    lines: Sequence[str], texts: Sequence[Text], comments: Sequence[Comment]
) -> Iterator[Complaint]:
    """A complaint about each comment that is the rest of a text."""
    ends = {text.position.end_line: text for text in texts}
    for comment in comments:
        if comment.alone or comment.line not in ends:
            continue
        text, line = ends[comment.line], lines[comment.line - 1]
        between = line[text.position.end_column - 1 : comment.column - 1]
        if between.strip() or text.start == text.end or text.style in ("|", ">"):
            continue
        if is_swallowed(_typed(lines, text), line[comment.column :], text.style):
            cut = _cut(line, comment.line, comment.column)
            yield cut if text.style else replace(cut, fix=_quoted(lines, text, cut))


def cut_before(error: ParserError) -> Complaint | None:
    """The comment that cut a text of several lines in two, where an error comes of it."""
    text = error.last
    if text is None or text.style or error.at.line == text.position.end_line:
        return None
    number, end = text.end
    line = error.line_of(number)
    between = [*error.lines[number : error.at.line - 1], error.before]
    goes_on = (
        error.is_misplaced
        and not begins_key_or_item(error.line)
        and all(line.lstrip()[:1] in ("", "#") for line in between)
    )
    if line[end - 1 :].lstrip().startswith("#"):
        column = line.index("#", end - 1) + 1
        if goes_on or is_swallowed(_typed(error.lines, text), line[column:]):
            return _cut(line, number, column)
    elif goes_on and any(line.strip() for line in between):
        return _comment_inside(error, number + 1)
    return None


def cut_key(error: ParserError) -> Complaint | None:
    """The ``#`` that cut a line before its colon."""
    found = re.search(r"\s#", error.opening)
    if found is None or error.opening[0] in "'\"":
        return None
    column = error.began.column + found.end() - 1
    return _cut(error.line_of(error.began.line), error.began.line, column)


def swallowed_items(lines: Sequence[str], position: Position) -> Iterator[Complaint]:
    """A complaint about each line of a text without quotes that looks like an item of a list."""
    for number in range(position.line + 1, position.end_line + 1):
        line = lines[number - 1].strip()
        if line[:1] == "-" and not line[1:2].strip():
            column = lines[number - 1].index("-") + 1
            yield Complaint(
                Position(number, column, number, column + len(line)),
                f"this reads as part of the text that begins on line {position.line}, and not as "
                "an item",
                _item_remedy(lines[position.line - 1], position),
                codes.SWALLOWED_ITEM,
                _item_fix(lines[position.line - 1], number, column),
            )


def _item_fix(first: str, number: int, column: int) -> Fix | None:
    """The item indented like the one on the line ``first``."""
    dash = re.match(r" *(?=- )", first)
    if dash is None:
        return None
    edit = Edit(Position(number, 1, number, column), dash[0])
    return Fix(f"indent the item with {_spaces(dash.end())}", (edit,), safe=False)


def _item_remedy(first: str, position: Position) -> str:
    """What to do about an item in a text that begins on the line ``first``."""
    dash = re.match(r"\s*(?=-\s)", first)
    if dash:
        return f"indent it with {_spaces(dash.end())}, like the item on line {position.line}"
    if first[position.column - 1] == "-":
        return f"write a space after the '-' on line {position.line}"
    return f"move the text above it to an item of its own, if it is one; or {QUOTE_IT}"


def curly(lines: Sequence[str], value: str, position: Position) -> Complaint | None:
    """A complaint about a text that stands as a whole between curly quotation marks."""
    closing = _CURLY.get(value[:1], "")
    inner = value[1:-1]
    if len(value) < 2 or value[-1] not in closing or any(m in inner for m in value[0] + closing):
        return None
    return Complaint(
        position,
        f"the marks {value[0]} and {value[-1]} are part of the text: to YAML they are letters",
        'delete them; or put " in the place of both, if the text needs quotation marks',
        codes.CURLY_QUOTES,
        _straight(lines, position),
    )


def _straight(lines: Sequence[str], position: Position) -> Fix | None:
    """YAML's own marks in the place of the curly ones, where the text has no such marks itself."""
    place = position
    body = "".join(lines[place.line - 1 : place.end_line])
    mark = next((mark for mark in "\"'" if mark not in body and "\\" not in body), None)
    if mark is None:
        return None
    ends = (
        Position(place.line, place.column, place.line, place.column + 1),
        Position(place.end_line, place.end_column - 1, place.end_line, place.end_column),
    )
    edits = tuple(Edit(end, mark) for end in ends)
    return Fix("write straight quotation marks", edits, safe=False)


def _quoted(lines: Sequence[str], text: Text, cut: Complaint) -> Fix:
    """The text with what was cut off, between quotation marks."""
    end = cut.position.end_line, cut.position.end_column
    whole = Position(text.position.line, text.position.column, *end)
    return Fix("put the whole text between quotation marks", quote(lines, whole), safe=False)


def _spaces(count: int) -> str:
    return f"{count or 'no'} space{'' if count == 1 else 's'}"


def _cut(line: str, number: int, column: int) -> Complaint:
    lost = line[column - 1 :].rstrip()
    return Complaint(
        Position(number, column, number, column + len(lost)),
        f"{quoted(lost)} is not part of the text, for a '#' begins a comment",
        _REMEDY,
        codes.SWALLOWED_TEXT,
    )


def _comment_inside(error: ParserError, number: int) -> Complaint:
    """A complaint about a line with a comment alone, in the middle of a text."""
    while not error.line_of(number).strip():
        number += 1
    line = error.line_of(number)
    column = line.index("#") + 1
    return Complaint(
        Position(number, column, number, len(line.rstrip()) + 1),
        f"a comment ends the text above it, which goes on on line {error.at.line}",
        f"move the comment above the whole text; or {QUOTE_IT}, if it belongs to it",
        codes.SWALLOWED_TEXT,
    )


def _typed(lines: Sequence[str], text: Text) -> str:
    """A text of one or more lines as it stands in the file."""
    place = text.position
    body = list(lines[place.line - 1 : place.end_line])
    body[-1] = body[-1][: place.end_column - 1]
    body[0] = body[0][place.column - 1 :]
    return " ".join(body)
