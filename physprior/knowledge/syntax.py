"""YAML's own complaints, put into the words of the engineer who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import yaml

from physprior.knowledge import syntax_fixes as fixes
from physprior.knowledge.causes import true_cause
from physprior.knowledge.comments import Text
from physprior.knowledge.complaint import (
    QUOTE_IT,
    Complaint,
    ParserError,
    begins_key_or_item,
    read_error,
)

# PyYAML's own scanner lets chr() refuse an escape such as "\\Uffffffff".
PARSER_ERRORS = (yaml.YAMLError, ValueError, OverflowError)
"""What either event parser raises over malformed text."""


def explain(error: Exception, lines: Sequence[str], last: Text | None = None) -> Complaint:
    """What a YAML error means; the parser's own words where no better ones are known.

    ``last`` is the text that was read directly before the error, if it was one.
    """
    read = read_error(error, lines, last)
    cause = true_cause(read)
    if cause is not None:
        return cause
    for applies, complain in _COMPLAINTS:
        if applies(read):
            return complain(read)
    return Complaint(read.at, f"not valid YAML: {read.problem}", QUOTE_IT + ", if this is text")


def _tab(error: ParserError) -> Complaint:
    return Complaint(
        error.at,
        "a tab stands where YAML wants spaces",
        "replace the tab by spaces; editors can be set to do so",
        fix=fixes.without_tabs(error.lines),
    )


def _second_colon(error: ParserError) -> Complaint:
    key = error.before.strip()
    if re.search(r":\s", error.before):
        curly = re.search("[“”„«»]", error.before)
        remedy = f"{QUOTE_IT}; to YAML, {curly[0]} is none" if curly else QUOTE_IT
        return Complaint(
            error.at,
            "a second ': ' in a text without quotes reads as another key",
            remedy,
            fix=fixes.quote_value(error.lines, error.at.line),
        )
    return Complaint(
        error.at,
        f"{key!r} reads as part of the text above it, and text without quotes cannot hold ': '",
        f"indent it like the key above, if it is a key; or {QUOTE_IT}",
    )


def _no_colon(error: ParserError) -> Complaint:
    return Complaint(
        error.began,
        "this line is neither 'key: text' nor a list item",
        "put a colon and a space after the key, or indent the line if it continues a text",
    )


def _first_character(error: ParserError) -> Complaint:
    message = f"a text cannot begin with {error.character!r}"
    fix = fixes.quote_from(error.lines, error.at.line, error.at.column)
    return Complaint(error.at, message, QUOTE_IT, fix=fix)


def _sign(error: ParserError) -> Complaint:
    sign = error.opening[:1]
    remedy, fix = QUOTE_IT, fixes.quote_from(error.lines, error.began.line, error.began.column)
    if error.opening[:2] == "* ":
        remedy, fix = f"begin the item with '- '; or {QUOTE_IT}", None
    return Complaint(error.began, f"a text cannot begin with {sign!r}", remedy, fix=fix)


def _open_quote(error: ParserError) -> Complaint:
    return Complaint(
        error.began,
        "this quotation mark is never closed",
        "put the same mark at the end of the text",
    )


def _escape(error: ParserError) -> Complaint:
    return Complaint(
        error.at,
        "a backslash in double quotes does not stand for itself",
        "write two backslashes, or use single quotes",
        fix=fixes.insert(error.at.line, error.at.column, "\\", "write two backslashes")
        if error.character == "\\"
        else None,
    )


def _flow(error: ParserError) -> Complaint:
    bracket = "'['" if "sequence" in error.context else "'{'"
    return Complaint(
        error.began,
        f"what {bracket} opens is not closed as it should be",
        f"close it; or {QUOTE_IT}, if it is one",
    )


def _list_on_key_line(error: ParserError) -> Complaint:
    return Complaint(
        error.at,
        "a list cannot begin on the line of its key",
        f"begin the list on the next line; or {QUOTE_IT}, if it is one",
    )


def _after_close(error: ParserError) -> Complaint:
    mark = error.before.rstrip()[-1]
    within = {
        "'": "; within single quotes, '' is an apostrophe",
        '"': '; within double quotes, \\" is a quotation mark',
    }
    return Complaint(
        error.at,
        f"something follows the {mark} that ends this value",
        "quote the whole text, not a part of it" + within.get(mark, ""),
    )


def _misaligned(error: ParserError) -> Complaint:
    remedy = "indent it with as many spaces as the lines that it belongs to"
    fitting = _nearest_indent(error)
    if fitting is not None:
        number, spaces = fitting
        remedy += f": {spaces or 'no'} space{'' if spaces == 1 else 's'}, if to line {number}"
    return Complaint(
        error.at,
        f"this does not line up with what began on line {error.began.line}",
        remedy,
        fix=fitting and fixes.indent(error.lines, error.at.line, fitting[1]),
    )


def _nearest_indent(error: ParserError) -> tuple[int, int] | None:
    """The line above whose key, or else whose item, is indented most like the spot, and how far."""
    if not begins_key_or_item(error.line):
        return None
    is_item = error.line.lstrip().startswith("-")
    here, found = error.at.column - 1, None
    for number in range(error.at.line - 1, error.began.line - 1, -1):
        line = error.line_of(number)
        signs = re.match(r"\s*((?:-\s+)*)", line)
        if not begins_key_or_item(line) or signs is None or (is_item and not signs[1]):
            continue
        spaces = signs.start(1) if is_item else signs.end()
        if found is None or abs(spaces - here) < abs(found[1] - here):
            found = number, spaces
    return found


def _no_key(error: ParserError) -> Complaint:
    return Complaint(error.at, "a colon without a key before it", "write the key, or " + QUOTE_IT)


def _says(*words: str) -> Callable[[ParserError], bool]:
    return lambda error: any(word in error.problem for word in words)


def _reads(*things: str) -> Callable[[ParserError], bool]:
    return lambda error: any(thing in error.context for thing in things)


def _is_misplaced(error: ParserError) -> bool:
    return error.is_misplaced


_COMPLAINTS: tuple[
    tuple[Callable[[ParserError], bool], Callable[[ParserError], Complaint]], ...
] = (
    (lambda e: "tab" in e.problem or e.character == "\t", _tab),
    (_says("mapping values are not allowed"), _second_colon),
    (_says("could not find expected ':'"), _no_colon),
    (_reads("an alias", "an anchor", " a tag", "directive", "block scalar"), _sign),
    (_says("undefined tag handle"), _sign),
    (_says("cannot start any token", "mapping keys are not allowed"), _first_character),
    (lambda e: "node content" in e.problem and e.character in tuple(",]}"), _first_character),
    (
        lambda e: (
            "quoted scalar" in e.context
            and "document" not in e.problem
            and "end of stream" not in e.problem
        ),
        _escape,
    ),
    (_reads("quoted scalar"), _open_quote),
    (_reads("flow"), _flow),
    (_says("sequence entries are not allowed"), _list_on_key_line),
    (lambda e: _is_misplaced(e) and e.character == ":" and not e.before.strip(), _no_key),
    (lambda e: _is_misplaced(e) and e.before.rstrip()[-1:] in tuple("'\"]}"), _after_close),
    (_is_misplaced, _misaligned),
)
