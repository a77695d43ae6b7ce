"""Hashes by which artefacts are recognised: SHA-256 over bytes, files and canonical JSON."""

from __future__ import annotations

import hashlib
import json
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


def pick(options: int, *key: str) -> int:
    """A stable choice among ``options`` for a key: adding other keys never changes this one's.

    Rendezvous hashing, so that one more option changes only the choices that move to it.
    """
    hashes = _rendezvous(options, key)
    return hashes.index(max(hashes))


def rank(options: int, *key: str) -> list[int]:
    """All ``options`` for a key, the best first, which is the one that ``pick`` gives."""
    hashes = _rendezvous(options, key)
    return sorted(range(options), key=hashes.__getitem__, reverse=True)


def _rendezvous(options: int, key: tuple[str, ...]) -> list[bytes]:
    begun = hashlib.sha256("\x1f".join((*key, "")).encode("utf-8"))
    hashes = []
    for option in range(options):
        own = begun.copy()
        own.update(b"%d" % option)
        hashes.append(own.digest())
    return hashes


def order(*key: str) -> str:
    """A sort key that shuffles: stable for the same words, unrelated to their own order."""
    return of_text("\x1f".join(key))
