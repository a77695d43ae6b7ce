"""What an edit changes, as a unified diff that ``patch`` and ``git apply`` can follow."""

from __future__ import annotations

import difflib
import re

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_MISSING = b"\n\\ No newline at end of file\n"


def unified(name: str, before: bytes, after: bytes) -> bytes:
    """The difference of two contents of a file, by the byte; empty where there is none.

    Line ends stay what they are, CR included, so that the patch makes ``after`` to the byte.
    """
    named = name.encode("utf-8", "surrogateescape")
    lines = difflib.diff_bytes(
        difflib.unified_diff, _LINE.findall(before), _LINE.findall(after), named, named
    )
    return b"".join(line if line.endswith(b"\n") else line + _MISSING for line in lines)
