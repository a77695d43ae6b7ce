"""A pool of worker processes that can be killed: one bad item costs nobody but itself.

``work`` runs a function over items. An item that takes too long has its worker killed, one that
kills its worker is named, and everything else goes on. This file is also what a worker runs: it
imports the standard library alone, so that a worker starts fast, and the function's own module.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

START_LIMIT_S = 120.0
"""How long a worker may take to import the function."""
_STARTS = 3
"""How many workers in a row may be killed while they start before nothing is worth another try."""
_AHEAD = 2
"""Items that a worker holds while there are plenty, so that it never waits for the next one."""


@dataclass(frozen=True)
class Done(Generic[Result]):
    """The function returned."""

    value: Result
    """What it returned."""


@dataclass(frozen=True)
class TimedOut:
    """The item took longer than it may; its worker was killed."""

    limit_s: float
    """How long it may take in seconds."""


@dataclass(frozen=True)
class Died:
    """The item killed its worker, twice: another worker was tried."""

    signal: int
    """The signal that ended it, or 0 where it left of itself."""


Outcome = Done[Result] | TimedOut | Died
"""What became of one item."""


class WorkerError(RuntimeError):
    """Worker processes cannot be started here, or cannot import the function."""


def work(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    limit_s: float,
) -> Generator[tuple[int, Outcome[Result]], None, None]:
    """Run ``function`` over ``items`` in ``workers`` processes: (number of the item, outcome).

    Outcomes come in the order of their ending, each item's once. ``limit_s`` is the longest that
    one item may take, in seconds. The function is sent by name, so it must be a module's own (or a
    ``functools.partial`` of one); items and results are pickled. What the function raises is
    raised here. Whoever stops early, by Ctrl-C or by closing the iterator, kills all workers; a
    worker whose parent is gone ends too. Raises WorkerError where no worker can be started.
    """
    if items:
        pool = _Pool(function, items, min(workers, len(items)), limit_s)
        try:
            yield from pool.outcomes()
        finally:
            pool.kill()


class _Message(NamedTuple):
    worker: _Worker
    at: float
    content: tuple[str, Any] | None
    """("ready", None), ("done", result) or ("raised", (error, its traceback)); None: it ended."""


class _Worker:
    """One process, and a thread that waits for what it says."""

    def __init__(self, function: bytes, inbox: queue.SimpleQueue[_Message]) -> None:
        # Each item has a core to itself: libraries that would use more only get in its way.
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", os.path.abspath(__file__)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **threads},
                start_new_session=True,  # Ctrl-C is for the parent, who then kills.
            )
        except OSError as error:
            raise WorkerError(f"no process can be started: {error}") from error
        self.held: deque[int] = deque()
        """The items it was given and has not answered, in their order."""
        self.since = time.monotonic()
        """When it began with the first of them, or with its start."""
        self.ready = False
        self._inbox = inbox
        self._say(pickle.dumps(sys.path) + function)
        threading.Thread(target=self._listen, daemon=True).start()

    def give(self, number: int, item: Any) -> None:
        if not self.held and self.ready:
            self.since = time.monotonic()
        self.held.append(number)
        self._say(pickle.dumps(item))

    def kill(self) -> None:
        self.process.kill()
        with suppress(OSError):
            self._pipe_in().close()

    def _say(self, pickled: bytes) -> None:
        with suppress(OSError):  # Where it has ended, the thread that listens tells.
            self._pipe_in().write(pickled)
            self._pipe_in().flush()

    def _pipe_in(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as replies:
            while True:
                content = _receive(replies)
                self._inbox.put(_Message(self, time.monotonic(), content))
                if content is None:
                    return


def _receive(stream: IO[bytes]) -> Any:
    """The next pickled thing, or None at the stream's end, however it came about."""
    try:
        return pickle.load(stream)
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        return None


