from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FunctionType

import pytest

from physprior.processes import Died, Done, TimedOut, WorkerError, work


def halve(number: int) -> float:
    """Half of it; some numbers are bad."""
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 17:
        time.sleep(600)
    if number == 19:
        sys.stdout.write("said into the pipe\n" * 1000)
        sys.stdout.flush()
    if number == -1:
        raise ValueError("a number below nothing")
    return number / 2


def own_process(_: int) -> int:
    return os.getpid()


def leave(_: int) -> None:
    os._exit(3)


def note_and_halve(note: Path) -> None:
    with note.open("a") as stream:
        stream.write("x")
    if len(note.read_text()) == 1:
        os.kill(os.getpid(), signal.SIGSEGV)


def start_or_be_killed(note: Path, kills: int) -> FunctionType:
    with note.open("a") as stream:
        stream.write("x")
    if len(note.read_text()) <= kills:
        os.kill(os.getpid(), signal.SIGKILL)
    return halve


class KilledAtItsStart:
    """A function whose first workers are killed while they import it."""

    def __init__(self, note: Path, kills: int) -> None:
        self.start = (note, kills)

    def __reduce__(self) -> tuple[object, ...]:
        return start_or_be_killed, self.start

    def __call__(self, number: int) -> float:
        return halve(number)


def unsendable(_: int) -> object:
    return lambda: None


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_item_comes_back_once_with_its_result(workers: int) -> None:
    outcomes = dict(work(halve, [8, 4, 2, 6], workers=workers, limit_s=60))
    assert outcomes == {0: Done(4.0), 1: Done(2.0), 2: Done(1.0), 3: Done(3.0)}


def test_nothing_to_do_starts_nothing() -> None:
    assert list(work(halve, [], workers=2, limit_s=60)) == []


def test_even_one_worker_is_another_process() -> None:
    ((_, outcome),) = work(own_process, [0], workers=1, limit_s=60)
    assert isinstance(outcome, Done)
    assert outcome.value != os.getpid()


@pytest.mark.parametrize("workers", [1, 3])
def test_items_that_hang_or_kill_their_worker_cost_no_other_item(workers: int) -> None:
    numbers = list(range(30))
    outcomes = dict(work(halve, numbers, workers=workers, limit_s=1.5))
    assert outcomes.pop(13) == Died(signal.SIGKILL)
    assert outcomes.pop(17) == TimedOut(1.5)
    assert outcomes == {n: Done(n / 2) for n in numbers if n not in (13, 17)}


def test_a_worker_that_leaves_of_itself_has_died_too() -> None:
    assert list(work(leave, [0], workers=1, limit_s=60)) == [(0, Died(0))]


def test_an_item_that_kills_its_worker_only_once_is_done(tmp_path: Path) -> None:
    note = tmp_path / "note"
    assert list(work(note_and_halve, [note], workers=1, limit_s=60)) == [(0, Done(None))]
    assert note.read_text() == "xx"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_is_killed_while_it_starts_is_replaced(tmp_path: Path, workers: int) -> None:
    function = KilledAtItsStart(tmp_path / "note", kills=2)
    outcomes = dict(work(function, [8, 4, 2], workers=workers, limit_s=60))
    assert outcomes == {0: Done(4.0), 1: Done(2.0), 2: Done(1.0)}


def test_workers_that_are_all_killed_while_they_start_are_an_error(tmp_path: Path) -> None:
    function = KilledAtItsStart(tmp_path / "note", kills=100)
    with pytest.raises(WorkerError, match="while it started, with code -9"):
        list(work(function, [8, 4], workers=1, limit_s=60))
    assert (tmp_path / "note").read_text() == "xxx"


def test_what_the_function_raises_is_raised_here_with_its_place() -> None:
    with pytest.raises(ValueError, match="below nothing") as caught:
        list(work(halve, [4, -1], workers=2, limit_s=60))
    assert "in halve" in "".join(caught.value.__notes__)


def test_a_result_that_cannot_be_sent_is_told() -> None:
    with pytest.raises((AttributeError, TypeError, RuntimeError), match=r"pickle|lambda"):
        list(work(unsendable, [0], workers=1, limit_s=60))


def test_the_time_that_nobody_takes_outcomes_is_no_item_s_time() -> None:
    outcomes = work(halve, [2, 4, 6, 8], workers=1, limit_s=0.5)
    assert next(outcomes) == (0, Done(1.0))
    time.sleep(0.8)
    assert [outcome for _, outcome in outcomes] == [Done(2.0), Done(3.0), Done(4.0)]


def test_a_function_without_a_place_is_refused() -> None:
    nameless = FunctionType(halve.__code__, {}, "halve")
    nameless.__module__ = "__main__"
    with pytest.raises(WorkerError, match="no name"):
        list(work(nameless, [1], workers=1, limit_s=60))


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(processes: list[int]) -> bool:
    deadline = time.monotonic() + 20
    while any(map(alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(alive, processes))


def test_stopping_early_ends_all_workers() -> None:
    outcomes = work(own_process, list(range(100)), workers=2, limit_s=60)
    first = [next(outcomes)[1] for _ in range(40)]
    seen = {outcome.value for outcome in first if isinstance(outcome, Done)}
    outcomes.close()
    assert seen
    assert gone(sorted(seen))


HANGING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_processes import tell_and_hang
from physprior.processes import work
list(work(tell_and_hang, [Path(sys.argv[2])] * 2, workers=2, limit_s=600))
"""


def tell_and_hang(folder: Path) -> None:
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def heed_ctrl_c() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_their_parent(how: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HANGING, str(Path(__file__).parent), str(tmp_path)]
    parent = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=heed_ctrl_c)
    while len(list(tmp_path.iterdir())) < 2:
        assert parent.poll() is None
        time.sleep(0.05)
    parent.send_signal(how)
    assert parent.wait(timeout=20) != 0
    assert gone([int(path.name) for path in tmp_path.iterdir()])
