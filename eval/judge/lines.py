"""The lines of a replies file: who was asked what, and what came back, as it came."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from physprior.endpoint.endpoint import Structured
from physprior.endpoint.reply import Reply
from physprior.eval.judge.profiles.model import Task

FORMAT: Literal[1] = 1
"""Version of the file's form."""


class Line(BaseModel):
    """Base of the lines of a replies file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Header(Line):
    """What made the replies."""

    kind: Literal["header"] = "header"
    format: Literal[1] = FORMAT
    """Version of the file's form."""
    profile: str
    """What the judge is asked for, by name."""
    profile_version: int
    """Version of its schema and its reading."""
    rubric_version: str
    """What the rubric calls itself."""
    rubric_hash: str
    """Hash of the rubric's template."""
    model: str
    """The judge, as it is named to the endpoint."""
    base_url: str
    """The endpoint, without credentials and query."""
    temperature: float
    """Of the judge's sampling."""
    max_tokens: int
    """Limit of a reply's length."""
    structured: Structured
    """How the reply's form was asked for."""
    predictions: str
    """The predictions file."""
    predictions_hash: str
    """Hash of its content."""
    references_hash: str
    """Hash of the references that the answers are held against."""
    questions_hash: str
    """Hash of all that is asked, word by word."""
    total: int = Field(ge=0)
    """Pairs of a video and a task that a complete file speaks of."""
    repeat: int = Field(ge=1)
    """How often each question was to be asked when the file was begun; it may be raised later."""
    provenance: dict[str, Any] = {}
    """Versions and commit, of the run that has begun the file."""


class Asked(Line):
    """Base of the lines that speak of one question; equal questions of several videos are one."""

    ids: tuple[str, ...] = Field(min_length=1)
    """The videos whose question it is."""
    task: Task
    """What of them is judged."""


class UnaskedLine(Asked):
    """Videos that there is nothing to ask about."""

    kind: Literal["unasked"] = "unasked"
    reason: str
    value: float | None = Field(ge=0, le=1)
    """What every aspect counts: 0 for an empty answer, the model's failure; None for unscored."""


class ReplyLine(Asked):
    """What the judge replied, before anybody has read it."""

    kind: Literal["reply"] = "reply"
    repeat: int = Field(ge=1)
    """Which of the equal questions, from 1."""
    asking: int = Field(ge=1)
    """Which reply to it this is, from 1: a reply that cannot be read is asked for again."""
    key: str
    """Hash of all that decides the reply."""
    form: dict[str, Any]
    """The JSON schema that the reply was to follow."""
    left_out: int = Field(default=0, ge=0)
    """Characters of a long answer that the judge was not shown."""
    source: Literal["judge", "cache"]
    """Whether the judge was asked, or an earlier run had asked the same."""
    reply: Reply


class FailureLine(Asked):
    """A question that no reply came to; the next run asks it again."""

    kind: Literal["failure"] = "failure"
    repeat: int = Field(ge=1)
    key: str
    reason: str


def dump(line: Line) -> str:
    """A line as it stands in the file, its line break included."""
    return json.dumps(line.model_dump(mode="json"), ensure_ascii=False) + "\n"
