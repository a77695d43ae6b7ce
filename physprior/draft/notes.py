"""An engineer's notes: any text, in any language, of a length that a model can be asked about."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from physprior.errors import KnowledgeError

LARGEST = 1_000_000
"""Bytes of a notes file that are read at most."""
MOST_SENT = 200_000
"""Bytes of notes that go to a model at most: some 50,000 tokens."""


@dataclass(frozen=True)
class Notes:
    """Notes that were read."""

    path: Path
    text: str

    @property
    def size(self) -> int:
        """Bytes that are sent of them."""
        return len(self.text.encode("utf-8"))

    @property
    def fenced(self) -> str:
        """The notes between two tags that no text can hold: they carry a hash of what they hold."""
        mark = sha256(self.text.encode("utf-8")).hexdigest()[:16]
        return f'<notes id="{mark}">\n{self.text}\n</notes id="{mark}">'


def read_notes(path: Path) -> Notes:
    """Read notes. Raises KnowledgeError for what is no UTF-8 text, empty, or too long to send."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise KnowledgeError(
            f"cannot read the notes {path}: {error.strerror or error}",
            remedy="name a text file that you may read",
        ) from error
    if len(data) > LARGEST:
        raise KnowledgeError(
            f"{path} has more than {LARGEST:,} bytes, which are too many for notes",
            remedy=f"keep what is said of this object, up to {MOST_SENT:,} bytes, in a file",
        )
    text = _decoded(path, data).strip()
    if not text:
        raise KnowledgeError(f"the notes {path} are empty", remedy="write down what you know")
    notes = Notes(path, text)
    if notes.size > MOST_SENT:
        raise KnowledgeError(
            f"{path} holds {notes.size:,} bytes of notes, and {MOST_SENT:,} are the most that go"
            " to a model",
            remedy="keep what is said of this object, and ask class by class with --class",
        )
    return notes


def _decoded(path: Path, data: bytes) -> str:
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        raise KnowledgeError(
            f"the notes {path} are not UTF-8 text",
            remedy="save them as text with the encoding UTF-8; every editor offers it",
        ) from None
    if "\0" in text:
        raise KnowledgeError(
            f"the notes {path} hold bytes that no text has",
            remedy="save them as text, not as a word processor's file",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")
