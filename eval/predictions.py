"""A predictions file: one header line, then one JSON record a video, appended as it is made.

A run that was killed leaves at most one broken last line, which is dropped when it goes on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from physprior import files
from physprior.errors import PredictionError
from physprior.verdict import ParseStatus
from physprior.video.sample import Sampling

History = Literal["given", "generated"]
"""What stands before the verdict: the KB's own text, or what the model said itself."""
Control = Literal["blank", "first_frame", "shuffled", "wrong_prior"]
"""What is taken from the model, to see what of its AUROC remains."""
FORMAT = 2
"""Version of the file's form."""


class Line(BaseModel):
    """Base of the lines of a predictions file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )


class Header(Line):
    """What made the predictions."""

    kind: Literal["header"] = "header"
    format: Literal[2] = FORMAT
    """Version of the file's form."""
    source: Literal["predict", "import"] = "predict"
    """Whether a model of ours was asked, or the predictions are another method's."""
    fingerprint: str
    """Hash of all that decides the predictions; the same command finds its own file by it."""
    model: str
    """The run folder or checkpoint; of an import, the method's name."""
    base_fingerprint: str | None
    """Recognises the checkpoint; None for an import."""
    run_fingerprint: str | None
    """Recognises the run; None for a bare checkpoint and for an import."""
    dataset: str
    """The dataset's folder."""
    dataset_hash: str
    """Hash of its manifest."""
    split_hash: str
    """Hash of the split, so that only like is compared with like."""
    split: str
    """Which split was predicted."""
    mode: str | None
    """The dialogue's mode; None for an import."""
    history: History | None = "given"
    """What stood before the verdict; None for an import."""
    control: Control | None = None
    """What was taken from the model; None where it saw the video as it is."""
    wrong_priors: dict[str, str] = {}
    """For the control ``wrong_prior``: whose prior each category was asked with."""
    sampling: Sampling | None
    """Which frames the model saw; None for an import."""
    max_new_tokens: int | None
    """Limit of an answer's length; None where only scores were asked for, and for an import."""
    accepted_changed_prior: tuple[str, ...] = ()
    """Categories whose prompts differ from those trained on, accepted by the user."""
    total: int
    """How many videos the split holds."""
    provenance: dict[str, Any]
    """Versions and commit."""


class VideoLine(Line):
    """A line that speaks of one video."""

    id: str
    """The record's id in the dataset."""
    video: str
    """Its path below the videos root."""
    category: str
    class_id: str = Field(alias="class")
    """``normal`` or the anomaly's id."""
    label: Literal[0, 1]
    """1 where it shows an anomaly."""
    instance: str
    """The physical object; empty where nobody said."""


class Prediction(VideoLine):
    """What the model said of one video."""

    kind: Literal["prediction"] = "prediction"
    score: float | None
    """Log-odds of the verdict labels; higher is more anomalous. Any finite number for an import;
    None where the method gave none."""
    log_normal: float | None = None
    """Natural logarithm of the probability of `` Normal.`` after ``Verdict:``; None for an import."""
    log_anomalous: float | None = None
    """The same of `` Anomalous.``."""
    mass: float | None = None
    """Probability of both labels together; low where the model left the grammar."""
    text: str | None
    """The generated answer; None where only scores were asked for."""
    truncated: bool = False
    """The answer reached the length limit."""
    parse: ParseStatus | None = None
    """How the text was read when it was made; None without text."""
    history: History | None = None
    """What stood before the verdict; None for an import."""
    turns: tuple[str, ...] = ()
    """What the model said before the verdict, an answer a turn, where the history is generated."""
    sampling: Sampling | None = None
    """Which frames the model saw; None for an import."""
    seconds: float | None = None
    """Its share of the time that its batch took, decoding left out; None for an import."""


class SkippedVideo(VideoLine):
    """A video that could not be used: it keeps its place in every total."""

    kind: Literal["skipped"] = "skipped"
    reason: str


_LINES: TypeAdapter[Header | Prediction | SkippedVideo] = TypeAdapter(
    Header | Prediction | SkippedVideo
)


@dataclass(frozen=True)
class Predictions:
    """A predictions file, read."""

    path: Path
    header: Header
    predictions: tuple[Prediction, ...]
    skipped: tuple[SkippedVideo, ...]

    @property
    def missing(self) -> int:
        """Videos of the split that have no line yet."""
        return self.header.total - len(self.predictions) - len(self.skipped)


def read_predictions(path: Path) -> Predictions:
    """Read a predictions file. Raises PredictionError with ``file:line`` where it is damaged."""
    try:
        content = path.read_bytes()
        # What follows the last line break is half a line of a killed process.
        lines = content[: content.rfind(b"\n") + 1].decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise PredictionError(
            f"{path} cannot be read: {reason}",
            remedy="name a file that 'physprior predict' has written",
        ) from error
    parsed = [_parse(line, path, number) for number, line in enumerate(lines[:-1], 1)]
    if not parsed or not isinstance(parsed[0], Header):
        raise PredictionError(
            f"{path}:1: there is no header",
            remedy="name a file that 'physprior predict' has written",
        )
    found = [line for line in parsed[1:] if not isinstance(line, Header)]
    if len(found) < len(parsed) - 1:
        raise PredictionError(
            f"{path}:{_second_header(parsed)}: a second header stands here",
            remedy="keep the predictions of each run in a file of their own",
        )
    _refuse_duplicates(found, path)
    return Predictions(
        path,
        parsed[0],
        tuple(line for line in found if isinstance(line, Prediction)),
        tuple(line for line in found if isinstance(line, SkippedVideo)),
    )


def _parse(line: str, path: Path, number: int) -> Header | Prediction | SkippedVideo:
    try:
        return _LINES.validate_json(line)
    except ValidationError as error:
        raise PredictionError(
            f"{path}:{number}: this is no line of a predictions file",
            remedy="remove the file and predict again; or name a predictions file",
        ) from error


def _second_header(parsed: Sequence[Line]) -> int:
    return [number for number, line in enumerate(parsed, 1) if isinstance(line, Header)][1]


def _refuse_duplicates(lines: Iterable[Prediction | SkippedVideo], path: Path) -> None:
    seen: set[str] = set()
    for number, line in enumerate(lines, 2):
        if line.id in seen:
            raise PredictionError(
                f"{path}:{number}: {line.id} stands twice", remedy="remove one of the two lines"
            )
        seen.add(line.id)


class PredictionWriter:
    """Appends lines to a predictions file, each whole and flushed before the next is made."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.done: set[str] = set()
        if path.exists() and path.stat().st_size:
            self._resume(header)
        else:
            files.write_text(path, _dump(header))
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
        self.done = {line.id for line in (*earlier.predictions, *earlier.skipped)}
        content = self.path.read_bytes()
        if not content.endswith(b"\n"):
            with files.writing_to(self.path):
                os.truncate(self.path, content.rfind(b"\n") + 1)

    def append(self, lines: Iterable[Prediction | SkippedVideo]) -> None:
        """Append lines and flush them. Raises OutputError where the disk is full."""
        with files.writing_to(self.path):
            self._stream.write("".join(_dump(line) for line in lines))
            self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        with files.writing_to(self.path):
            self._stream.close()

    def __enter__(self) -> PredictionWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _dump(line: Line) -> str:
    return json.dumps(line.model_dump(mode="json"), ensure_ascii=False) + "\n"
