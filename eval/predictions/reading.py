"""Reading a predictions file: whole lines only, each held against the header and the others."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from physprior.dataset.names import shown, unusable
from physprior.errors import PredictionError
from physprior.eval.predictions.lines import FORMAT, Header, Prediction, SkippedVideo
from physprior.knowledge.schema import NORMAL

_Video = Prediction | SkippedVideo
_LINES: TypeAdapter[Header | _Video] = TypeAdapter(
    Annotated[Header | Prediction | SkippedVideo, Field(discriminator="kind")]
)
_LONGEST = 200
_MOST_MASS = 1.0 + 1e-3  # Two probabilities that were rounded.
_NAME_A_FILE = "name a file that 'physprior predict' or 'physprior eval import' has written"
_AGAIN = "remove the line, or the file, and run the same 'physprior predict' again"


@dataclass(frozen=True)
class Predictions:
    """A predictions file, read."""

    path: Path
    header: Header
    predictions: tuple[Prediction, ...]
    skipped: tuple[SkippedVideo, ...]
    torn: int | None = None
    """The last line's number where it is half a line of a stopped process, which is left out."""

    @property
    def missing(self) -> int:
        """Videos of the split that have no line yet."""
        return self.header.total - len(self.predictions) - len(self.skipped)


def read_predictions(path: Path) -> Predictions:
    """Read a predictions file.

    Raises PredictionError with ``file:line`` where it is damaged: no header, one of another
    format, a line that is none, a video twice, a score that is no finite number, more lines than
    the split has videos.
    """
    lines, torn = _whole_lines(path)
    if not lines:
        raise _no_header(path)
    header = _read_header(path, lines[0])
    videos = _each_once(path, [_read_line(path, at, line) for at, line in enumerate(lines[1:], 2)])
    if len(videos) > header.total:
        raise PredictionError(
            f"{path}:1: the header says that the split has {header.total} videos, and"
            f" {len(videos)} stand below it, the last in line {len(lines)}",
            remedy="remove the file and predict again",
        )
    return Predictions(
        path,
        header,
        tuple(line for line in videos if isinstance(line, Prediction)),
        tuple(line for line in videos if isinstance(line, SkippedVideo)),
        torn,
    )


def _whole_lines(path: Path) -> tuple[list[str], int | None]:
    """The lines that end with a line break, and the number of one that does not."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PredictionError(
            f"{path} cannot be read: {error.strerror or error}", remedy=_NAME_A_FILE
        ) from error
    # What follows the last line break is half a line of a killed process.
    whole = content[: content.rfind(b"\n") + 1]
    try:
        lines = whole.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        number = whole.count(b"\n", 0, error.start) + 1
        raise PredictionError(
            f"{path}:{number}: it is not UTF-8 text", remedy=_NAME_A_FILE
        ) from error
    return lines, len(lines) + 1 if len(whole) < len(content) else None


def _no_header(path: Path) -> PredictionError:
    return PredictionError(f"{path}:1: there is no header", remedy=_NAME_A_FILE)


def _read_header(path: Path, line: str) -> Header:
    try:
        said: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _no_header(path) from error
    if not isinstance(said, dict) or said.get("kind") != "header":
        raise _no_header(path)
    if (version := said.get("format")) != FORMAT:
        shown = version if isinstance(version, int) else "unknown"
        raise PredictionError(
            f"{path}:1: predictions of format {shown}; this physprior reads format {FORMAT}",
            remedy="predict again, into another file; or use the physprior that has written it",
        )
    try:
        return Header.model_validate_json(line)
    except ValidationError as error:
        raise PredictionError(
            f"{path}:1: not the header of a predictions file: {_first_problem(error)}",
            remedy=_NAME_A_FILE,
        ) from error


def _read_line(path: Path, number: int, line: str) -> _Video:
    try:
        said = _LINES.validate_json(line)
    except ValidationError as error:
        raise PredictionError(
            f"{path}:{number}: this is no line of a predictions file: {_first_problem(error)}",
            remedy=_AGAIN,
        ) from error
    if isinstance(said, Header):
        raise PredictionError(
            f"{path}:{number}: a second header stands here",
            remedy="keep the predictions of each run in a file of their own",
        )
    _refuse_values(path, number, said)
    return said


def _refuse_values(path: Path, number: int, said: _Video) -> None:
    """What the types allow and no predictions file holds."""
    problem = _bad_name(said)
    remedy = _AGAIN
    if not problem and said.label != int(said.class_id != NORMAL):
        problem = f"the label of {said.id} is {said.label}, and its class {said.class_id}"
    if not problem and isinstance(said, Prediction):
        problem = _bad_number(said)
        remedy = f"{_AGAIN}; if it stays so, the model's weights are damaged"
    if problem:
        raise PredictionError(f"{path}:{number}: {_brief(problem)}", remedy=remedy)


def _bad_name(said: _Video) -> str | None:
    if not said.id:
        return "the video has no id"
    names = {"video": said.video, "category": said.category, "class": said.class_id}
    for what, name in names.items():
        if not name:
            return f"the {what} of {said.id} is empty"
    # They go to terminals, tables and pages, and no dataset holds such a name.
    for what, name in {"id": said.id, **names, "instance": said.instance}.items():
        if unusable(name):
            return f"the {what} {shown(name)} holds a control character"
    return None


def _bad_number(said: Prediction) -> str | None:
    for name in ("score", "log_normal", "log_anomalous", "mass", "seconds"):
        if not math.isfinite(number := getattr(said, name) or 0.0):
            return f"the {name} of {said.id} is {number}, which is no finite number"
    if not 0 <= (said.mass or 0.0) <= _MOST_MASS:
        return f"the mass of {said.id} is {said.mass}, which is no probability"
    return None


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    # The union's branch is named first, which is the line's kind and no key.
    where = [step for step in problem["loc"] if step not in ("header", "prediction", "skipped")]
    place = ".".join(["$", *map(str, where)])
    return f"{_brief(place)}: {_brief(problem['msg'])}"


def _brief(said: str) -> str:
    """What a damaged line says, fit for a terminal: it may be long, and hold anything."""
    cut = shown(said[:_LONGEST])
    return f"{cut}…" if len(said) > _LONGEST else cut


def _each_once(path: Path, lines: Sequence[_Video]) -> list[_Video]:
    """What is said of each video, in the file's order.

    A video that could not be used and was mended since has a prediction further down, which counts.
    """
    said: dict[str, tuple[int, _Video]] = {}
    for number, line in enumerate(lines, 2):
        before, earlier = said.pop(line.id, (0, None))
        if earlier and not (isinstance(earlier, SkippedVideo) and isinstance(line, Prediction)):
            raise PredictionError(
                f"{path}:{number}: {_brief(line.id)} stands in line {before} already",
                remedy="remove one of the two lines",
            )
        said[line.id] = (number, line)
    return [line for _, line in said.values()]
