"""The options of ``eval judge`` that say how its judge is asked."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

import typer

from physprior.cli.judged_table import Price

ProfileName = Annotated[
    Literal["llm-score", "paeval"],
    typer.Option(
        "--profile",
        help="llm-score: is the anomaly type right, is the reasoning sound. "
        "paeval: how like the references is it.",
    ),
]
References = Annotated[
    Path | None,
    typer.Option(
        "--references",
        help="References that 'data references' has made of a label file.",
        show_default="those of the KB",
    ),
]
Repeat = Annotated[int, typer.Option("--repeat", min=1, help="Times that each question is asked.")]
Connections = Annotated[
    int, typer.Option("--connections", min=1, help="Questions on their way at once.")
]
Timeout = Annotated[
    float, typer.Option("--timeout", min=0.1, help="Seconds that one reply may take.")
]
Attempts = Annotated[
    int,
    typer.Option(
        "--attempts", min=1, help="Times that a question is sent before it stays without reply."
    ),
]
Structured = Annotated[
    Literal["auto", "schema", "object", "none"],
    typer.Option(
        "--structured",
        help="How JSON is asked for: by schema, as any object, or in words alone; "
        "auto finds what the endpoint can do.",
    ),
]
MaxTokens = Annotated[int, typer.Option("--max-tokens", min=1, help="Most tokens of a reply.")]
PriceIn = Annotated[
    float | None,
    typer.Option("--price-in", min=0.0, help="Price of a million tokens that are sent."),
]
PriceOut = Annotated[
    float | None,
    typer.Option("--price-out", min=0.0, help="Price of a million tokens of replies."),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Ask so many questions only: a trial."),
]
Rubrics = Annotated[
    Path | None,
    typer.Option(
        "--templates",
        help="Folder of templates; the rubric is judge/PROFILE.j2 in it.",
        show_default="the project's, else the shipped templates",
    ),
]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        help="Folder where replies of all runs are kept.",
        show_default="the user's cache",
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Take no reply of another run, and keep none.")
]
RetryUnread = Annotated[
    bool,
    typer.Option("--retry-unread", help="Ask again where a reply could not be read before."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be asked; ask nothing, write nothing.")
]
Replies = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        help="The file of replies (JSONL).",
        show_default="beside test.jsonl: test.judge-PROFILE.jsonl",
    ),
]
CACHE_NAME = "judge.sqlite"


def price_of(sent: float | None, replied: float | None) -> Price | None:
    """Both prices, or none. Raises BadParameter for one alone, or one that is no number."""
    for name, price in (("--price-in", sent), ("--price-out", replied)):
        if price is not None and not math.isfinite(price):
            raise typer.BadParameter(f"{price} is no price", param_hint=name)
    if (sent is None) != (replied is None):
        given, other = ("--price-in", "--price-out")[:: 1 if replied is None else -1]
        raise typer.BadParameter(f"a cost takes {other} too", param_hint=given)
    return None if sent is None or replied is None else Price(sent, replied)


def cache_file(folder: Path | None, no_cache: bool) -> Path | None:
    """Where replies are kept; None for nowhere. Raises BadParameter where both are asked for."""
    from physprior.paths import cache_folder

    if no_cache and folder is not None:
        raise typer.BadParameter("name a cache, or none", param_hint="--no-cache")
    return None if no_cache else (folder or cache_folder()) / CACHE_NAME
