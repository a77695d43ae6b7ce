"""Writing a predictions file line by line, and going on with one that was stopped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from physprior import files
from physprior.errors import PredictionError
from physprior.eval.predictions.lines import Header, Prediction, SkippedVideo, dump
from physprior.eval.predictions.reading import read_predictions

_DECISIVE = (
    ("base_fingerprint", "model"),
    ("run_fingerprint", "model"),
    ("dataset_hash", "dataset"),
    ("split", "split"),
    ("history", "history"),
    ("control", "control"),
    ("sampling", "sampling"),
    ("max_new_tokens", "text and its length"),
)
"""Fields of the header that decide predictions, and what they are called."""


class PredictionWriter:
    """Appends lines to a predictions file, each whole and flushed before the next is made.

    It is the only one that writes to the file for as long as it is open.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Raises PredictionError where another process writes to ``path``, or it holds something
        else than earlier lines of the same predictions; OutputError where it cannot be written.
        """
        self.path = path
        self.done: set[str] = set()
        """Ids that have a prediction."""
        self.skipped: set[str] = set()
        """Ids whose videos could not be used when they were last tried."""
        self._stream = _open_alone(path)
        try:
            self._begin(header)
        except BaseException:
            # Of a full disk, closing would say once more what is said already.
            with contextlib.suppress(OSError):
                self._stream.close()
            raise

    def _begin(self, header: Header) -> None:
        with files.writing_to(self.path):
            content = self.path.read_bytes()
        first = dump(header)
        # Less than the first line is there where this very command was stopped within it.
        if first.encode("utf-8").startswith(content):
            self._cut(0)
            self._write(first)
        else:
            self._resume(header, content)

    def _resume(self, header: Header, content: bytes) -> None:
        # Looked at before it is touched: it may be another file, named by mistake.
        earlier = read_predictions(self.path)
        if earlier.header.fingerprint != header.fingerprint:
            raise PredictionError(
                f"{self.path} holds predictions of another model, dataset or setting"
                f"{_differing(earlier.header, header)}",
                remedy="name another -o, or remove that file",
            )
        self.done = {line.id for line in earlier.predictions}
        self.skipped = {line.id for line in earlier.skipped}
        if earlier.torn:
            self._cut(content.rfind(b"\n") + 1)

    def _cut(self, size: int) -> None:
        with files.writing_to(self.path):
            os.ftruncate(self._stream.fileno(), size)

    def append(self, lines: Iterable[Prediction | SkippedVideo]) -> None:
        """Append lines and flush them.

        Raises OutputError where the disk is full, PredictionError where the file was taken away:
        what is written to it then is lost.
        """
        if not _is_at(self._stream, self.path):
            raise PredictionError(
                f"{self.path} was removed or replaced while predictions were written to it",
                remedy="give the same command again; let nothing else write there until it is done",
            )
        self._write("".join(dump(line) for line in lines))

    def _write(self, text: str) -> None:
        with files.writing_to(self.path):
            self._stream.write(text)
            self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        with files.writing_to(self.path):
            self._stream.close()

    def __enter__(self) -> PredictionWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _differing(one: Header, other: Header) -> str:
    names = [what for field, what in _DECISIVE if getattr(one, field) != getattr(other, field)]
    return f" (it differs in: {', '.join(dict.fromkeys(names))})" if names else ""


def _open_alone(path: Path) -> TextIO:
    """Open a file for appending, and lock it for as long as it is open.

    The system's lock goes with the process however it ends. Raises PredictionError where somebody
    else holds it.
    """
    import fcntl

    with files.writing_to(path):
        if path.exists() and not path.is_file():
            raise OSError("it is no file that lines can be appended to")
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            stream = path.open("a", encoding="utf-8")
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                stream.close()
                raise PredictionError(
                    f"{path}: another process is writing predictions to it",
                    remedy="wait until it has ended and give the same command again, or name "
                    "another -o",
                ) from error
            except OSError:
                stream.close()
                raise
            # Between the opening and the lock it may have been replaced: that lock guards nothing.
            if _is_at(stream, path):
                return stream
            stream.close()


def _is_at(stream: TextIO, path: Path) -> bool:
    """Whether the open file is the one that has the name ``path`` now."""
    with files.writing_to(path):
        try:
            return os.path.samestat(os.fstat(stream.fileno()), path.stat())
        except FileNotFoundError:
            return False
