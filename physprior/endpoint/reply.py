"""What a model sent back to one question, as it came."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    """One reply. Nothing in it has been read yet: the text may be anything at all.

    Wherever the endpoint repeated the key, it has been taken out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | None
    """What the model wrote; None where it sent no content."""
    refusal: str | None
    """The endpoint's own word that the model refused; None where it did not."""
    finish: str | None
    """Why the model stopped: ``stop``, ``length``, ``content_filter``, ``tool_calls``."""
    model: str | None
    """The model that the endpoint says has answered, with its fingerprint where it names one."""
    prompt_tokens: int | None
    """Tokens of the question, as the endpoint counts; None where it does not."""
    completion_tokens: int | None
    """Tokens of the reply, likewise."""
    seconds: float
    """How long the request that was answered took, waiting for a turn not counted."""
    attempts: int
    """How many requests were sent until this reply came."""


class Unanswered(Exception):  # noqa: N818 - what became of a question, not a fault of the program
    """One question that got no reply; the others may. ``reason`` is fit for a table."""

    def __init__(self, reason: str, *, attempts: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempts = attempts
