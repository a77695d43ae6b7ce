"""What new projects and new entries are made of: the files in the folder ``files`` beside this."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "files"


def layout_bytes(name: str) -> bytes:
    """The content of a file."""
    return (_FOLDER / name).read_bytes()


def layout_text(name: str) -> str:
    """The text of a file."""
    return layout_bytes(name).decode("utf-8")
