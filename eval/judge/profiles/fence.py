r"""The fence about a model's text, which is data to the judge and may try to be more.

A text stands as a JSON string on one line between two tags, and can close neither:

- every character that builds structure is escaped, ``"`` ``\`` ``<`` ``>`` ``[`` ``]`` ``{`` ``}``
  and the backtick, with all that Unicode holds for a form of them: so no quotation mark, tag, code
  fence, JSON object or chat token (``<|im_end|>``, ``[INST]``) can come from within;
- so is every line break, control, bidirectional mark, and character without width or meaning: the
  judge sees what a person would see, and nothing in the text can start a line;
- the tags carry a nonce that is a hash of the text: no text can hold its own;
- letters, digits and marks of all scripts stay as they are, for the judge is to read them.

A text is cut to the front and the end of it, for the verdict that counts is the last one.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

HEAD = 6_000
"""Of a text that is longer than both, so many characters of the front are shown, as escaped."""
TAIL = 2_000
"""And so many of its end."""

_STRUCTURE = frozenset('"\\<>[]{}`')
_SEEN = frozenset("LMNPS")
"""The first letters of the Unicode categories that have a look of their own."""
_BLANK = frozenset(
    [
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
    ]
)
"""Letters and marks without a look: fillers, joiners, variation selectors, the empty Braille."""


@dataclass(frozen=True)
class Fenced:
    """A text within its fence."""

    text: str
    """The fence and what it holds."""
    nonce: str
    """What both tags carry: 16 hexadecimal digits."""
    left_out: int
    """How many characters of the text are not shown."""


def fence(text: str) -> Fenced:
    """``text`` within a fence that it cannot leave. Linear in its length."""
    # Half a surrogate pair has no UTF-8; the hash only has to differ from text to text.
    nonce = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    lines, left_out = _shown(text)
    length = f'characters="{len(text)}"'
    inside = "\n".join(lines)
    whole = f'<answer id="{nonce}" {length}>\n{inside}\n</answer id="{nonce}">'
    return Fenced(whole, nonce, left_out)


def quote(text: str) -> str:
    """``text`` as a JSON string in which nothing but letters, digits and plain marks is bare."""
    return f'"{escape(text)}"'


def escape(text: str) -> str:
    """``text`` as it stands between the quotation marks of a JSON string."""
    return text.translate(_ESCAPES)


def _shown(text: str) -> tuple[list[str], int]:
    if len(text) <= HEAD + TAIL:
        whole = escape(text)
        if len(whole) <= HEAD + TAIL:
            return [f'"{whole}"'], 0
    # An escaped character is at least as long as it was, so that front and end never meet.
    front = _within(text[:HEAD], HEAD)
    back = _within(reversed(text[-TAIL:]), TAIL)[::-1]
    left_out = len(text) - len(front) - len(back)
    mark = f"(cut: {left_out} characters are left out here)"
    return [f'"{"".join(front)}"', mark, f'"{"".join(back)}"'], left_out


def _within(characters: Iterable[str], most: int) -> list[str]:
    """The first characters, escaped, as many as ``most`` holds."""
    found, length = [], 0
    for character in characters:
        escaped = escape(character)
        length += len(escaped)
        if length > most:
            break
        found.append(escaped)
    return found


class _Escapes:
    """Character to what stands for it, as ``str.translate`` asks."""

    def __getitem__(self, code: int) -> str:
        return _stands_for(code)


@lru_cache(maxsize=20_000)  # more than a text has; ideographs alone are 90,000
def _stands_for(code: int) -> str:
    character = chr(code)
    return character if _stays(character) else _escaped(code)


def _stays(character: str) -> bool:
    if character == " ":
        return True
    if unicodedata.category(character)[0] not in _SEEN or ord(character) in _BLANK:
        return False
    return _STRUCTURE.isdisjoint(unicodedata.normalize("NFKD", character))


def _escaped(code: int) -> str:
    if code == 0x0A:
        return "\\n"
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


_ESCAPES = _Escapes()
