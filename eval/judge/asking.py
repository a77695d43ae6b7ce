"""Asking what is due: so many questions at a time, each reply written down before it is read."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from physprior.endpoint.client import Client
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.reply import Reply, Unanswered
from physprior.errors import PhyspriorError
from physprior.eval.judge.cache import ReplyCache
from physprior.eval.judge.due import Due
from physprior.eval.judge.judged import Usage
from physprior.eval.judge.lines import FailureLine, ReplyLine
from physprior.eval.judge.profiles import Profile, Unreadable
from physprior.eval.judge.writing import ReplyWriter

_BEAT = 5.0
"""Seconds between two words about a run of which nothing else is heard."""


@dataclass
class Tally:
    """What a run has done so far."""

    usage: Usage = field(default_factory=Usage)
    unread: int = 0
    failed: int = 0
    settled: int = 0
    told: list[str] = field(default_factory=list)
    """What the client had to say, each thing once."""


class Asking:
    """One run's asking: where replies go to, and what they came to."""

    def __init__(
        self,
        endpoint: Endpoint,
        profile: Profile,
        writer: ReplyWriter,
        cache: ReplyCache,
        after_each: Callable[[Tally], None],
    ) -> None:
        self._endpoint = endpoint
        self._profile = profile
        self._writer = writer
        self._cache = cache
        self._after_each = after_each
        self.tally = Tally()

    def run(self, dues: Sequence[Due]) -> None:
        """Ask what is due.

        Raises JudgeError where the judge will not answer, KeyboardInterrupt on Ctrl-C and SIGTERM.
        """
        try:
            asyncio.run(self._ask_all(dues))
        except asyncio.CancelledError:
            # By SIGTERM, which ends the command as Ctrl-C does.
            raise KeyboardInterrupt from None

    async def _ask_all(self, dues: Sequence[Due]) -> None:
        if (task := asyncio.current_task()) and threading.current_thread() is (
            threading.main_thread()
        ):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        async with Client(self._endpoint, self._tell) as client:
            # As many tasks as connections, however many questions there are.
            queue = deque(dues)
            workers = [
                asyncio.create_task(self._work(client, queue))
                for _ in range(min(self._endpoint.connections, len(dues)))
            ]
            # Where one fails for good, the others still get the replies that are under way.
            async with self._beating():
                ended = await asyncio.gather(*workers, return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    @contextlib.asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        """Meanwhile the caller hears now and then that the run goes on: a judge may be slow."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(_BEAT)
                self._after_each(self.tally)

        beats = asyncio.create_task(beat())
        try:
            yield
        finally:
            beats.cancel()
            await asyncio.gather(beats, return_exceptions=True)

    async def _work(self, client: Client, queue: deque[Due]) -> None:
        while queue:
            due = queue.popleft()
            try:
                await self._settle(client, due)
                self.tally.settled += 1
                self._after_each(self.tally)
            except BaseException:
                queue.clear()
                raise

    async def _settle(self, client: Client, due: Due) -> None:
        try:
            await self._ask(client, due)
        except Unanswered as error:
            self._fail(due, error.reason)

    async def _ask(self, client: Client, due: Due) -> None:
        for asking in range(due.askings + 1, due.most + 1):
            reply = await client.ask(due.wanted.question.prompt)
            try:
                read = self._keep(due, asking, reply, cached=False)
            except PhyspriorError:
                # The file is full or gone; what was paid for may find room in the cache yet.
                if self._readable(due, reply):
                    self._cache.put(due.key, reply)
                raise
            if read:
                self._cache.put(due.key, reply)
                return
        self.tally.unread += 1

    def take_cached(self, due: Due) -> bool:
        """Settle a question by the cache; False where it does not know it."""
        reply = self._cache.get(due.key)
        if reply is None or not self._readable(due, reply):
            return False
        self._keep(due, due.askings + 1, reply, cached=True)
        self.tally.settled += 1
        self._after_each(self.tally)
        return True

    def _keep(self, due: Due, asking: int, reply: Reply, *, cached: bool) -> bool:
        """Write a reply down, and then say whether it can be read."""
        self._writer.append(
            ReplyLine(
                ids=due.wanted.ids,
                task=due.wanted.question.task,
                repeat=due.repeat,
                asking=asking,
                key=due.key,
                form=due.wanted.question.prompt.schema,
                left_out=due.wanted.question.left_out,
                source="cache" if cached else "judge",
                reply=reply,
            )
        )
        self.tally.usage = self.tally.usage.plus(reply, cached=cached)
        return self._readable(due, reply)

    def _readable(self, due: Due, reply: Reply) -> bool:
        try:
            self._profile.read(due.wanted.question, reply)
        except Unreadable:
            return False
        return True

    def _fail(self, due: Due, reason: str) -> None:
        self._writer.append(
            FailureLine(
                ids=due.wanted.ids,
                task=due.wanted.question.task,
                repeat=due.repeat,
                key=due.key,
                reason=reason,
            )
        )
        self.tally.failed += 1

    def _tell(self, said: str) -> None:
        if said not in self.tally.told:
            self.tally.told.append(said)
            self._after_each(self.tally)
