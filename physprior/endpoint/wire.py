"""Reading what came over the line: the body of a chat completion, or of an error.

Everything here may be anything: a page, half a document, another API's form. What cannot be a
completion is ``Garbled``, in words; what is one is taken as it is, and read elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from physprior.endpoint.form import whole
from physprior.endpoint.reply import Reply

LARGEST = 4 * 2**20
"""Bytes of a reply at most; a judgement has a thousand, a long chain of thought a hundred times it.
"""
_SHOWN = 200
_MOST_TOKENS = 10**9
Redact = Callable[[str], str]


class Garbled(ValueError):  # noqa: N818 - a finding about a reply
    """A body that is no chat completion; says what it is instead."""


@dataclass(frozen=True)
class Complaint:
    """What an endpoint says of a request that it does not answer."""

    message: str
    code: str = ""
    """OpenAI's ``code`` or ``type``, where it gives one."""
    param: str = ""
    """The parameter that it complains of."""


def read_reply(body: bytes, redact: Redact, *, seconds: float, attempts: int) -> Reply:
    """The reply in the body of a chat completion. Raises Garbled where it is none."""
    document = _document(body, redact)
    choices = document.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Garbled("a reply without choices")
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise Garbled("a reply without a message")
    usage = _mapping(document.get("usage"))
    return Reply(
        text=_content(message.get("content"), redact),
        refusal=_text(message.get("refusal"), redact),
        finish=_text(choice.get("finish_reason"), redact),
        model=_model(document, redact),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        seconds=seconds,
        attempts=attempts,
    )


def error_within(body: bytes) -> int | None:
    """The status of an error that came with status 200, as routers of several judges send it."""
    try:
        error = _mapping(json.loads(body)).get("error")
    except (ValueError, RecursionError):
        return None
    if not error:
        return None
    code = _mapping(error).get("code")
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def read_complaint(body: bytes, redact: Redact) -> Complaint:
    """What an error's body says, in one line that is fit for a terminal."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return Complaint(_line(body.decode("utf-8", "replace"), redact))
    error = _mapping(document).get("error", document)
    fields = _mapping(error)
    message = next(
        (
            said
            for said in (*map(fields.get, ("message", "detail", "msg", "error")), error, document)
            if isinstance(said, str) and said.strip()
        ),
        None,
    )
    return Complaint(
        _line(message if message is not None else json.dumps(document), redact),
        code=_line(str(fields.get("code") or fields.get("type") or ""), redact),
        param=_line(str(fields.get("param") or ""), redact),
    )


def _document(body: bytes, redact: Redact) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        shown = _line(body.decode("utf-8", "replace"), redact)
        raise Garbled(f"a reply that is no JSON: {shown or 'nothing'}") from None
    if not isinstance(document, dict):
        raise Garbled("a reply that is no JSON object")
    return document


def _content(content: object, redact: Redact) -> str | None:
    if isinstance(content, list):
        # Some endpoints send the text in pieces.
        content = "".join(
            piece["text"]
            for piece in content
            if isinstance(piece, dict) and isinstance(piece.get("text"), str)
        )
    if content is not None and not isinstance(content, str):
        raise Garbled("a reply whose content is no text")
    return _text(content, redact)


def _model(document: Mapping[str, Any], redact: Redact) -> str | None:
    names = [document.get("model"), document.get("system_fingerprint")]
    return _text(" ".join(name for name in names if isinstance(name, str)) or None, redact)


def _text(value: object, redact: Redact) -> str | None:
    return redact(whole(value)) if isinstance(value, str) else None


def _count(value: object) -> int | None:
    right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS
    return int(value) if right and isinstance(value, int) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(text: str, redact: Redact) -> str:
    """One short line. Redacted first: cut first, half a key would be left."""
    text = redact(whole(text))[: 10 * _SHOWN]
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
