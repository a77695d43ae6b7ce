"""An answer in plain letters, so that disguised ones are read as what they look like.

Full-width and mathematical letters, Cyrillic and Greek ones that look Latin, typographic marks;
accents and what has no width go. Where a place of the plain text lies in the answer is kept.
"""

from __future__ import annotations

import unicodedata

_LOOK_ALIKE = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјкмнорстухӏԁѵգΑΒΕΖΗΙΚΜΝΟΡΤΥΧαιονρυꓐꓠꓳ",
        "ABESIJKMHOPCTYXaesijkmhopctyxldvqABEZHIKMNOPTYXaiovpuBNO",
        strict=True,
    )
)
_MARKS = {
    **dict.fromkeys("’‘ʼ′＇", "'"),
    **dict.fromkeys("“”„«»「」『』", '"'),
    **dict.fromkeys("–—―−‐‑‒→⇒➔", "-"),
    **dict.fromkeys("。｡।。", "."),
    **dict.fromkeys("，、", ","),
    **dict.fromkeys("：∶꞉", ":"),
    "？": "?",
    "！": "!",
    "；": ";",
    "\u2028": "\n",
    "\u2029": "\n",
    "\x85": "\n",
}
_WITHOUT_WIDTH = frozenset({"Mn", "Me", "Cf"})


class Plain:
    """An answer, and the same in plain letters."""

    __slots__ = ("_table", "answer", "text")

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self._table = {} if answer.isascii() else _table(set(answer))
        self.text = answer.translate(self._table) if self._table else answer

    def since(self, place: int) -> str:
        """The answer itself, from a place of the plain text on."""
        if not self._table:
            return self.answer[place:]
        left = len(self.text) - place
        for start in range(len(self.answer), -1, -1):
            if left <= 0:
                return self.answer[start:]
            letter = self.answer[start - 1]
            left -= len(self._table.get(ord(letter), letter))
        return self.answer


def _table(letters: set[str]) -> dict[int, str]:
    # Looked at once a letter and not once a place: a long answer has few different ones.
    found = {ord(letter): _plain(letter) for letter in letters if not letter.isascii()}
    return {code: plain for code, plain in found.items() if plain != chr(code)}


def _plain(letter: str) -> str:
    if (known := _MARKS.get(letter) or _LOOK_ALIKE.get(letter)) is not None:
        return known
    kind = unicodedata.category(letter)
    if kind in _WITHOUT_WIDTH:
        return ""
    if kind == "Zs":
        return " "
    parts = unicodedata.normalize("NFKD", letter)
    bare = "".join(part for part in parts if unicodedata.category(part) not in _WITHOUT_WIDTH)
    return bare if bare and bare.isascii() else letter
