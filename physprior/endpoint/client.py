"""Asks a model, over a line that may fail in every way that a line can.

    async with Client(endpoint) as client:
        reply = await client.ask(prompt)

Each question ends in one of three ways: a Reply, Unanswered for this question alone, or JudgeError
for all of them. What the endpoint sends is redacted before anything else sees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.form import Form, first_form
from physprior.endpoint.line import line_to
from physprior.endpoint.pace import Pace
from physprior.endpoint.reply import Reply, Unanswered
from physprior.endpoint.secret import Redaction
from physprior.endpoint.trouble import Declined, Trouble, of_status, refused, silent
from physprior.endpoint.wire import Complaint, Garbled, error_within, read_complaint, read_reply
from physprior.errors import JudgeError

if TYPE_CHECKING:
    from physprior.endpoint.prompt import Prompt

__all__ = ["Client", "Reply", "Unanswered"]

SILENT = 20
"""Questions in a row without an answer after which the endpoint counts as down."""
_WORTH_TELLING = 5.0


class Client:
    """An open line to an endpoint: an async context manager for one event loop.

    ``tell`` is called with each thing that the user should know: a form that the model refuses, a
    pause that it asks for. Raises JudgeError on entering where no line can be opened at all.
    """

    def __init__(self, endpoint: Endpoint, tell: Callable[[str], None] = lambda said: None) -> None:
        self._endpoint = endpoint
        self._tell = tell
        self._form = first_form(endpoint)
        self._pace = Pace(endpoint.backoff)
        self._places = asyncio.Semaphore(endpoint.connections)
        self._answers = 0
        self._unanswered = 0
        self._troubled = False
        self._end: JudgeError | None = None
        self._open = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._line = await self._open.enter_async_context(line_to(self._endpoint))
        self._open.enter_context(Redaction(self._endpoint.key))
        return self

    async def __aexit__(self, *what: object) -> None:
        await self._open.aclose()

    async def ask(self, prompt: Prompt) -> Reply:
        """The model's reply to ``prompt``.

        Raises Unanswered where this question got none, and JudgeError where none will.
        """
        sent = tries = 0
        answers = self._answers
        while True:
            sent += 1
            heard = await self._send_in_turn(prompt, sent)
            if isinstance(heard, Reply):
                return heard
            if isinstance(heard, Declined):
                raise Unanswered(heard.reason, attempts=sent)
            if isinstance(heard, Trouble):
                # In a crowd only those get a turn that the endpoint has room for; as long as it
                # answers others, to wait is no failure.
                tries += not (heard.crowded and self._answers > answers)
                answers = self._answers
                if heard.final or tries >= self._endpoint.attempts:
                    raise self._given_up(heard, sent)
                await self._wait(heard, tries)

    async def _send_in_turn(self, prompt: Prompt, sent: int) -> Reply | Trouble | Declined | Form:
        """One request, when a connection is free and no pause is on."""
        async with self._places:
            await self._pace.turn()
            if self._end is None:
                heard = await self._send(prompt, sent)
                if not isinstance(heard, JudgeError):
                    return heard
                self._over(heard)
        raise self._ended()

    async def _send(
        self, prompt: Prompt, sent: int
    ) -> Reply | Trouble | Declined | Form | JudgeError:
        """One request, and what came of it; a Form where it is to be put in another one."""
        form, began = self._form, time.monotonic()
        heard = await self._line.post(form.request(prompt, self._endpoint))
        if isinstance(heard, Trouble):
            return heard
        redact, status = self._endpoint.key.redact, heard.status
        if status < 300:
            taken = time.monotonic() - began
            try:
                reply = read_reply(heard.body, redact, seconds=taken, attempts=sent)
            except Garbled as error:
                within = error_within(heard.body)
                if within is None:
                    return Trouble(str(error))
                status = within
            else:
                self._answers, self._unanswered = self._answers + 1, 0
                return reply
        said = read_complaint(heard.body, redact)
        found = of_status(status, heard.headers, said, self._endpoint)
        return found or self._adapted(form, status, said)

    def _adapted(self, form: Form, status: int, said: Complaint) -> Declined | Form | JudgeError:
        """What follows from an endpoint's refusal of a request that was put in ``form``."""
        if form != self._form:
            return self._form  # another question has met it before, and it is seen to
        milder = form.milder(said.param, said.message)
        if milder is not None:
            self._form = milder
            self._tell(milder.told(form, self._endpoint.role))
            return milder
        if self._answers:
            # The endpoint takes such requests: it must be this question that it will not take.
            return Declined(f"HTTP {status}: {said.message}")
        return refused(status, said, self._endpoint)

    def _given_up(self, heard: Trouble, sent: int) -> Unanswered | JudgeError:
        self._unanswered += 1
        if self._unanswered >= SILENT:
            self._over(silent(self._unanswered, heard.reason, self._endpoint))
        tries = f" ({sent} tries)" if sent > 1 else ""
        return self._ended() if self._end else Unanswered(heard.reason + tries, attempts=sent)

    def _over(self, error: JudgeError) -> None:
        """No question is sent from now on; those that are under way may still be answered."""
        self._end = self._end or error
        self._pace.end()

    def _ended(self) -> JudgeError:
        # Each question raises one of its own: in two tasks, one error would mix up their traces.
        assert self._end is not None
        return JudgeError(self._end.message, remedy=self._end.remedy)

    async def _wait(self, heard: Trouble, tries: int) -> None:
        """Before the next try; what the endpoint asks to wait for, all questions wait for."""
        if not self._answers and not self._troubled:
            # Else a wrong address would be silence until all tries are used up.
            who = self._endpoint.role
            self._tell(f"at first the {who} does not answer ({heard.reason}); it is asked again")
        self._troubled = True
        wait = self._pace.wait_of(tries)
        if heard.pause is not None or heard.crowded:
            pause = max(wait, heard.pause or 0.0)
            if pause > _WORTH_TELLING:
                # Rounded: it is told once, not each time.
                most = math.ceil(pause / 10) * 10
                self._tell(f"the {self._endpoint.role} asks for pauses of up to {most} s")
            self._pace.pause(pause)
        else:
            await self._pace.sleep(wait)
