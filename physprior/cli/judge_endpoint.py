"""Which model is asked: address, model and key from options or the environment, and from where."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from physprior.errors import JudgeError

if TYPE_CHECKING:
    from physprior.endpoint.endpoint import Endpoint

URL = ("PHYSPRIOR_JUDGE_URL", "OPENAI_BASE_URL")
MODEL = ("PHYSPRIOR_JUDGE_MODEL",)
KEY = "PHYSPRIOR_JUDGE_KEY"
OPENAI_KEY = "OPENAI_API_KEY"
_OPENAI = "https://api.openai.com"

BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="Address of an OpenAI-compatible endpoint, such as http://localhost:11434/v1.",
        show_default="PHYSPRIOR_JUDGE_URL, else OPENAI_BASE_URL",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="What the endpoint calls the model.",
        show_default="PHYSPRIOR_JUDGE_MODEL",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="The endpoint's key; better in the environment. A local one needs none.",
        show_default="PHYSPRIOR_JUDGE_KEY, else OPENAI_API_KEY for the endpoint that it belongs to",
    ),
]


@dataclass(frozen=True)
class Asking:
    """What a model is asked as, and the variables that say which model it is."""

    role: str
    """``judge``, ``drafter``."""
    urls: tuple[str, ...]
    """Variables that may hold the address, the first one that does counts."""
    models: tuple[str, ...]
    key: str
    """The variable of the key."""
    other_keys: tuple[tuple[str, str], ...] = ()
    """Keys of other roles, each with the variable of the address that alone it belongs to."""


JUDGE = Asking("judge", URL, MODEL, KEY)
"""Where a judge is looked for."""


@dataclass(frozen=True, repr=False)
class Asked:
    """The model that the user means. It has no repr: the key is in it."""

    base_url: str
    model: str
    key: str
    """Empty where none is sent."""
    base_url_from: str
    model_from: str
    key_from: str
    """Where the key was found; empty where there is none."""
    openai: bool = False
    """The endpoint is OpenAI's, or the one that its variables name."""
    withheld: bool = False
    """OPENAI_API_KEY is set, and belongs to another endpoint."""
    own_key: str = KEY
    """The variable that the endpoint's own key would be named in."""

    @property
    def told(self) -> str:
        """Where everything was found, in words; never the key."""
        key = f"key from {self.key_from}" if self.key else "no key"
        return f"address from {self.base_url_from}, model from {self.model_from}, {key}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the user may not expect."""
        if not self.withheld:
            return ()
        return (
            f"{OPENAI_KEY} is not sent: this is neither OpenAI's endpoint nor OPENAI_BASE_URL; "
            f"name its own key in {self.own_key}",
        )


def find_judge(base_url: str | None, model: str | None, key: str | None) -> Asked:
    """The judge by options, else by the environment. Raises JudgeError as find_asked does."""
    return find_asked(JUDGE, base_url, model, key)


def find_asked(asking: Asking, base_url: str | None, model: str | None, key: str | None) -> Asked:
    """The model by options, else by the environment.

    OPENAI_API_KEY goes to OPENAI_BASE_URL or to OpenAI alone: another endpoint has no business
    with it. Raises JudgeError where no address or no model is named.
    """
    url, url_from = _first("--base-url", base_url, asking.urls)
    if not url:
        raise JudgeError(
            f"no {asking.role} is named: neither {' nor '.join(('--base-url', *asking.urls))}",
            remedy="name an OpenAI-compatible endpoint: --base-url http://localhost:11434/v1 for a "
            "local Ollama, https://api.openai.com/v1 for OpenAI",
        )
    name, name_from = _first("--model", model, asking.models)
    if not name:
        raise JudgeError(
            f"no model is named: neither {' nor '.join(('--model', *asking.models))}",
            remedy="name one as the endpoint calls it; it lists its models at /models below its "
            "address",
        )
    shared = tuple(
        variable
        for variable, owner in asking.other_keys
        if _origin(os.environ.get(owner, "").strip()) == _origin(url)
    )
    secret, secret_from = _first("--key", key, (asking.key, *shared))
    theirs = os.environ.get(OPENAI_KEY, "").strip()
    openai = _is_openai(url)
    withheld = bool(theirs) and not secret and not openai
    if theirs and not secret and not withheld:
        secret, secret_from = theirs, OPENAI_KEY
    return Asked(url, name, secret, url_from, name_from, secret_from, openai, withheld, asking.key)


def _first(option: str, said: str | None, variables: tuple[str, ...]) -> tuple[str, str]:
    """The first that says something, and what it is called."""
    found = [(option, said), *((name, os.environ.get(name)) for name in variables)]
    return next(((text.strip(), name) for name, text in found if text and text.strip()), ("", ""))


def _is_openai(url: str) -> bool:
    own = os.environ.get("OPENAI_BASE_URL", "").strip()
    return _origin(url) in {_origin(_OPENAI), *([_origin(own)] if own else [])}


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; what is no address at all is nobody's."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        return parts.scheme, parts.hostname or "", port
    except ValueError:
        return "", url, None


def endpoint_of(asked: Asked, **settings: Any) -> Endpoint:
    """The endpoint that is asked, with what options say of it (fields of Endpoint)."""
    from physprior.endpoint.endpoint import Endpoint
    from physprior.endpoint.secret import Secret

    return Endpoint(
        base_url=asked.base_url,
        model=asked.model,
        key=Secret(asked.key),
        account=asked.openai,
        **settings,
    )
