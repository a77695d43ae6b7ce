"""What a format is: how samples become a file's bytes, and how that file is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from physprior.dataset.records import Record, SplitName
from physprior.errors import DatasetError

Paths = Literal["absolute", "relative", "copy"]
"""How an export names its videos: where they lie, from the videos root, or copied beside it."""

_MARKS = ("<video>", "<image>", "<audio>", "</s>", "USER:", "ASSISTANT:")


@dataclass(frozen=True)
class Sample:
    """One record, with its video named as the export names it."""

    record: Record
    video: str


@dataclass(frozen=True)
class Written:
    """What a format may say of an export: its files and how they name the videos."""

    files: Mapping[SplitName, str]
    """Split to the name of its file; a split without videos has none."""
    mode: str
    """The dataset's mode."""
    paths: Paths
    """How the videos are named."""


@dataclass(frozen=True)
class Format:
    """One file format."""

    ending: str
    """Ending of a split's file: ``.jsonl``."""
    loader: Literal["json", "parquet"]
    """The builder that ``datasets.load_dataset`` reads it with."""
    title: str
    """Whose format it is."""
    documented: str
    """Where that project describes it."""
    encode: Callable[[Sequence[Sample]], bytes]
    """The samples of one split as a file; the same samples give the same bytes."""
    usage: Callable[[Written], str]
    """How the files are used there, in Markdown."""
    companions: Callable[[Written], Mapping[str, str]] = lambda written: {}
    """Further files that the project wants beside the data: name to text."""


def refuse_marks(record: Record) -> None:
    """Refuse a dialogue that holds what other projects read as marks of their own.

    They count ``<video>`` tags, and cut a conversation at its roles' names.
    Raises DatasetError, also where the video does not go with the first question.
    """
    if record.video_turn != "first":
        raise DatasetError(
            f"{record.id}: its video goes with the {record.video_turn} question, and every format "
            "has it with the first",
            remedy="export a dataset whose video goes with the first question",
        )
    for text in (turn.text for turn in record.turns):
        for mark in _MARKS:
            if mark in text:
                raise DatasetError(
                    f"{record.id}: its dialogue holds {mark!r}, which other projects read as a"
                    f" mark of theirs: “{text[:80]}”",
                    remedy="word it otherwise in the KB entry or the template, and build again",
                )
