"""Builds that are killed, and what they leave behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from index_files import SMALL, make_videos, save_index

from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.replace import clear_leftovers, replacing
from physprior.dialogue.templates import Templates
from physprior.knowledge.load import KnowledgeBase

LARGE = {key: count * 60 for key, count in SMALL.items()}


def content(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.endswith(".part")]


KILLED = """
import os, signal, sys
from pathlib import Path
from physprior import paths
from physprior.dataset.compile import build
from physprior.dialogue.templates import Templates
from physprior.knowledge.load import load_knowledge

write_bytes = Path.write_bytes
def write_or_die(path, data):
    if path.name == "split.json":
        os.kill(os.getpid(), signal.SIGKILL)
    return write_bytes(path, data)
Path.write_bytes = write_or_die
build(Path(sys.argv[1]), Path(sys.argv[2]), knowledge=load_knowledge(paths.kb_folder()),
      templates=Templates(paths.templates_folder()), mode="multi_turn", seed=1)
"""


def test_a_killed_build_leaves_the_old_dataset_whole_and_the_next_one_clears_up(
    tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    index = save_index(tmp_path / "index.jsonl", make_videos(SMALL))
    folder = tmp_path / "dataset"
    build(index, folder, knowledge=kb, templates=templates, mode="multi_turn")
    before = content(folder)
    command = [sys.executable, "-c", KILLED, str(index), str(folder)]
    assert subprocess.run(command, check=False).returncode == -9
    assert content(folder) == before
    assert len(leftovers(tmp_path)) == 1
    assert build(index, folder, knowledge=kb, templates=templates, mode="multi_turn").up_to_date
    assert not leftovers(tmp_path)
    assert content(folder) == before


def test_the_working_folder_of_a_build_that_runs_is_spared(tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    with replacing(out) as new:
        clear_leftovers(out)
        assert new.is_dir()
        (new / "manifest.json").touch()
    assert content(out) == {"manifest.json": b""}


def test_the_working_folder_of_another_dataset_is_spared(tmp_path: Path) -> None:
    (tmp_path / ".dataset.two.abcdefgh.part").mkdir()
    (tmp_path / ".dataset.abcdefgh.part").mkdir()
    clear_leftovers(tmp_path / "dataset")
    assert [path.name for path in tmp_path.iterdir()] == [".dataset.two.abcdefgh.part"]


def test_a_build_killed_between_two_renames_is_put_right_by_the_next(tmp_path: Path) -> None:
    # Only a system that cannot exchange two folders in one step can leave this behind.
    old = tmp_path / ".dataset.abcdefgh.part" / "old"
    old.mkdir(parents=True)
    (old / "manifest.json").write_text("the old dataset")
    clear_leftovers(tmp_path / "dataset")
    assert content(tmp_path) == {"dataset/manifest.json": b"the old dataset"}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_ten_random_moments_the_old_dataset_is_whole_and_the_next_build_undisturbed(
    tmp_path: Path,
) -> None:
    index = save_index(tmp_path / "index.jsonl", make_videos(LARGE))
    physprior = Path(sys.executable).with_name("physprior")

    def command(folder: Path, seed: int) -> list[str]:
        return [str(physprior), "build", str(index), "-o", str(folder), "--seed", str(seed)]

    for seed in (0, 1):
        subprocess.run(command(tmp_path / f"fresh-{seed}", seed), check=True, capture_output=True)
    expected = [content(tmp_path / f"fresh-{seed}") for seed in (0, 1)]
    shutil.copytree(tmp_path / "fresh-0", tmp_path / "dataset")
    started = time.monotonic()
    subprocess.run(command(tmp_path / "timed", 1), check=True, capture_output=True)
    whole = time.monotonic() - started
    # The first third is loading the program; what can go wrong comes after it.
    moments = random.Random(4)
    killed, seen = 0, set[int]()
    while killed < 10:
        process = subprocess.Popen(
            command(tmp_path / "dataset", 1), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(whole * moments.uniform(0.3, 1.0))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        now = content(tmp_path / "dataset")
        assert now in expected
        seen.add(expected.index(now))
        Dataset.open(tmp_path / "dataset")
        if now == expected[1]:
            # It was done before it was killed: back to where the next one has something to do.
            shutil.rmtree(tmp_path / "dataset")
            shutil.copytree(tmp_path / "fresh-0", tmp_path / "dataset")
    assert 0 in seen
    subprocess.run(command(tmp_path / "dataset", 1), check=True, capture_output=True)
    assert content(tmp_path / "dataset") == expected[1]
    assert not leftovers(tmp_path)


def test_two_builds_at_once_leave_one_whole_dataset(tmp_path: Path) -> None:
    index = save_index(tmp_path / "index.jsonl", make_videos(SMALL))
    physprior = Path(sys.executable).with_name("physprior")
    folder = tmp_path / "dataset"
    both = [
        subprocess.Popen(
            [str(physprior), "build", str(index), "-o", str(folder), "--seed", str(seed)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ,
        )
        for seed in (0, 1)
    ]
    said = [process.communicate()[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert Dataset.open(folder).manifest.seed in (0, 1)
    assert not leftovers(tmp_path)
