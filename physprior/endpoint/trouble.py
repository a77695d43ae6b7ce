"""What becomes of a question that was not answered: tried again, given up, or the end of all.

A model that can never answer is no failure of a question, and one question that it will not take
is no failure of the model; which it was is decided here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.wire import Complaint
from physprior.errors import JudgeError

LONGEST_PAUSE = 600.0
"""Seconds that an endpoint may ask to be left alone; for longer, another day is better."""
_PASSING = {408, 409, 425, 429}
_PAID = re.compile(r"insufficient_quota|billing|exceeded your current quota", re.IGNORECASE)
_OF_THE_QUESTION = re.compile(
    r"context.?(length|window|size)|too long|string_above_max_length|too many tokens|"
    r"content.?(filter|policy|management)|moderation|flagged|safety",
    re.IGNORECASE,
)
_FOUND_NO_MODEL = re.compile(r"model", re.IGNORECASE)


@dataclass(frozen=True)
class Trouble:
    """A request that brought no reply, and may bring one if it is sent again, unless ``final``."""

    reason: str
    """Fit for a table."""
    pause: float | None = None
    """Seconds that the endpoint asks to be left alone."""
    crowded: bool = False
    """Whether it was too many requests that it complained of."""
    final: bool = False
    """Whether it would only be paid for again if it were sent again."""


@dataclass(frozen=True)
class Declined:
    """A question that this endpoint will not take, whatever becomes of others."""

    reason: str
    """Fit for a table."""


def of_status(
    status: int, headers: Mapping[str, str], said: Complaint, endpoint: Endpoint
) -> Trouble | Declined | JudgeError | None:
    """What a status means; None for a refusal that speaks of the request as such (400, 422)."""
    reason = f"HTTP {status}: {said.message}" if said.message else f"HTTP {status}"
    about = f"{said.code} {said.message}"
    if "location" in headers and status < 400:
        reason = f"HTTP {status}, see {endpoint.key.redact(headers['location'])}"
    where = f"the {endpoint.role} at {endpoint.base_url} says {reason}"
    if status == 402 or (status == 429 and _PAID.search(about)):
        return JudgeError(where, remedy=f"see to the account's credit, {endpoint.again}")
    if status in _PASSING or status >= 500:
        pause = retry_after(headers)
        if pause is not None and pause > LONGEST_PAUSE:
            return JudgeError(
                f"{where}, and asks to be left alone for {pause / 60:.0f} minutes",
                remedy=f"wait for so long, {endpoint.again}",
            )
        return Trouble(reason, pause, crowded=status == 429)
    if status == 413 or (status in (400, 403, 422) and _OF_THE_QUESTION.search(about)):
        return Declined(reason)
    if status in (400, 422):
        return None
    return JudgeError(where, remedy=_remedy(status, said, endpoint))


def _remedy(status: int, said: Complaint, endpoint: Endpoint) -> str:
    if status in (401, 403):
        key = "see to its key" if endpoint.key else "it needs a key: give one"
        return f"{key}, {endpoint.again}"
    if status == 404 and _FOUND_NO_MODEL.search(f"{said.code} {said.message}"):
        return (
            f"name a model that it has; it was asked for {endpoint.model!r}, and lists its own at "
            f"{endpoint.base_url}/models"
        )
    if 300 <= status < 400:
        return "give the base URL that it leads to: questions are not sent on to another place"
    if not endpoint.base_url.endswith("/v1"):
        return f"see to the base URL; most end with /v1: {endpoint.base_url}/v1"
    return "see that the base URL is that of an OpenAI-compatible endpoint"


def refused(status: int, said: Complaint, endpoint: Endpoint) -> JudgeError:
    """A request that the endpoint refuses as such, though nothing milder can be put."""
    fixed = endpoint.structured in ("schema", "object")
    auto = "ask with --structured auto, or " if fixed else ""
    return JudgeError(
        f"the {endpoint.role} at {endpoint.base_url} refuses the request: HTTP {status}:"
        f" {said.message}",
        remedy=f"{auto}see to the model and the parameters that it complains of, {endpoint.again}",
    )


def silent(count: int, reason: str, endpoint: Endpoint) -> JudgeError:
    """An endpoint that has answered none of the last ``count`` questions."""
    return JudgeError(
        f"the {endpoint.role} at {endpoint.base_url} has answered none of the last {count}"
        f" questions: {reason}",
        remedy=f"see that the endpoint is up and can be reached, {endpoint.again}",
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the Retry-After header asks for, in any of its forms; None without one."""
    millis = _seconds(headers.get("retry-after-ms", ""))
    if millis is not None:
        return millis / 1000
    after = headers.get("retry-after", "")
    seconds = _seconds(after)
    if seconds is not None:
        return seconds
    until = _moment(after)
    if until is None:
        return None
    # By its own clock: ours may be minutes away from it.
    now = _moment(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
