"""A replies file: what a judge said, as it came, and read again each time that it is opened.

One header line, then a line for each reply and each failure, appended as it comes. It holds no
marks: they are read out of the replies, so that no second copy can disagree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from physprior.dataset.names import shown, unusable
from physprior.endpoint.prompt import Prompt
from physprior.errors import JudgeError
from physprior.eval.judge.judged import Answer, Judged, Unscored, Usage
from physprior.eval.judge.lines import FORMAT, Asked, FailureLine, Header, ReplyLine, UnaskedLine
from physprior.eval.judge.profiles import PROFILES, Marks, Profile, Question, Unreadable

__all__ = ["Judged", "Unscored", "Usage", "judged_path", "read_judged"]

_Said = UnaskedLine | ReplyLine | FailureLine
_LINES: TypeAdapter[Header | _Said] = TypeAdapter(
    Annotated[Header | UnaskedLine | ReplyLine | FailureLine, Field(discriminator="kind")]
)
_LONGEST = 200
_NAME_A_FILE = "name a file that 'physprior eval judge' has written"
_AGAIN = "remove the line, or the file, and run the same 'physprior eval judge' again"


def judged_path(predictions: Path, profile: str) -> Path:
    """Where the replies about a predictions file lie: ``STEM.judge-PROFILE.jsonl`` beside it."""
    return predictions.with_name(f"{predictions.stem}.judge-{profile}.jsonl")


def read_judged(path: Path) -> Judged:
    """Read a replies file, and every reply in it.

    Raises JudgeError with ``file:line`` where it is damaged, and where it is of another version of
    its profile, which might read the replies otherwise.
    """
    lines = _lines(path)
    _, first = next(lines, (1, None))
    header = _read_header(path, first)
    reading = _Reading(path, PROFILES[header.profile])
    torn = None
    for number, line in lines:
        if line is None:
            torn = number
        else:
            reading.take(number, _read_line(path, number, line))
    return reading.judged(header, torn)


class _Reading:
    """What the lines that were read so far come to."""

    def __init__(self, path: Path, profile: Profile) -> None:
        self._path = path
        self._profile = profile
        self._answers: dict[str, Answer] = {}
        self._unasked: list[UnaskedLine] = []
        self._usage = Usage()
        self._models: dict[str, None] = {}
        self._places: dict[tuple[str, str, int], tuple[str, int]] = {}

    def judged(self, header: Header, torn: int | None) -> Judged:
        return Judged(
            self._path,
            header,
            self._answers,
            tuple(self._unasked),
            self._usage,
            tuple(self._models),
            torn,
        )

    def take(self, number: int, line: _Said) -> None:
        if isinstance(line, UnaskedLine):
            self._place(number, line, "", 0)
            self._unasked.append(line)
            return
        self._place(number, line, line.key, line.repeat)
        if isinstance(line, ReplyLine):
            self._take_reply(number, line)
        else:
            self._take_failure(line)

    def _place(self, number: int, line: Asked, key: str, repeat: int) -> None:
        """Hold a line against the others: a video is asked each question once."""
        known = self._answers.get(key)
        for name in line.ids:
            if unusable(name):
                raise JudgeError(
                    f"{self._path}:{number}: the id {_brief(name)} holds a control character",
                    remedy=_AGAIN,
                )
            same, before = self._places.setdefault((name, line.task, repeat), (key, number))
            if same != key or (not key and before != number):
                raise self._doubled(number, name, before)
        if known and (known.ids, known.task, known.repeat) != (line.ids, line.task, repeat):
            raise JudgeError(
                f"{self._path}:{number}: the question of {_brief(line.ids[0])} is of other videos"
                " than in an earlier line",
                remedy=_AGAIN,
            )

    def _take_reply(self, number: int, line: ReplyLine) -> None:
        before = self._answers.get(line.key)
        if before and line.asking <= before.askings:
            raise self._doubled(
                number, line.ids[0], self._places[line.ids[0], line.task, line.repeat][1]
            )
        self._usage = self._usage.plus(line.reply, cached=line.source == "cache")
        if line.reply.model:
            self._models[_brief(line.reply.model)] = None
        marks, reason = self._read(number, line)
        if before and before.marks is not None:
            marks, reason = Marks(before.marks, before.reasoning), ""
        self._answers[line.key] = Answer(
            line.ids,
            line.task,
            line.repeat,
            line.asking,
            marks.values if marks else None,
            reason,
            line.left_out,
            marks.reasoning if marks else "",
        )

    def _read(self, number: int, line: ReplyLine) -> tuple[Marks | None, str]:
        prompt = Prompt(system="", user="", schema=line.form, name="")
        try:
            marks = self._profile.read(Question(line.ids[0], line.task, prompt), line.reply)
        except Unreadable as error:
            return None, _brief(error.reason)
        except (LookupError, TypeError) as error:
            raise JudgeError(
                f"{self._path}:{number}: the form of the reply to {_brief(line.ids[0])} is none of"
                f" {self._profile.name}",
                remedy=_AGAIN,
            ) from error
        return marks, ""

    def _take_failure(self, line: FailureLine) -> None:
        before = self._answers.get(line.key)
        if before is None or before.marks is None:
            askings = before.askings if before else 0
            self._answers[line.key] = Answer(
                line.ids, line.task, line.repeat, askings, None, _brief(line.reason)
            )

    def _doubled(self, number: int, name: str, before: int) -> JudgeError:
        return JudgeError(
            f"{self._path}:{number}: {_brief(name)} stands in line {before} already",
            remedy="remove one of the two lines",
        )


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number; None in the place of half a line at the end."""
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield number, line if line.endswith(b"\n") else None
    except OSError as error:
        raise JudgeError(
            f"{path} cannot be read: {error.strerror or error}", remedy=_NAME_A_FILE
        ) from error


