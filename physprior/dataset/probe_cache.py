"""What looks at video files have found, kept in the user's cache: a second look costs a stat.

One SQLite database for all collections. A look is known by the file's real path, size and times of
change, and by the version of the look and of the decoder. It can be deleted at any time; whatever
is wrong with it costs time and no result.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from physprior.video.look import LOOK, Seen
from physprior.video.probe import VideoInfo

MOST = 2_000_000
"""How many looks are kept; those made longest ago go first."""
SAVE_EVERY_S = 5.0
"""Whoever stops a long run loses no more than this."""
_AT_ONCE = 500
_WAIT_S = 10.0
_TABLE = """
CREATE TABLE IF NOT EXISTS looks (
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    found TEXT NOT NULL
)
"""


class Found(NamedTuple):
    """What is known of a file."""

    seen: Seen
    sha256: str


class ProbeCache:
    """The looks of former runs. Without a folder it knows and keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "looks.sqlite" if folder else None
        self._states: dict[Path, tuple[bytes, str]] = {}
        self._new: list[tuple[bytes, str, str]] = []
        self._saved_at = time.monotonic()

    def known(self, paths: Sequence[Path]) -> list[Found | None]:
        """What is known of each file as it is now, or None. Files are not opened."""
        if self._file is None:
            return [None] * len(paths)
        key_of = _Keys().of
        keys = [key_of(path) for path in paths]
        self._states = {path: key for path, key in zip(paths, keys, strict=True) if key}
        rows = self._rows([key[0] for key in keys if key])
        found = [rows.get(key[0]) if key else None for key in keys]
        return [
            _unpacked(row[1]) if key and row and row[0] == key[1] else None
            for key, row in zip(keys, found, strict=True)
        ]

    def keep(self, path: Path, seen: Seen, sha256: str) -> None:
        """Remember a look at a file that ``known`` was asked for."""
        if path not in self._states:
            return
        content = [seen.info.model_dump(mode="json"), seen.content, seen.prints, sha256]
        self._new.append((*self._states[path], json.dumps(content, separators=(",", ":"))))
        if time.monotonic() - self._saved_at > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write what is new. A place that cannot be written is left as it is."""
        self._saved_at = time.monotonic()
        rows, self._new = self._new, []
        if rows:
            self._use(partial(_write, rows))

    def _rows(self, keys: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
        rows: dict[bytes, tuple[str, str]] = {}

        def read(database: sqlite3.Connection) -> None:
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                asked = f"SELECT path, state, found FROM looks WHERE path IN ({marks})"
                for path, state, found in database.execute(asked, some):
                    rows[path] = (state, found)

        self._use(read)
        return rows

    def _use(self, action: Callable[[sqlite3.Connection], None]) -> None:
        """Open the database for an action; what goes wrong with it ends the action alone."""
        assert self._file is not None
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self._file, timeout=_WAIT_S)) as database:
                with contextlib.suppress(sqlite3.OperationalError):
                    database.execute(_TABLE)  # It may be there, and not ours to write.
                action(database)
        except sqlite3.OperationalError:
            return  # Locked for long, read-only, full: others may still want it.
        except sqlite3.DatabaseError:
            # Damaged, or something else of that name: it is made again at the next writing.
            with contextlib.suppress(OSError):
                self._file.unlink()
        except OSError:
            return


class _Keys:
    """The place and state of files; folders, which are few, are resolved once."""

    def __init__(self) -> None:
        self._folders: dict[Path, str] = {}
        self._look = f"{LOOK} av {metadata.version('av')}"

    def of(self, path: Path) -> tuple[bytes, str] | None:
        """None for what cannot be asked."""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return None
        # The time of change too: a copy that keeps the old file's time and size is another file.
        state = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {self._look}"
        if os.path.islink(path):
            return os.fsencode(os.path.realpath(path)), state
        folder = self._folders.get(path.parent)
        if folder is None:
            folder = self._folders[path.parent] = os.path.realpath(path.parent)
        return os.fsencode(os.path.join(folder, path.name)), state


def _write(rows: Sequence[tuple[bytes, str, str]], database: sqlite3.Connection) -> None:
    database.executemany("INSERT OR REPLACE INTO looks (path, state, found) VALUES (?, ?, ?)", rows)
    database.execute(
        "DELETE FROM looks WHERE number <= (SELECT max(number) FROM looks) - ?", (MOST,)
    )
    database.commit()


def _unpacked(packed: str) -> Found | None:
    try:
        info, content, prints, sha256 = json.loads(packed)
        return Found(Seen(VideoInfo.model_validate(info), content, tuple(prints)), str(sha256))
    except (ValueError, TypeError, ValidationError):
        return None  # Not of our making: the file is looked at again.
