"""Texts that YAML takes for less or for more than was typed, without an error of its own.

`` #`` ends a text and begins a comment; a list item that is indented too far becomes part of the
item above it; the curly quotation marks of a word processor are letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from physprior.knowledge import codes
from physprior.knowledge.codes import Code
from physprior.knowledge.comments import Comment, Text
from physprior.knowledge.complaint import QUOTE_IT, Complaint, ParserError, begins_key_or_item
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.text import quoted

OWN_COMMENT = "physprior:"
"""How a comment begins that is meant for us."""

_REMEDY = f"{QUOTE_IT}; or the comment, if it is one, on a line of its own above"
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
            yield _cut(line, comment.line, comment.column)


def cut_before(error: ParserError) -> Complaint | None:
    """The comment that cut a text of several lines in two, where an error comes of it."""
    text = error.last
    if text is None or text.style or "#" not in "".join(_between(error)):
        return None
    line, end = error.line_of(text.position.end_line), text.position.end_column - 1
    rest = line[end:]
    if rest.lstrip().startswith("#"):
        at = line.index("#", end)
        goes_on = not begins_key_or_item(error.line) and error.is_misplaced
        if goes_on or is_swallowed(_typed(error.lines, text), line[at + 1 :]):
            return _cut(line, text.position.end_line, at + 1)
        return None
    if begins_key_or_item(error.line) or not error.is_misplaced:
        return None
    return _comment_inside(error, text.position.end_line + 1)


def cut_key(error: ParserError) -> Complaint | None:
    """The ``#`` that cut a line before its colon."""
    found = re.search(r"\s#", error.opening)
    if found is None or error.opening[0] in "'\"":
        return None
    column = error.began.column + found.end() - 1
    return _cut(error.line_of(error.began.line), error.began.line, column)


def swallowed_items(lines: Sequence[str], position: Position) -> Iterator[Complaint]:
    """A complaint about each line of a text without quotes that looks like an item of a list."""
    first = lines[position.line - 1]
    dash = re.match(r"\s*(?=-\s)", first)
    for number in range(position.line + 1, position.end_line + 1):
        line = lines[number - 1]
        found = re.match(r"\s*-(?:\s+(?=\S)|$)", line)
        if found is None:
            continue
        column = line.index("-") + 1
        place = Position(number, column, number, len(line.rstrip()) + 1)
        if dash:
            remedy = f"indent it with {_spaces(dash.end())}, like the item on line {position.line}"
        elif first[position.column - 1] == "-":
            remedy = f"write a space after the '-' on line {position.line}"
        else:
            remedy = "move the text above it to an item of its own, if it is one; or " + QUOTE_IT
        yield Complaint(
            place,
            f"this reads as part of the text that begins on line {position.line}, and not as an "
            "item",
            remedy,
            codes.SWALLOWED_ITEM,
        )


def curly(value: str, position: Position) -> Complaint | None:
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
    )


def _spaces(count: int) -> str:
    return f"{count or 'no'} space{'' if count == 1 else 's'}"


def _cut(line: str, number: int, column: int) -> Complaint:
    lost = line[column - 1 :].rstrip()
    return Complaint(
        Position(number, column, number, column + len(lost)),
        f"{quoted(lost)} is not part of the text: '#' after a space begins a comment",
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


def _between(error: ParserError) -> list[str]:
    """What stands between the text that was read last and the spot of an error."""
    if error.last is None:
        return []
    line, column = error.last.end
    if error.at.line == line:
        return [error.before[column - 1 :]]
    return [error.line_of(line)[column - 1 :], *error.lines[line : error.at.line - 1]]


def _typed(lines: Sequence[str], text: Text) -> str:
    """A text of one or more lines as it stands in the file."""
    place = text.position
    body = list(lines[place.line - 1 : place.end_line])
    body[-1] = body[-1][: place.end_column - 1]
    body[0] = body[0][place.column - 1 :]
    return " ".join(body)


COMPLAINTS: tuple[Code, ...] = (codes.SWALLOWED_TEXT, codes.SWALLOWED_ITEM, codes.CURLY_QUOTES)
"""The codes of this file."""
