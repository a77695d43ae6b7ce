"""Writing a replies file line by line, and going on with one that was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from physprior import provenance
from physprior.errors import JudgeError
from physprior.eval.judge.judged import Judged
from physprior.eval.judge.lines import FailureLine, Header, ReplyLine, UnaskedLine, dump
from physprior.eval.judge.replies import read_judged
from physprior.line_file import LineFile

_DECISIVE = (
    ("profile", "profile"),
    ("profile_version", "profile"),
    ("rubric_hash", "rubric"),
    ("model", "model"),
    ("base_url", "base URL"),
    ("temperature", "temperature"),
    ("max_tokens", "tokens of a reply"),
    ("structured", "structured output"),
    ("predictions_hash", "predictions"),
    ("references_hash", "references"),
)
"""Fields of the header that decide replies, and what they are called."""


class ReplyWriter:
    """Appends lines to a replies file, each whole and flushed before the next is asked for.

    It is the only one that writes to the file for as long as it is open.
    """

    def __init__(self, path: Path, header: Header, unasked: Sequence[UnaskedLine]) -> None:
        """Raises JudgeError where another process writes to ``path``, or it holds something else
        than earlier replies to the same questions; OutputError where it cannot be written.
        """
        self._file = LineFile(path, "replies", JudgeError)
        try:
            self.earlier: Judged = self._begin(path, header, unasked)
            """What stood in the file before."""
        except BaseException:
            self._file.give_up()
            raise

    def _begin(self, path: Path, header: Header, unasked: Sequence[UnaskedLine]) -> Judged:
        content = self._file.content()
        if b"\n" not in content:
            self._begin_anew(content, header)
        # Looked at before it is touched: it may be another file, named by mistake.
        earlier = read_judged(path)
        refuse_other(earlier, header)
        if earlier.torn:
            self._file.cut(content.rfind(b"\n") + 1)
        there = {(line.task, line.reason) for line in earlier.unasked}
        for line in unasked:
            if (line.task, line.reason) not in there:
                self._file.append(dump(line))
        return earlier

    def _begin_anew(self, content: bytes, header: Header) -> None:
        first = dump(header.model_copy(update={"provenance": provenance.describe()}))
        # Less than the first line is there where this very command was stopped within it.
        if first.encode("utf-8").startswith(content):
            self._file.cut(0)
            self._file.append(first)

    def append(self, line: ReplyLine | FailureLine) -> None:
        """Append a line and flush it.

        Raises OutputError where the disk is full, JudgeError where the file was taken away.
        """
        self._file.append(dump(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._file.close()
        else:
            self._file.give_up()


def refuse_other(earlier: Judged, header: Header) -> None:
    """Raise JudgeError where a replies file answers other questions than those of ``header``."""
    there = earlier.header
    names = [what for field, what in _DECISIVE if getattr(there, field) != getattr(header, field)]
    if not names and there.questions_hash != header.questions_hash:
        names = ["wording of its questions"]
    if names:
        raise JudgeError(
            f"{earlier.path} holds replies to something else"
            f" (it differs in: {', '.join(dict.fromkeys(names))})",
            remedy="name another -o, or remove that file; what was asked before in the same words"
            " comes from the cache",
        )
