"""Hashes by which artefacts are recognised: SHA-256 over bytes, files and canonical JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def of_bytes(data: bytes) -> str:
    """SHA-256 of ``data`` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def of_text(text: str) -> str:
    """SHA-256 of ``text`` in UTF-8."""
    return of_bytes(text.encode("utf-8"))


def of_json(value: Any) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys and its layout."""
    return of_text(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def of_file(path: Path) -> str:
    """SHA-256 of a file's content, read in pieces. Raises OSError where it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def pick(options: Sequence[str], *key: str) -> int:
    """The place of a stable choice among ``options`` for a key: other keys never change it.

    Rendezvous hashing over the options themselves: one more, wherever it is put in, changes only
    the choices that move to it, and one less only those that it had.
    """
    hashes = _rendezvous(options, key)
    return hashes.index(max(hashes))


def rank(options: Sequence[str], *key: str) -> list[int]:
    """The places of all ``options`` for a key, first the one that ``pick`` gives."""
    hashes = _rendezvous(options, key)
    return sorted(range(len(hashes)), key=hashes.__getitem__, reverse=True)


def _rendezvous(options: Sequence[str], key: tuple[str, ...]) -> list[bytes]:
    begun = hashlib.sha256("\x1f".join((*key, "")).encode("utf-8"))
    hashes = []
    for option in options:
        own = begun.copy()
        own.update(option.encode("utf-8"))
        hashes.append(own.digest())
    return hashes


def order(*key: str) -> str:
    """A sort key that shuffles: stable for the same words, unrelated to their own order."""
    return of_text("\x1f".join(key))