def _read_header(path: Path, line: bytes | None) -> Header:
    try:
        said: Any = json.loads(line or b"")
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("kind") != "header" or "profile" not in said:
        raise JudgeError(f"{path}:1: there is no header", remedy=_NAME_A_FILE)
    if said.get("format") != FORMAT:
        raise JudgeError(
            f"{path}:1: replies of another format; this physprior reads format {FORMAT}",
            remedy="use the physprior that has written it, or judge again, into another file",
        )
    try:
        header = Header.model_validate_json(line or b"")
    except ValidationError as error:
        raise JudgeError(
            f"{path}:1: not the header of a replies file: {_first_problem(error)}",
            remedy=_NAME_A_FILE,
        ) from error
    profile = PROFILES.get(header.profile)
    if profile is None or profile.version != header.profile_version:
        raise JudgeError(
            f"{path}:1: replies to version {header.profile_version} of {_brief(header.profile)!r},"
            " which this physprior does not read",
            remedy="use the physprior that has written it, or judge again, into another file",
        )
    return header


def _read_line(path: Path, number: int, line: bytes) -> _Said:
    try:
        said = _LINES.validate_json(line)
    except ValidationError as error:
        raise JudgeError(
            f"{path}:{number}: this is no line of a replies file: {_first_problem(error)}",
            remedy=_AGAIN,
        ) from error
    if isinstance(said, Header):
        raise JudgeError(
            f"{path}:{number}: a second header stands here",
            remedy="keep the replies to each predictions file in a file of their own",
        )
    return said


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    # The union's branch is named first, which is the line's kind and no key.
    kinds = ("header", "unasked", "reply", "failure")
    where = [step for at, step in enumerate(problem["loc"]) if at or step not in kinds]
    return f"{_brief('.'.join(['$', *map(str, where)]))}: {_brief(problem['msg'])}"


def _brief(said: str) -> str:
    """What a damaged line says, fit for a terminal: it may be long, and hold anything."""
    cut = shown(said[:_LONGEST])
    return f"{cut}…" if len(said) > _LONGEST else cut
