"""The bytes of a KB file as text and lines: UTF-8, of sane size, with nothing invisible in it."""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_right
from pathlib import Path

from physprior.knowledge import codes
from physprior.knowledge.diagnostic import START, Diagnostic, Position
from physprior.knowledge.fix import Edit, Fix

LARGEST = 250_000
"""The largest KB file that is read, in bytes; the shipped ones have some 6,000.

What is below it is checked within a second, whatever it holds.
"""

# Beside control characters: what counts as a line break to YAML but to no editor, soft hyphens,
# blanks without width, marks that turn the direction of writing, the byte order mark anywhere but
# at the start, and half a surrogate pair. None can be seen on a screen.
_UNWANTED = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\xac\xae-\u200a\u200c-\u2027\u202f-\u205f\u2070-\ud7ff\ue000-\ufefe"
    "\uff00-\ufffd\U00010000-\U0010ffff]"
)
# A wide or unbreakable blank where YAML's structure needs a plain one: at a line's beginning, and
# behind the sign of an item or the colon of a key.
_ODD_BLANK = re.compile(
    r"(?:\A|(?<=[\n\r]))"
    "(?P<before>[ \t-]*|[ \t]*(?:- +)*[A-Za-z_]+:[ \t]*)"
    "(?P<blanks>[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+)"
)
_UNSEEN = frozenset("\u00ad\u200b\u2060\ufeff")
"""Those of the unwanted that leave no trace in what a person reads: without them it reads alike."""
_LIKE_BREAKS = frozenset("\v\f\x1c\x1d\x1e\x85\u2028\u2029")
"""Those that part words, as a line break does."""
_WIDE = "\u3000"
"""A blank of two columns."""
_PLAIN = b"\t\n\r" + bytes(range(0x20, 0x7F))
"""The bytes of most files: all others are looked at by the slower expressions above."""
_BREAK = re.compile("\r\n|\r|\n")


def decode(path: Path, data: bytes) -> tuple[str, list[Diagnostic]]:
    """The text of a file without its byte order mark, and what makes it unfit to be parsed.

    ``data`` may end one byte past LARGEST: more need not be read. With a finding the text is for
    showing alone: it may hold replacement characters.
    """
    if len(data) > LARGEST:
        return "", [_too_large(path)]
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return body.decode("utf-8", "replace"), [_not_utf8(path, body, error.start)]
    if not body.translate(None, _PLAIN):
        return text, []
    if unwanted(text) is not None:
        return text, [_unwanted_character(path, text)]
    if _ODD_BLANK.search(text) is not None:
        return text, [_odd_blank(path, text)]
    return text, []


def unwanted(text: str) -> re.Match[str] | None:
    """The first character that no KB text may hold, or None."""
    return _UNWANTED.search(text)


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of a text without their ends: LF, CRLF or CR, as editors count them."""
    lines = _BREAK.split(text)
    return tuple(lines if lines[-1] else lines[:-1])


def _span(before: str, length: int) -> Position:
    """The position of ``length`` characters that follow ``before``."""
    lines = _BREAK.split(before)
    line, column = len(lines), len(lines[-1]) + 1
    return Position(line, column, line, column + length)


def _places(text: str, spans: list[tuple[int, int]]) -> list[Position]:
    """The positions of many spans, each within a line."""
    starts = [0, *(found.end() for found in _BREAK.finditer(text))]
    places = []
    for start, end in spans:
        line = bisect_right(starts, start)
        column = start - starts[line - 1] + 1
        places.append(Position(line, column, line, column + end - start))
    return places


def _too_large(path: Path) -> Diagnostic:
    return codes.SIZE.at(
        path,
        START,
        f"the file has more than {LARGEST:,} bytes, and no KB entry is that large",
        "check that this is the file you mean; one entry describes one category",
    )


def _not_utf8(path: Path, body: bytes, offset: int) -> Diagnostic:
    if body[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        found = "the file is UTF-16, not UTF-8"
    else:
        byte = body[offset : offset + 1]
        meant = byte.decode("cp1252", "ignore")
        hint = f", which is {meant!r} in Windows-1252" if meant.isprintable() and meant else ""
        found = f"the byte 0x{byte.hex()} is not UTF-8{hint}"
    position = _span(body[:offset].decode("utf-8"), 1)
    return codes.ENCODING.at(
        path, position, found, "save the file with the encoding UTF-8; every editor offers it"
    )


def _unwanted_character(path: Path, text: str) -> Diagnostic:
    found = list(_UNWANTED.finditer(text))
    more = f", and {len(found) - 1:,} more like it" if len(found) > 1 else ""
    return codes.CHARACTER.at(
        path,
        _span(text[: found[0].start()], 1),
        f"the invisible character {code_point(found[0][0])}{more}",
        "delete it; it often comes with text that was pasted from another program",
        _without(text, found),
    )


def _odd_blank(path: Path, text: str) -> Diagnostic:
    found = list(_ODD_BLANK.finditer(text))
    blanks = found[0]["blanks"]
    more = f", and on {_count(len(found) - 1, 'more line')}" if len(found) > 1 else ""
    return codes.CHARACTER.at(
        path,
        _span(text[: found[0].start("blanks")], len(blanks)),
        f"the character {code_point(blanks[0])} stands where YAML wants a plain space{more}",
        "replace it by spaces; it often comes with text that was pasted from another program",
        _with_spaces(text, found),
    )


def _without(text: str, found: list[re.Match[str]]) -> Fix:
    places = _places(text, [one.span() for one in found])
    edits = tuple(
        Edit(place, " " if one[0] in _LIKE_BREAKS else "")
        for place, one in zip(places, found, strict=True)
    )
    safe = all(one[0] in _UNSEEN for one in found)
    return Fix(f"delete {_count(len(found), 'invisible character')}", edits, safe)


def _with_spaces(text: str, found: list[re.Match[str]]) -> Fix:
    edits = []
    places = _places(text, [one.span("blanks") for one in found])
    for place, one in zip(places, found, strict=True):
        blanks = one["blanks"]
        edits.append(Edit(place, " " * (len(blanks) + blanks.count(_WIDE))))
    # How far a wide blank indents is a matter of the font; behind a sign it does not matter.
    safe = not any(_WIDE in one["blanks"] and not one["before"].strip() for one in found)
    return Fix("write plain spaces", tuple(edits), safe)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def code_point(character: str) -> str:
    """A character by its number, with its name where it has one: ``U+00A0 (no-break space)``."""
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def quoted(text: str) -> str:
    """A person's text for a message: in quotes, on one line, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")
