"""A judging that is stopped: nothing that was written is lost, asked again or scored otherwise."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from judge_server import Asked, JudgeServer, good, out_of_range
from judging import Judging, Make

from physprior.errors import OutputError


@pytest.fixture(autouse=True)
def _heed_interrupts() -> Iterator[None]:
    # What a shell starts in the background ignores Ctrl-C, these tests too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file can grow beyond ``size`` bytes: what a full disk does, in a process of its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_nothing_that_was_written(make_judging: Make) -> None:
    work = make_judging(12, connections=1)
    with JudgeServer() as server:
        with pytest.raises(OutputError, match=str(work.out)), disk_of(6000):
            work.run(server.url)
        written = set(work.read().values())
        assert 2 < len(written) < 11
        asked = server.count
        work.run(server.url)
        # One reply came and could not be written down.
        assert server.count == 13
        assert asked == len(written) + 1
    assert len(work.read().values()) == 12
    assert work.read().torn is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_run_and_keeps_what_came(make_judging: Make, number: int) -> None:
    work = make_judging(12, connections=2)
    before = signal.getsignal(signal.SIGTERM)
    with JudgeServer(latency=0.01) as server:
        work.after_each = lambda: len(work.seen) == 6 and os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            work.run(server.url)
        assert 5 <= len(work.read().values()) < 9
        assert signal.getsignal(signal.SIGTERM) is before
        work.after_each = lambda: None
        work.run(server.url)
    assert work.read().missing == 0


def answer(asked: Asked) -> Any:
    """Unreadable at first for a third of the questions, then the same mark each time."""
    spoilt = sum(asked.user.encode()) % 3 == 0 and asked.again == 0
    return (out_of_range if spoilt else good)(asked)


def command(work: Judging, url: str) -> list[str]:
    words = ["eval", "judge", str(work.predictions.path), "--base-url", url, "--model", "the-judge"]
    return [sys.executable, "-m", "physprior", *words, "--connections", "4", "--no-cache"]


def started(work: Judging, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(work, url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(server: JudgeServer, count: int) -> None:
    until = time.monotonic() + 60
    while server.count < count:
        assert time.monotonic() < until, "the command asks nothing"
        time.sleep(0.002)


def with_marks(work: Judging) -> set[str]:
    """The keys of the questions that have marks."""
    if not work.out.exists() or not work.out.stat().st_size:
        return set()
    return {key for key, answer in work.read().answers.items() if answer.marks is not None}


@pytest.mark.slow
def test_killed_at_ten_moments_the_scores_are_those_of_an_undisturbed_run(
    make_judging: Make,
) -> None:
    draw = random.Random(7)
    work = make_judging(120)
    with JudgeServer(answer, latency=0.02) as server:
        undisturbed = work.with_out("undisturbed.jsonl")
        undisturbed.run(server.url)
        keys = work.keys(server.url)
        server.questions.clear()
        for kill in range(11):
            settled, before = with_marks(work), server.count
            with started(work, server.url) as running:
                if kill < 10:
                    wait_for(server, before + draw.randrange(1, 12))
                    time.sleep(draw.uniform(0, 0.03))
                    running.kill()
                else:
                    assert running.wait(60) == 0
            asked = {keys[one.user] for one in server.asked[before:]}
            assert asked
            assert not asked & settled
    assert len(with_marks(work)) == 120
    assert work.read().values() == undisturbed.read().values()
    assert work.read().unscored == []
    assert all(line["asking"] <= 2 for line in work.lines("reply"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_says_how_to_go_on(make_judging: Make, number: int) -> None:
    work = make_judging(120)
    with JudgeServer(latency=0.02) as server, started(work, server.url) as running:
        wait_for(server, 8)
        running.send_signal(number)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on where it stopped" in said
    assert "Traceback" not in said
    assert with_marks(work)
