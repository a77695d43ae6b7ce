"""Filling the cache of frames while processes are killed, run side by side, or the disk is full."""

from __future__ import annotations

import os
import platform
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from preparing import KilledByOne, open_store

from physprior.vlm import frames as frames_module
from physprior.vlm.frames import Clip, Skipped

SCRIPT = str(Path(__file__).with_name("preparing.py"))


def start(folder: Path, clips: list[Clip], most_bytes: str = "all") -> subprocess.Popen[str]:
    paths = [str(clip.path) for clip in clips]
    command = [sys.executable, "-P", SCRIPT, str(folder), most_bytes, *paths]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory, clips: list[Clip]) -> dict[str, bytes]:
    """What an undisturbed preparation leaves."""
    folder = tmp_path_factory.mktemp("wanted")
    assert open_store(folder).prepare(clips, workers=2) == []
    return contents(folder)


def workers() -> Iterator[int]:
    """Processes of this one that decode."""
    for task in Path("/proc/self/task").iterdir():
        for process in (task / "children").read_text().split():
            if b"processes.py" in Path(f"/proc/{process}/cmdline").read_bytes():
                yield int(process)


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(
    tmp_path: Path, clips: list[Clip], wanted: dict[str, bytes]
) -> None:
    moments = random.Random(5)
    for _ in range(5):
        running = start(tmp_path, clips)
        time.sleep(moments.uniform(0.2, 1.6))
        running.kill()
        running.communicate()
        found = contents(tmp_path)
        assert all(found[name] == wanted[name] for name in found if name.endswith(".npy"))
    assert open_store(tmp_path).prepare(clips, workers=2) == []
    assert contents(tmp_path) == wanted


def test_killed_workers_are_replaced(
    tmp_path: Path, clips: list[Clip], wanted: dict[str, bytes]
) -> None:
    killed = []

    def kill(done: int, _total: int) -> None:
        if done == 2:
            killed.extend(workers())
            for worker in killed:
                os.kill(worker, signal.SIGKILL)

    assert open_store(tmp_path).prepare(clips, workers=2, progress=kill) == []
    assert len(killed) == 2
    assert contents(tmp_path).items() >= wanted.items()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_video_that_kills_its_decoder_costs_no_other(
    tmp_path: Path, clips: list[Clip], workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames_module, "FrameMaker", KilledByOne)
    store = open_store(tmp_path)
    skipped = store.prepare(clips, workers=workers)
    assert skipped == [
        Skipped(clips[3].path, "the process that decoded it died; it may be damaged")
    ]
    assert [store.path(clip).exists() for clip in clips] == [True] * 3 + [False] + [True] * 2


def test_two_processes_at_once_do_one_another_no_harm(
    tmp_path: Path, clips: list[Clip], wanted: dict[str, bytes]
) -> None:
    running = [start(tmp_path, clips), start(tmp_path, clips)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["[]", "[]"]
    assert contents(tmp_path) == wanted


def test_a_disk_that_fills_up_is_one_error_and_what_is_finished_stays(
    tmp_path: Path, clips: list[Clip], wanted: dict[str, bytes]
) -> None:
    store = open_store(tmp_path)
    store.prepare(clips[:2])
    before = contents(tmp_path)
    # No file may grow beyond this, so that writing fails in the middle, as on a full disk.
    running = start(tmp_path, clips, most_bytes="10000")
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert said.startswith("cannot write ")
    assert "PHYSPRIOR_CACHE" in said
    assert "Traceback" not in said
    assert contents(tmp_path) == before
    assert store.prepare(clips) == []
    assert contents(tmp_path) == wanted


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_part_files_of_dead_processes_are_removed_and_those_of_others_are_not(
    tmp_path: Path, clips: list[Clip]
) -> None:
    store = open_store(tmp_path)
    folder = store.path(clips[0]).parent
    folder.mkdir(parents=True)
    machine, sha256 = platform.node(), clips[0].sha256
    dead = folder / f".{sha256}.{machine}.{ended_process()}.part"
    alive = folder / f".{sha256}.{machine}.{os.getppid()}.part"
    elsewhere = folder / f".{sha256}.another-machine.{os.getpid()}.part"
    forgotten = folder / f".{sha256}.another-machine.1.part"
    for part in (dead, alive, elsewhere, forgotten):
        part.write_bytes(b"half")
    os.utime(forgotten, (0, 0))
    store.prepare(clips[:1])
    assert [part.exists() for part in (dead, alive, elsewhere, forgotten)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_worker_needs_no_torch() -> None:
    script = (
        "import sys, physprior.vlm.clip_frames; print({'torch', 'transformers'} & {*sys.modules})"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "set()"
