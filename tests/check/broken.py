"""Broken files with one defect each, and the exact finding that a check must have for each.

Most stand in ``broken.txt``, as differences from the sound entry of ``conftest.py``. Those that are
no text, or break by a file's name or neighbours, stand here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from physprior.knowledge.text import LARGEST

_TABLE = Path(__file__).with_name("broken.txt")


@dataclass(frozen=True)
class Broken:
    """One defect, made in the text of a sound entry."""

    title: str
    make: Callable[[str], bytes]
    finding: str
    """``line:column: CODE name: message``; ``{folder}`` stands for where the files lie."""
    remedy: str
    file: str = "pump.yaml"
    beside: dict[str, str] = field(default_factory=dict)
    """Further sound entries: the file of each, with its id."""


def edited(text: str, edits: list[tuple[str, str]]) -> bytes:
    for right, wrong in edits:
        assert text.count(right) == 1, f"{right!r} stands {text.count(right)} times"
        text = text.replace(right, wrong)
    return text.encode()


def _edits(lines: list[str]) -> list[tuple[str, str]]:
    """Pairs of text, of alternating blocks of lines with ``-`` and lines with ``+``."""
    pairs: list[tuple[str, str]] = []
    for block in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)*)", "\n".join([*lines, ""]), re.MULTILINE):
        right, wrong = (re.sub("^[-+]", "", part, flags=re.MULTILINE) for part in block)
        # Without anything in their place, whole lines go.
        pairs.append((right[:-1], wrong[:-1]) if wrong else (right, ""))
    return [
        (right, re.sub(r"<U\+(\w{4})>", lambda found: chr(int(found[1], 16)), wrong))
        for right, wrong in pairs
    ]


def _table() -> Iterator[Broken]:
    for part in re.split(r"^## ", _TABLE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, *lines = part.strip("\n").split("\n")
        edits = _edits(lines[:-2])
        remedy = lines[-1].removeprefix("  remedy: ")
        yield Broken(title, lambda text, edits=edits: edited(text, edits), lines[-2], remedy)


def _bytes(data: bytes) -> Callable[[str], bytes]:
    return lambda text: data


BROKEN = (
    *_table(),
    Broken(
        "a second document",
        lambda text: f"{text}---\nid: other\n".encode(),
        "60:1: S005 several-documents: a second YAML document begins here",
        "keep one category in a file; delete the line '---', or move what follows",
    ),
    Broken(
        "Windows-1252",
        lambda text: text.replace("hand pump\n", "hand pump 5°\n", 1).encode("cp1252"),
        "3:18: S006 encoding: the byte 0xb0 is not UTF-8, which is '°' in Windows-1252",
        "save the file with the encoding UTF-8; every editor offers it",
    ),
    Broken(
        "UTF-16",
        lambda text: text.encode("utf-16"),
        "1:1: S006 encoding: the file is UTF-16, not UTF-8",
        "save the file with the encoding UTF-8; every editor offers it",
    ),
    Broken(
        "a file too large",
        lambda text: text.encode() + b"#" * LARGEST,
        f"1:1: S008 file-size: the file has more than {LARGEST:,} bytes, and no KB entry is that"
        " large",
        "check that this is the file you mean; one entry describes one category",
    ),
    Broken(
        "nothing at all",
        _bytes(b""),
        "1:1: S010 empty-file: the file holds no keys",
        "write what belongs here, or delete it",
    ),
    Broken(
        "comments alone",
        _bytes(b"# A hand pump.\n\n# To be written.\n"),
        "1:1: S010 empty-file: the file holds no keys",
        "write what belongs here, or delete it",
    ),
    Broken(
        "a list",
        _bytes(b"- id: pump\n"),
        "1:1: S011 not-a-mapping: the file is a list, where keys with their values are needed",
        "begin an entry with 'id: ' and the category's id; a space follows each colon",
    ),
    Broken(
        "one text",
        _bytes(b"A hand pump under a press\n"),
        "1:1: S011 not-a-mapping: the file is one text, where keys with their values are needed",
        "begin an entry with 'id: ' and the category's id; a space follows each colon",
    ),
    Broken(
        "a category described twice",
        str.encode,
        "2:5: S019 duplicate-category: the category 'pump' is already described in"
        " {folder}/deep/pump.yaml",
        "give this category an id of its own, or delete one of the files",
        beside={"deep/pump.yaml": "pump"},
    ),
    Broken(
        "a folder name of another category",
        lambda text: edited(text, [("status: rev", "aliases: [Old Pump]\nstatus: rev")]),
        "4:11: R003 shared-name: the folder name 'Old Pump' already means the category 'old_pump'"
        " in {folder}/old_pump.yaml",
        "give each class names of its own, and keep one where a name stands twice",
        beside={"old_pump.yaml": "old_pump"},
    ),
    Broken(
        "a file under another name",
        str.encode,
        "2:5: R004 file-name: the id is 'pump', but the file is pump2.yaml",
        "rename the file to pump.yaml, or write the id that was meant",
        file="pump2.yaml",
    ),
)
