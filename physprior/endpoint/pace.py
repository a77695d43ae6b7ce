"""When the next request may be sent: waits after failures, and pauses that all questions share."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

LONGEST_WAIT = 30.0
"""Seconds between two tries of a question at most, unless the endpoint asks for more."""


class Pace:
    """The clock of one line. ``backoff``: seconds that the first wait has at most."""

    def __init__(self, backoff: float) -> None:
        self._backoff = backoff
        self._not_before = 0.0
        self._over = asyncio.Event()
        # Questions that failed together must not come back together.
        self._draw = random.Random()

    def wait_of(self, tries: int) -> float:
        """Seconds to wait after so many tries: exponential, with full jitter."""
        doubled = self._backoff * 2.0 ** min(max(tries - 1, 0), 30)
        return self._draw.uniform(0.0, min(LONGEST_WAIT, doubled))

    def pause(self, seconds: float) -> None:
        """Nobody sends anything for so long."""
        self._not_before = max(self._not_before, time.monotonic() + seconds)

    def end(self) -> None:
        """Nobody waits for anything any more."""
        self._over.set()

    async def turn(self) -> None:
        """Return once no pause is on; not all that waited, at the same moment."""
        while not self._over.is_set() and (left := self._not_before - time.monotonic()) > 0:
            await self.sleep(left + self._draw.uniform(0.0, self._backoff))

    async def sleep(self, seconds: float) -> None:
        """Wait for so long, or until the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
