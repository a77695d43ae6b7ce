"""Which model drafts: its address, name and key, from options or the environment.

What is not said for a drafter is taken from what is said for a judge: mostly it is the same one.
"""

from __future__ import annotations

from typing import Annotated

import typer

from physprior.cli.judge_endpoint import Asked, Asking, find_asked

DRAFTER = Asking(
    role="drafter",
    urls=("PHYSPRIOR_DRAFT_URL", "PHYSPRIOR_JUDGE_URL", "OPENAI_BASE_URL"),
    models=("PHYSPRIOR_DRAFT_MODEL", "PHYSPRIOR_JUDGE_MODEL"),
    key="PHYSPRIOR_DRAFT_KEY",
    other_keys=(("PHYSPRIOR_JUDGE_KEY", "PHYSPRIOR_JUDGE_URL"),),
)
"""Where a drafter is looked for."""

BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="Address of an OpenAI-compatible endpoint, such as http://localhost:11434/v1.",
        show_default="PHYSPRIOR_DRAFT_URL, else the judge's",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="What the endpoint calls the model; for videos, one with eyes.",
        show_default="PHYSPRIOR_DRAFT_MODEL, else the judge's",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="The endpoint's key; better in the environment. A local one needs none.",
        show_default="PHYSPRIOR_DRAFT_KEY, else the judge's for the same endpoint",
    ),
]


def find_drafter(base_url: str | None, model: str | None, key: str | None) -> Asked:
    """The drafter by options, else by the environment. Raises JudgeError where none is named.

    The judge's key goes to the judge's endpoint alone.
    """
    return find_asked(DRAFTER, base_url, model, key)
