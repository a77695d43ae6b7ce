"""A text as YAML spells it: plain where that is certain, between quotation marks where it is not.

What is spelt here is parsed again before it is kept: these are proposals, the nicest first.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Literal

import yaml

Style = Literal["plain", "single", "double"]
"""How a text is written: without quotation marks, between ``'``, or between ``"``."""

WIDTH = 100
"""Columns after which a long text goes on on the next line."""
# Cautious on purpose: what merely might be read as something else is put between quotation marks.
_ENDS_PLAIN = re.compile(r":(?:\s|$)|\s#|[\t\n\r]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def style_of(first: str) -> Style:
    """The style of a text in a file, by its first character there."""
    return {'"': "double", "'": "single"}.get(first, "plain")  # type: ignore[return-value]


def spellings(
    text: str, style: Style, *, start: int, indent: int, width: int = WIDTH
) -> Iterator[str]:
    """Ways to write ``text``, in this style first; the last one is always right.

    ``start`` is the column, from 0, that it begins in, and ``indent`` the one that its further
    lines begin in. A ``width`` of 0 keeps it on one line.
    """
    if style == "plain" and is_plain(text):
        yield _wrapped(text, start, indent, width)
        yield text
    if style == "single" and not re.search(r"[\t\n\r]", text):
        doubled = text.replace("'", "''")
        yield _wrapped(f"'{doubled}'", start, indent, width)
        yield f"'{doubled}'"
    quoted = f'"{"".join(_ESCAPES.get(sign, sign) for sign in text)}"'
    yield _wrapped(quoted, start, indent, width)
    yield quoted


def is_plain(text: str) -> bool:
    """Whether a text can surely stand without quotation marks, for us and for any YAML reader."""
    if not text[:1].isalnum() or text != text.strip() or _ENDS_PLAIN.search(text):
        return False
    # ``no`` and ``1.10`` are texts here; another reader of the file would take them for values.
    known = yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], [])
    return not any(pattern.match(text) for _, pattern in known)


def _wrapped(text: str, start: int, indent: int, width: int) -> str:
    """``text`` over several lines; as it is where a line break would not be read as one blank."""
    if not width or start + len(text) <= width or "  " in text or not text.isprintable():
        return text
    lines = textwrap.wrap(
        text,
        max(width - indent, 20),
        initial_indent=" " * max(start - indent, 0),
        break_long_words=False,
        break_on_hyphens=False,
    )
    lines[0] = lines[0].lstrip(" ")
    if " ".join(lines) != text or any(_misread(line) for line in lines[1:]):
        return text
    return ("\n" + " " * indent).join(lines)


def _misread(line: str) -> bool:
    """Whether a person, or YAML, would take a further line for the beginning of something."""
    return not (line[0].isalnum() or line[0] in "(\"'") or re.match(r"[\w-]+:", line) is not None
