"""What was found in files that have not changed since, so that checking them again costs little.

One JSON file for each state of the checker: its own code, the libraries under it, Python. A record
is named by the content it was made from. The whole folder can be deleted at any time.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import lru_cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from physprior.check.diagnostic import Diagnostic, Edit, Fix, Position
from physprior.check.examine import TEMPLATE_SUFFIX, Record
from physprior.check.suppress import Suppression
from physprior.check.template import kind_of
from physprior.errors import OutputError
from physprior.files import write_text
from physprior.knowledge.claims import Claim
from physprior.paths import cache_folder

MOST = 20_000
"""How many records are kept; those that were used longest ago go first."""
_INCLUDES = re.compile(rb"\{%[-+]?\s*(?:include|import|from|extends)\b")
_LIBRARIES = ("pydantic", "pydantic-core", "pyyaml", "jinja2")


class Cache:
    """Records by content. Used as a context: what is new is written at its end."""

    def __init__(self, folder: Path | None = None) -> None:
        self.path = (folder or cache_folder() / "check") / f"{checker_state()}.json"
        self._known: dict[str, Any] = {}
        self._used: dict[str, Any] = {}
        self._changed = False

    def __enter__(self) -> Cache:
        try:
            known = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            known = {}
        self._known = known if isinstance(known, dict) else {}
        return self

    def __exit__(self, *raised: object) -> None:
        if not self._changed or raised[0] is not None:
            return
        older = [key for key in self._known if key not in self._used]
        room = max(0, MOST - len(self._used))
        kept = {key: self._known[key] for key in older[len(older) - min(room, len(older)) :]}
        # A place that cannot be written costs time and no result.
        try:
            write_text(self.path, json.dumps({**kept, **self._used}, separators=(",", ":")))
        except OutputError:
            return

    def get(self, key: str, path: Path) -> Record | None:
        """The record of a content, with its findings at ``path``, or None."""
        packed = self._known.get(key)
        if packed is None:
            return None
        try:
            record = _unpack(packed, path)
        except (TypeError, ValueError, IndexError, KeyError):
            return None  # Not of our making: it is made again.
        self._used[key] = packed
        return record

    def put(self, key: str, record: Record) -> None:
        """Keep a record."""
        self._used[key] = _pack(record)
        self._changed = True


def content_key(path: Path, data: bytes, vocabulary: bytes) -> str:
    """What a record depends on, beside the checker: name, content, and the closed lists."""
    made_from = sha256(sha256(vocabulary).digest())
    if path.suffix == TEMPLATE_SUFFIX:
        made_from.update(kind_of(path).encode() + b"\0")
    made_from.update(path.name.encode("utf-8", "surrogateescape") + b"\0")
    made_from.update(data)
    return made_from.hexdigest()


def stands_alone(path: Path, data: bytes) -> bool:
    """Whether what is found in a file depends on no file beside it, as with a template's include.

    Only such a file's record can be kept under the file's own content.
    """
    return path.suffix != TEMPLATE_SUFFIX or not _INCLUDES.search(data)


@lru_cache(maxsize=1)
def checker_state() -> str:
    """A hash of all that decides what the check says: our code, Python and the libraries."""
    state = sha256(sys.version.encode())
    for name in _LIBRARIES:
        state.update(f"{name} {metadata.version(name)}\n".encode())
    for path in _own_code():
        state.update(path.read_bytes())
    return state.hexdigest()[:32]


def _own_code() -> Iterator[Path]:
    package = Path(__file__).resolve().parent.parent
    for room in ("verdict", "knowledge", "check", "dialogue"):
        yield from sorted((package / room).rglob("*.py"))


def _pack(record: Record) -> list[Any]:
    return [
        [_without_path(found) for found in record.diagnostics],
        [
            [claim.category, claim.name, _corners(claim.position), claim.is_id]
            for claim in record.claims
        ],
        [
            [
                _corners(found.position),
                [[code, _corners(position)] for code, position in found.codes],
                found.reason,
                found.first_line,
                found.last_line,
                found.whole and _corners(found.whole),
                found.idle,
            ]
            for found in record.suppressions
        ],
        record.ran,
        record.foreign,
        [
            [at, found.fix.title, found.fix.safe, _packed_edits(found.fix)]
            for at, found in enumerate(record.diagnostics)
            if found.fix is not None
        ],
        record.unwritten,
    ]


def _unpack(packed: Any, path: Path) -> Record:
    diagnostics, claims, suppressions, ran, foreign, fixes, unwritten = packed
    found = [Diagnostic(path, *one) for one in diagnostics]
    for at, title, safe, edits in fixes:
        found[at] = replace(found[at], fix=Fix(title, _edits(edits), safe))
    return Record(
        tuple(found),
        tuple(
            Claim(path, category, name, Position(*at), is_id)
            for category, name, at, is_id in claims
        ),
        tuple(_suppression(path, *one) for one in suppressions),
        tuple(ran),
        bool(foreign),
        int(unwritten),
    )


def _suppression(
    path: Path, at: Any, codes: Any, reason: str, first: int, last: int, whole: Any, idle: bool
) -> Suppression:
    return Suppression(
        path,
        Position(*at),
        tuple((code, Position(*place)) for code, place in codes),
        reason,
        first,
        last,
        whole and Position(*whole),
        idle,
    )


def _corners(position: Position) -> list[int]:
    return [position.line, position.column, position.end_line, position.end_column]


def _without_path(found: Diagnostic) -> list[Any]:
    # Few findings have a fix, and a record that names none for the others is smaller.
    apart = ("path", "fix")
    return [getattr(found, field.name) for field in fields(found) if field.name not in apart]


def _packed_edits(fix: Fix) -> list[list[Any]]:
    return [[_corners(edit.position), edit.text] for edit in fix.edits]


def _edits(packed: Any) -> tuple[Edit, ...]:
    return tuple(Edit(Position(*at), text) for at, text in packed)
