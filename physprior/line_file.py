"""A file of lines that is only appended to, by one process at a time, and outlives a kill.

What stands before the last line break is whole; what follows it is half a line of a process that
was stopped.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from physprior import files
from physprior.errors import PhyspriorError, PredictionError


class LineFile:
    """An open file of lines: locked for as long as it is open, and flushed line by line."""

    def __init__(
        self, path: Path, what: str, error: Callable[..., PhyspriorError] = PredictionError
    ) -> None:
        """Open or make the file at ``path``; ``what`` its lines are called in messages.

        Raises ``error`` where another process has it open, OutputError where it cannot be written.
        """
        self.path = path
        self._what = what
        self._error = error
        self._stream = self._open_alone()

    def content(self) -> bytes:
        """All that stands in the file. Raises OutputError where it cannot be read."""
        with files.writing_to(self.path):
            return self.path.read_bytes()

    def cut(self, size: int) -> None:
        """Keep the first ``size`` bytes. Raises OutputError."""
        with files.writing_to(self.path):
            os.ftruncate(self._stream.fileno(), size)

    def append(self, text: str) -> None:
        """Append whole lines and flush them.

        Raises OutputError where the disk is full, and the file's own error where it was taken away:
        what is written to it then is lost.
        """
        if not _is_at(self._stream, self.path):
            raise self._error(
                f"{self.path} was removed or replaced while {self._what} were written to it",
                remedy="give the same command again; let nothing else write there until it is done",
            )
        with files.writing_to(self.path):
            self._stream.write(text)
            self._stream.flush()

    def close(self) -> None:
        """Close the file, which frees its lock. Raises OutputError."""
        with files.writing_to(self.path):
            self._stream.close()

    def give_up(self) -> None:
        """Close the file after an error: of a full disk, closing would only say the same again."""
        with contextlib.suppress(OSError):
            self._stream.close()

    def __enter__(self) -> LineFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _open_alone(self) -> TextIO:
        # The system's lock goes with the process however it ends.
        import fcntl

        with files.writing_to(self.path):
            if self.path.exists() and not self.path.is_file():
                raise OSError("it is no file that lines can be appended to")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            while True:
                stream = self.path.open("a", encoding="utf-8")
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    stream.close()
                    raise self._error(
                        f"{self.path}: another process is writing {self._what} to it",
                        remedy="wait until it has ended and give the same command again, or name "
                        "another -o",
                    ) from error
                except OSError:
                    stream.close()
                    raise
                # Between the opening and the lock it may have been replaced: that lock guards
                # nothing.
                if _is_at(stream, self.path):
                    return stream
                stream.close()


def _is_at(stream: TextIO, path: Path) -> bool:
    """Whether the open file is the one that has the name ``path`` now."""
    with files.writing_to(path):
        try:
            return os.path.samestat(os.fstat(stream.fileno()), path.stat())
        except FileNotFoundError:
            return False