class _Pool(Generic[Item, Result]):
    """The workers of one ``work`` and what is left to do."""

    def __init__(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        workers: int,
        limit_s: float,
    ) -> None:
        if getattr(function, "__module__", "") == "__main__":
            raise WorkerError("a function of a script has no name that a worker could import")
        self._function = pickle.dumps(function)
        self._items = items
        self._limit_s = limit_s
        self._waiting = deque(range(len(items)))
        self._died: set[int] = set()
        self._failed_starts = 0
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._workers: list[_Worker] = []
        self._wanted = max(1, workers)

    def kill(self) -> None:
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            # A process that waits for a dead disk cannot even be killed: it is left behind.
            with suppress(subprocess.TimeoutExpired):
                worker.process.wait(timeout=1)

    def outcomes(self) -> Iterator[tuple[int, Outcome[Result]]]:
        while len(self._workers) < self._wanted:
            self._workers.append(_Worker(self._function, self._inbox))
        self._feed()
        while self._waiting or any(worker.held for worker in self._workers):
            for message in self._messages():
                if message.worker in self._workers:
                    yield from self._take(message)
            yield from self._judge_overdue()
            self._feed()

    def _feed(self) -> None:
        for ahead in range(1, _AHEAD + 1):
            for worker in self._workers:
                # Near the end nobody hoards what another could begin.
                hoarding = ahead > 1 and len(self._waiting) <= len(self._workers)
                if self._waiting and len(worker.held) < ahead and not hoarding:
                    number = self._waiting.popleft()
                    worker.give(number, self._items[number])

    def _messages(self) -> Iterator[_Message]:
        """All that has been said; waits for something, but not beyond the next deadline."""
        next_deadline = min(map(self._deadline, self._workers), default=time.monotonic() + 1)
        with suppress(queue.Empty):
            yield self._inbox.get(timeout=max(0.0, next_deadline - time.monotonic()))
            while True:
                yield self._inbox.get_nowait()

    def _deadline(self, worker: _Worker) -> float:
        if not worker.ready:
            return worker.since + START_LIMIT_S
        return worker.since + self._limit_s if worker.held else time.monotonic() + 1

    def _take(self, message: _Message) -> Iterator[tuple[int, Done[Result] | Died]]:
        worker = message.worker
        worker.since = message.at
        if message.content is None:
            yield from self._bury(worker)
            return
        kind, content = message.content
        if kind == "raised":
            error, trace = content
            error.add_note(f"in a worker process:\n{trace}")
            raise error
        if kind == "ready":
            worker.ready = True
            self._failed_starts = 0
        else:
            yield worker.held.popleft(), Done(content)

    def _bury(self, worker: _Worker) -> Iterator[tuple[int, Died]]:
        # What it said ended before it did: only then is there a code to ask for.
        with suppress(subprocess.TimeoutExpired):
            worker.process.wait(timeout=1)
        worker.kill()
        code = worker.process.wait()
        if not worker.ready:
            # No item has been begun, so none is to blame: the system may be short of memory.
            self._failed_starts += 1
            if self._failed_starts >= _STARTS:
                raise WorkerError(f"a worker process ended while it started, with code {code}")
            self._replace(worker)
            return
        culprit = worker.held.popleft() if worker.held else None
        self._replace(worker)
        if culprit is None:
            return
        if culprit in self._died:
            yield culprit, Died(max(0, -code))
        else:
            # The item before may have done the damage, or the system may have been short of memory.
            self._died.add(culprit)
            self._waiting.appendleft(culprit)

    def _judge_overdue(self) -> Iterator[tuple[int, TimedOut]]:
        now = time.monotonic()
        for worker in list(self._workers):
            if now < self._deadline(worker) or not self._inbox.empty():
                continue
            if not worker.ready:
                raise WorkerError(f"a worker process did not start within {START_LIMIT_S:g} s")
            worker.kill()
            culprit = worker.held.popleft()
            self._replace(worker)
            yield culprit, TimedOut(self._limit_s)

    def _replace(self, worker: _Worker) -> None:
        """Another worker in the place of one that is gone; what it held goes back."""
        self._waiting.extendleft(reversed(worker.held))
        worker.held.clear()
        self._workers[self._workers.index(worker)] = _Worker(self._function, self._inbox)


def _serve() -> None:
    """What a worker does: import the function, then answer each item that comes."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What the function prints must not end up among the replies.
    requests = sys.stdin.buffer
    try:
        sys.path[:] = pickle.load(requests)
        function = pickle.load(requests)
        _reply(replies, "ready", None)
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_collect, args=(requests, inbox), daemon=True).start()
        while True:
            _reply(replies, "done", function(inbox.get()))
    except BaseException as error:
        _reply(replies, "raised", (_sendable(error), traceback.format_exc()))
        raise


def _collect(requests: IO[bytes], inbox: queue.SimpleQueue[Any]) -> None:
    # A thread of its own, so that even a worker that hangs learns that its parent is gone.
    while True:
        try:
            inbox.put(pickle.load(requests))
        except (EOFError, OSError, pickle.UnpicklingError):
            os._exit(0)


def _reply(replies: IO[bytes], kind: str, content: Any) -> None:
    replies.write(pickle.dumps((kind, content)))
    replies.flush()


def _sendable(error: BaseException) -> BaseException:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever an error's own pickling may raise
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    _serve()
