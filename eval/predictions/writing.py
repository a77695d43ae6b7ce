"""Writing a predictions file line by line, and going on with one that was stopped."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from physprior import files
from physprior.errors import PredictionError
from physprior.eval.predictions.lines import Header, Prediction, SkippedVideo, dump
from physprior.eval.predictions.reading import read_predictions


class PredictionWriter:
    """Appends lines to a predictions file, each whole and flushed before the next is made."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.done: set[str] = set()
        """Ids that have a prediction."""
        self.skipped: set[str] = set()
        """Ids whose videos could not be used when they were last tried."""
        if path.exists() and path.stat().st_size:
            self._resume(header)
        else:
            files.write_text(path, dump(header))
        with files.writing_to(path):
            self._stream = path.open("a", encoding="utf-8")

    def _resume(self, header: Header) -> None:
        # Looked at before it is touched: it may be another file, named by mistake.
        earlier = read_predictions(self.path)
        if earlier.header.fingerprint != header.fingerprint:
            raise PredictionError(
                f"{self.path} holds predictions of another model, dataset or setting",
                remedy="name another -o, or remove that file",
            )
        self.done = {line.id for line in earlier.predictions}
        self.skipped = {line.id for line in earlier.skipped}
        content = self.path.read_bytes()
        if not content.endswith(b"\n"):
            with files.writing_to(self.path):
                os.truncate(self.path, content.rfind(b"\n") + 1)

    def append(self, lines: Iterable[Prediction | SkippedVideo]) -> None:
        """Append lines and flush them. Raises OutputError where the disk is full."""
        with files.writing_to(self.path):
            self._stream.write("".join(dump(line) for line in lines))
            self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        with files.writing_to(self.path):
            self._stream.close()

    def __enter__(self) -> PredictionWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
