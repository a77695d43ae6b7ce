"""``physprior eval judge``: an OpenAI-compatible judge reads each explanation and marks it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.console import remark
from physprior.cli.judge_endpoint import BaseUrl, Key, Model, endpoint_of, find_judge
from physprior.cli.judge_options import (
    Attempts,
    CacheFolder,
    Connections,
    DryRun,
    Limit,
    MaxTokens,
    NoCache,
    PriceIn,
    PriceOut,
    ProfileName,
    References,
    Repeat,
    Replies,
    RetryUnread,
    Rubrics,
    Structured,
    Timeout,
    cache_file,
    price_of,
)
from physprior.cli.judge_work import ask, prepare, say_forecast
from physprior.cli.options import Kb
from physprior.dataset.names import shown


def judge_command(
    predictions: Annotated[
        Path, typer.Argument(help="A file that 'predict' or 'eval import' has written.")
    ],
    profile: ProfileName = "llm-score",
    base_url: BaseUrl = None,
    model: Model = None,
    key: Key = None,
    kb: Kb = None,
    references: References = None,
    templates: Rubrics = None,
    repeat: Repeat = 1,
    connections: Connections = 8,
    timeout: Timeout = 120.0,
    attempts: Attempts = 6,
    structured: Structured = "auto",
    max_tokens: MaxTokens = 2048,
    price_in: PriceIn = None,
    price_out: PriceOut = None,
    limit: Limit = None,
    cache: CacheFolder = None,
    no_cache: NoCache = False,
    retry_unread: RetryUnread = False,
    dry_run: DryRun = False,
    out: Replies = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, its numbers not rounded.")
    ] = False,
) -> None:
    """Let a judge mark each explanation: any OpenAI-compatible endpoint, hosted or local.

    Each reply is written down as it comes. Given again, it asks what is missing, and nothing twice.
    """
    price, kept = price_of(price_in, price_out), cache_file(cache, no_cache)
    from physprior.eval.judge.run import JudgeOptions

    asked = find_judge(base_url, model, key)
    endpoint = endpoint_of(
        asked,
        timeout=timeout,
        attempts=attempts,
        connections=connections,
        structured=structured,
        max_tokens=max_tokens,
    )
    work = prepare(predictions, profile, endpoint, kb, references, templates, out)
    options = JudgeOptions(repeat, kept, retry_unread, limit)
    remark(shown(f"judge: {endpoint.model} at {endpoint.base_url} ({asked.told})"))
    for line in (*asked.remarks, *work.remarks):
        remark(line)
    if dry_run:
        say_forecast(work, options, as_json=as_json)
    else:
        ask(work, options, price, as_json=as_json)
