"""File names that can stand in a list of lines, and how to show those that cannot."""

from __future__ import annotations

import unicodedata

# Control characters, lone surrogates (how Python shows bytes that are not UTF-8), line separators.
_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})


def unusable(name: str) -> bool:
    """Whether a name holds what breaks lines, terminals or UTF-8. Any script's letters are fine."""
    return not name.isprintable() and any(map(_breaks, name))


def shown(name: str) -> str:
    """The name with what breaks written as an escape: ``a\\x0ab.mp4``."""
    if not unusable(name):
        return name
    return "".join(_escaped(letter) if _breaks(letter) else letter for letter in name)


def _escaped(letter: str) -> str:
    if ord(letter) > 127:
        return letter.encode("ascii", "backslashreplace").decode()
    return f"\\x{ord(letter):02x}"


def _breaks(letter: str) -> bool:
    return unicodedata.category(letter) in _BREAKING
