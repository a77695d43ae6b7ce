"""Asking a judge_server questions, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import Any

from judge_server import JudgeServer, Script

from physprior.endpoint.client import Client, Reply, Unanswered
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt
from physprior.errors import JudgeError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "score": {"type": "integer"}},
}
PROMPT = Prompt("You judge.", "Is the spring broken?", SCHEMA, "marks")
Outcome = Reply | Unanswered | JudgeError


def prompts(count: int) -> list[Prompt]:
    return [Prompt("You judge.", f"Question {number}", SCHEMA, "marks") for number in range(count)]


def ask_all(server: JudgeServer, asked: list[Prompt], **fields: Any) -> tuple[list[Outcome], str]:
    """What became of each question, asked together, and what the client told meanwhile."""
    told: list[str] = []
    endpoint = Endpoint(server.url, "some-judge", **{"backoff": 0.01, "connections": 4, **fields})

    async def go() -> list[Any]:
        async with Client(endpoint, told.append) as client:
            return await asyncio.gather(*map(client.ask, asked), return_exceptions=True)

    outcomes = asyncio.run(go())
    for outcome in outcomes:
        if not isinstance(outcome, Reply | Unanswered | JudgeError):
            raise outcome
    return outcomes, "\n".join(told)


def ask(server: JudgeServer, **fields: Any) -> Outcome:
    return ask_all(server, [PROMPT], **fields)[0][0]


def answered(script: Script, **fields: Any) -> Reply:
    with JudgeServer(script) as server:
        outcome = ask(server, **fields)
    assert isinstance(outcome, Reply), outcome
    return outcome


def unanswered(script: Script, **fields: Any) -> str:
    with JudgeServer(script) as server:
        outcome = ask(server, **fields)
    assert isinstance(outcome, Unanswered), outcome
    return outcome.reason


def ended(script: Script, **fields: Any) -> str:
    with JudgeServer(script) as server:
        outcome = ask(server, **fields)
        assert server.count == 1, "what can never be answered is asked once"
    assert isinstance(outcome, JudgeError), outcome
    return str(outcome)
