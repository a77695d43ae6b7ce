"""Where a model is reached and how it is asked: an OpenAI-compatible endpoint and its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from physprior.endpoint.secret import Secret
from physprior.errors import JudgeError

Structured = Literal["auto", "schema", "object", "none"]
"""How the form of a reply is asked for: by JSON schema, as some JSON object, in words alone;
``auto`` takes the strictest of them that the endpoint knows."""


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible endpoint. Raises JudgeError where it cannot be one."""

    base_url: str
    """Up to and with ``/v1``: ``http://localhost:8000/v1``. No credentials and no query."""
    model: str
    """The model's name there."""
    key: Secret = field(default_factory=Secret)
    """Sent as a bearer token; a local endpoint needs none."""
    account: bool = False
    """Whether what OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS say goes along: they
    belong to one endpoint, as the key does."""
    timeout: float = 120.0
    """Seconds for one request as a whole, from connecting to the reply's last byte."""
    attempts: int = 6
    """How often a question is sent at most when the endpoint or the way there fails."""
    connections: int = 8
    """How many questions are under way at once."""
    structured: Structured = "auto"
    """How the form of a reply is asked for."""
    temperature: float = 0.0
    """0: the likeliest reply."""
    max_tokens: int = 2048
    """The most tokens of a reply; a judge that thinks aloud needs many."""
    backoff: float = 0.5
    """Seconds of the first wait after a failure; each further one is up to twice as long."""
    role: str = "judge"
    """What the model is asked as, which is what messages call it: ``judge``, ``drafter``."""
    kept: bool = True
    """Whether answers outlive a run that ends early, so that the next one goes on with them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", _checked(self.base_url, self.key, self.role))
        if not self.model.strip():
            raise JudgeError(f"no {self.role} is named", remedy="name the endpoint's model")
        if self.key.redact(self.model) != self.model:
            raise JudgeError(
                f"the {self.role}'s model holds its key",
                remedy="name the endpoint's model: it is written down in results",
            )
        for name in ("timeout", "attempts", "connections", "max_tokens"):
            if not 0 < getattr(self, name) < math.inf:
                raise JudgeError(
                    f"the {self.role}'s {name} is {getattr(self, name)}", remedy="give more than 0"
                )

    @property
    def again(self) -> str:
        """What a person is to do once what ended a run early has been mended."""
        told = ": what was answered is kept" if self.kept else ""
        return f"then give the same command again{told}"


def _checked(base_url: str, key: Secret, role: str) -> str:
    """The URL without a slash at its end."""
    remedy = "give a base URL such as http://localhost:8000/v1"
    base_url = base_url.strip()
    # What is not as it should be may be a password, or the key in the URL's place.
    named = "" if "@" in base_url else f": {key.redact(base_url)!r}"
    if any(sign.isspace() or not sign.isprintable() for sign in base_url):
        raise JudgeError(f"the {role}'s base URL holds blanks{named}", remedy=remedy)
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        # The URL itself is not repeated: ``http://me:password`` has a port that is no number.
        raise JudgeError(
            f"the {role}'s base URL is none: its port is no number, or a bracket is left open",
            remedy=remedy,
        ) from None
    if parts.username is not None or parts.password is not None:
        raise JudgeError(
            f"the {role}'s base URL holds a user name or password",
            remedy="take it out, and give the key as the key: a URL is written down in results",
        )
    if parts.query or parts.fragment:
        raise JudgeError(f"the {role}'s base URL holds a query or fragment", remedy=remedy)
    if parts.scheme not in ("http", "https") or not host:
        raise JudgeError(f"the {role}'s base URL is none{named}", remedy=remedy)
    if key.redact(parts.path) != parts.path:
        raise JudgeError(
            f"the {role}'s base URL holds its key",
            remedy="take it out: a URL is written down in results",
        )
    return base_url.rstrip("/")
