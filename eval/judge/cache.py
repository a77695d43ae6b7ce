"""Replies that were paid for once, by content: an sqlite file that all runs share.

It saves money and decides nothing: damaged, locked, read-only or full, it is done without, and
that is said once.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from physprior.endpoint.reply import Reply

_PATIENCE = 2.0
"""Seconds to wait for another process that is writing."""


class ReplyCache:
    """An open cache, or none: every method can be called whatever has become of it."""

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._connection: sqlite3.Connection | None = None
        self.remarks: list[str] = []
        """What the user should know: at most one line."""
        if path is not None:
            self._try_to_open(path)

    def get(self, key: str) -> Reply | None:
        """The reply that was kept under ``key``; None where there is none that can be used."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute(
                "SELECT reply FROM replies WHERE key = ?", (key,)
            ).fetchone()
            return Reply.model_validate_json(row[0]) if row else None
        except ValidationError:
            return None
        except sqlite3.Error as error:
            self._do_without(error)
            return None

    def put(self, key: str, reply: Reply) -> None:
        """Keep a reply that could be read."""
        if self._connection is None:
            return
        try:
            with self._connection:
                self._connection.execute(
                    "INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, reply.model_dump_json())
                )
        except sqlite3.Error as error:
            self._do_without(error)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _try_to_open(self, path: Path) -> None:
        if self._read_only and not path.exists():
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._open(path)
        except (OSError, sqlite3.Error) as error:
            self._do_without(error)

    def _open(self, path: Path) -> sqlite3.Connection:
        if self._read_only:
            return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", _PATIENCE, uri=True)
        connection = sqlite3.connect(path, _PATIENCE)
        # A commit that waits for the disk would hold up the other questions; of a kill -9 nothing
        # is lost this way either.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL)"
            " WITHOUT ROWID"
        )
        return connection

    def _do_without(self, error: Exception) -> None:
        self.close()
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        self.remarks.append(
            f"the cache of replies, {self._path}, cannot be used ({reason}), and is done without;"
            " mend or remove it, or name another folder with --cache"
        )
