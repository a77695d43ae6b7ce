"""All questions to a drafter, asked side by side; each comes to proposals or to a reason."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from physprior.draft.reading import Proposal, read_reply
from physprior.draft.wish import Wish
from physprior.endpoint.client import Client
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt
from physprior.endpoint.reading import Unreadable
from physprior.endpoint.reply import Reply, Unanswered
from physprior.errors import JudgeError, PhyspriorError


@dataclass(frozen=True)
class Answer:
    """What came of one question."""

    wish: Wish
    proposals: tuple[Proposal, ...] = ()
    failure: str = ""
    """Why there are none; empty where there are some."""
    remark: str = ""
    reply: Reply | None = None
    """What the model sent, where it sent anything."""


def ask(
    asked: Sequence[tuple[Wish, Prompt]],
    category: str,
    endpoint: Endpoint,
    tell: Callable[[str], None],
) -> tuple[list[Answer], PhyspriorError | None]:
    """The answers in the order of the questions, and the error that ended it all, or None.

    Raises KeyboardInterrupt on Ctrl-C and SIGTERM.
    """
    try:
        outcomes = asyncio.run(_ask_all([prompt for _, prompt in asked], endpoint, tell))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except JudgeError as error:
        # No line could be opened at all.
        return [], error
    answers, ended = [], None
    for (wish, _), outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, Reply):
            answers.append(_read(wish, category, outcome))
        elif isinstance(outcome, Unanswered):
            answers.append(Answer(wish, failure=f"no answer came: {outcome.reason}"))
        elif isinstance(outcome, PhyspriorError):
            ended = ended or outcome
        else:
            raise outcome
    return answers, ended


async def _ask_all(
    prompts: list[Prompt], endpoint: Endpoint, tell: Callable[[str], None]
) -> list[Reply | BaseException]:
    task = asyncio.current_task()
    if task is not None and threading.current_thread() is threading.main_thread():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with Client(endpoint, tell) as client:
        return await asyncio.gather(*map(client.ask, prompts), return_exceptions=True)


def _read(wish: Wish, category: str, reply: Reply) -> Answer:
    try:
        proposals, remark = read_reply(wish, category, reply)
    except Unreadable as error:
        return Answer(wish, failure=error.reason, reply=reply)
    return Answer(wish, tuple(proposals), remark=remark, reply=reply)
