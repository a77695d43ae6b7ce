"""Writing a predictions file line by line, and going on with one that was stopped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from physprior.errors import PredictionError
from physprior.eval.predictions.lines import Header, Prediction, SkippedVideo, dump
from physprior.eval.predictions.reading import read_predictions
from physprior.line_file import LineFile

_DECISIVE = (
    ("base_fingerprint", "model"),
    ("run_fingerprint", "model"),
    ("dataset_hash", "dataset"),
    ("split", "split"),
    ("history", "history"),
    ("control", "control"),
    ("sampling", "sampling"),
    ("max_new_tokens", "text and its length"),
    ("described", "description"),
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
        self._file = LineFile(path, "predictions")
        try:
            self._begin(header)
        except BaseException:
            self._file.give_up()
            raise

    def _begin(self, header: Header) -> None:
        content = self._file.content()
        first = dump(header)
        # Less than the first line is there where this very command was stopped within it.
        if first.encode("utf-8").startswith(content):
            self._file.cut(0)
            self._file.append(first)
        else:
            self._resume(header, content)

    def _resume(self, header: Header, content: bytes) -> None:
        # Looked at before it is touched: it may be another file, named by mistake.
        earlier = read_predictions(self.path)
        refuse_other(self.path, earlier.header, header)
        self.done = {line.id for line in earlier.predictions}
        self.skipped = {line.id for line in earlier.skipped}
        if earlier.torn:
            self._file.cut(content.rfind(b"\n") + 1)

    def append(self, lines: Iterable[Prediction | SkippedVideo]) -> None:
        """Append lines and flush them.

        Raises OutputError where the disk is full, PredictionError where the file was taken away.
        """
        self._file.append("".join(dump(line) for line in lines))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> PredictionWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def refuse_other(path: Path, earlier: Header, header: Header) -> None:
    """Raise PredictionError where the ``earlier`` header of ``path`` is of other predictions."""
    if earlier.fingerprint != header.fingerprint:
        raise PredictionError(
            f"{path} holds predictions of another model, dataset or setting"
            f"{_differing(earlier, header)}",
            remedy="name another -o, or remove that file",
        )


def _differing(one: Header, other: Header) -> str:
    names = [what for field, what in _DECISIVE if getattr(one, field) != getattr(other, field)]
    return f" (it differs in: {', '.join(dict.fromkeys(names))})" if names else ""
