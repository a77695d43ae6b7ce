"""``--watch`` checks again when a file was saved, made or deleted, and outlives all of that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from physprior.check import watch
from physprior.check.watch import rounds, state

Command = Callable[..., Any]
Happening = Callable[[], object]


def told_after(paths: list[Path], happenings: list[Happening]) -> int:
    """After how many looks a change is told of; before each look something may happen."""
    looks = 0

    def wait() -> None:
        nonlocal looks
        if looks < len(happenings):
            happenings[looks]()
        looks += 1
        assert looks < 50, "nothing was told"

    assert len(list(islice(rounds(paths, wait), 2))) == 2
    return looks


def nothing() -> None:
    return


@pytest.fixture
def kb(tmp_path: Path, sound: str) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "pump.yaml").write_text(sound, "utf-8")
    return folder


def test_the_first_round_waits_for_nothing(kb: Path) -> None:
    def wait() -> None:
        raise AssertionError("it waited")

    assert len(list(islice(rounds([kb], wait), 1))) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda kb: (kb / "pump.yaml").write_text("id: x"), id="saved"),
        pytest.param(lambda kb: (kb / "fan.yaml").write_text("id: x"), id="made"),
        pytest.param(lambda kb: (kb / "pump.yaml").unlink(), id="deleted"),
        pytest.param(lambda kb: (kb / "pump.yaml").rename(kb / "fan.yaml"), id="renamed"),
        pytest.param(lambda kb: kb.rename(kb.with_name("gone")), id="folder moved away"),
    ],
)
def test_a_change_is_told_of_once_it_has_settled(kb: Path, change: Happening | Any) -> None:
    assert told_after([kb], [nothing, lambda: change(kb)]) == 3


def test_a_file_that_takes_the_place_of_another_of_the_same_size_is_a_change(kb: Path) -> None:
    path = kb / "pump.yaml"
    known = path.stat()

    def replace() -> None:
        part = kb / ".part"
        part.write_bytes(path.read_bytes())
        os.utime(part, ns=(known.st_atime_ns, known.st_mtime_ns))
        part.replace(path)

    assert told_after([kb], [replace]) == 2


def test_several_saves_one_after_the_other_are_one_change(kb: Path) -> None:
    saves = [
        lambda number=number: (kb / f"fan{number}.yaml").write_text("id: x") for number in range(4)
    ]
    assert told_after([kb], [*saves]) == 5


def test_a_file_that_never_settles_is_told_of_all_the_same(kb: Path) -> None:
    path = kb / "pump.yaml"

    def grow() -> None:
        path.write_text(path.read_text() + "#")

    assert told_after([kb], [grow] * 40) == watch.MOST_LOOKS + 1


def test_what_changes_while_a_round_is_at_work_is_told_of_next(kb: Path) -> None:
    turns = rounds([kb], nothing)
    next(turns)
    (kb / "pump.yaml").write_text("id: x")
    next(turns)


def test_other_files_and_hidden_ones_are_not_looked_at(kb: Path) -> None:
    before = state([kb])
    (kb / "notes.txt").write_text("x")
    (kb / ".pump.yaml.swp").write_text("x")
    (kb / ".git").mkdir()
    (kb / ".git/x.yaml").write_text("x")
    assert state([kb]) == before


def test_a_pipe_in_a_folder_is_not_looked_at(kb: Path) -> None:
    before = state([kb])
    os.mkfifo(kb / "x.yaml")
    assert state([kb]) == before


def test_beside_a_named_file_its_vocabulary_counts_and_no_folder_below(kb: Path) -> None:
    before = state([kb / "pump.yaml"])
    (kb / "below").mkdir()
    (kb / "below/fan.yaml").write_text("x")
    assert state([kb / "pump.yaml"]) == before
    (kb / "vocabulary.yaml").write_text("x")
    assert state([kb / "pump.yaml"]) != before


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_a_form_for_programs_cannot_be_watched(form: str, kb: Path, physprior: Command) -> None:
    done = physprior("check", kb, "--watch", "--format", form)
    assert (done.code, done.out) == (2, "")
    assert f"--format {form} is for programs" in " ".join(done.err.split())


@pytest.mark.parametrize("words", [["absent"], ["kb", "--select", "X999"]])
def test_what_can_never_be_checked_is_not_watched(
    words: list[str], kb: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kb.parent)
    done = physprior("check", "--watch", *words)
    assert (done.code, done.out) == (2, "")
    assert "watching" not in done.err


Turn = Callable[[Happening], str]


@pytest.fixture
def watched(kb: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command over a script of changes: what it says until the script ends, by Ctrl-C."""

    def run(*changes: Happening) -> Any:
        def turns(paths: list[Path]) -> Iterator[None]:
            yield
            for change in changes:
                change()
                yield
            raise KeyboardInterrupt

        import physprior.cli.check_watch as module

        monkeypatch.setattr(module, "rounds", turns)
        return physprior("check", kb, "--watch", "--format", "concise")

    return run


def test_each_round_is_shown_and_ctrl_c_exits_with_130_and_one_line(
    kb: Path, watched: Command
) -> None:
    path = kb / "pump.yaml"
    sound = path.read_text("utf-8")
    done = watched(lambda: path.write_text("id: a: b\n"), lambda: path.write_text(sound))
    assert done.code == 130
    shown = done.out.splitlines()
    assert shown[0] == shown[-1] == "1 file, no problems"
    assert [line.partition(" ")[2][:11] for line in shown[1:2]] == ["S001 syntax"]
    assert done.err.count("watching") == 3
    assert done.err.splitlines()[-1].startswith("stopped")
    assert "\x1b" not in done.out


def test_a_folder_that_is_gone_for_a_while_is_said_and_outlived(kb: Path, watched: Command) -> None:
    gone = kb.with_name("gone")
    done = watched(lambda: kb.rename(gone), lambda: gone.rename(kb))
    assert done.code == 130
    assert done.out == "1 file, no problems\n" * 2
    assert f"error: no such file or folder: {kb}" in done.err


@pytest.mark.parametrize("half", [b"", b"id: pu", b'name: "hand', b"\xef\xbb", b"\xc3"])
def test_a_file_that_is_half_saved_is_no_crash(half: bytes, kb: Path, watched: Command) -> None:
    done = watched(lambda: (kb / "pump.yaml").write_bytes(half))
    assert done.code == 130
    assert "1 problem" in done.out or "problems" in done.out


@pytest.mark.slow
def test_a_real_watch_sees_a_save_within_half_a_second_and_ends_by_ctrl_c(kb: Path) -> None:
    words = [sys.executable, "-u", "-m", "physprior.cli.main", "check", str(kb), "--watch"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout
    assert process.stderr
    try:
        assert process.stdout.readline() == "1 file, no problems\n"
        assert process.stderr.readline() == "watching; Ctrl-C ends it\n"
        time.sleep(2 * watch.INTERVAL)
        saved = time.monotonic()
        (kb / "pump.yaml").write_text("id: a: b\n")
        assert "S001 syntax" in process.stdout.readline()
        # Two looks, and the check itself on a busy machine.
        assert time.monotonic() - saved < 2 * watch.INTERVAL + 2
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "stopped"
    assert "Traceback" not in said
