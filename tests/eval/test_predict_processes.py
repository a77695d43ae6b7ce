"""Predicting in processes of their own: killed at any moment, or several at once."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from physprior.dataset.folder import Dataset
from physprior.eval.predict.batches import batches
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.frames import Clip, FrameStore

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ENVIRONMENT = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
ALONE = [sys.executable, "-m", "physprior.eval"]


def words(base: Path, dataset: Path, out: Path, cache: Path) -> list[str]:
    return [
        *(str(base), str(dataset), "-o", str(out), "--cache", str(cache)),
        *("--batch-size", "2", "--max-new-tokens", "60", "--split", "train", "--control", "all"),
    ]


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a predictions file without what the clock and the place say."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    timeless = ("seconds", "provenance")
    return [{key: line[key] for key in line if key not in timeless} for line in found]


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, tiny_base: Path, dataset: Path, frames_cache: Path
) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "train.jsonl"
    command = [*ALONE, *words(tiny_base, dataset, out, frames_cache)]
    subprocess.run(command, env=ENVIRONMENT, cwd=out.parent, check=True, capture_output=True)
    return out


def test_killed_at_random_moments_it_ends_in_the_same_predictions(
    undisturbed: Path, tiny_base: Path, dataset: Path, frames_cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "train.jsonl"
    command = [*ALONE, *words(tiny_base, dataset, out, frames_cache)]
    moments = random.Random(6)
    kills = 0
    while kills < 10:
        before = sum(path.stat().st_size for path in tmp_path.glob("*.jsonl"))
        process = subprocess.Popen(
            command, env=ENVIRONMENT, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=-3
        )
        # Starting takes most of the time: it is killed once it has written something more.
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if sum(path.stat().st_size for path in tmp_path.glob("*.jsonl")) > before:
                break
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.4))
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        kills += 1
    assert kills >= 3, "it was too quick to be killed"
    subprocess.run(command, env=ENVIRONMENT, cwd=tmp_path, check=True, capture_output=True)
    for path in sorted(undisturbed.parent.glob("*.jsonl")):
        assert lines(tmp_path / path.name) == lines(path)


def run_two(*words: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run ``predict`` in two processes, in the folder ``place``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    launcher += ["--master-addr", "127.0.0.1", "--master-port", port, "-m", "physprior.eval"]
    return subprocess.run(
        [*launcher, *words], env=ENVIRONMENT, cwd=place, capture_output=True, text=True
    )


def test_two_processes_write_what_one_writes(
    undisturbed: Path, tiny_base: Path, dataset: Path, frames_cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "train.jsonl"
    done = run_two(*words(tiny_base, dataset, out, frames_cache), place=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("predicted ") == 5
    for path in sorted(undisturbed.parent.glob("*.jsonl")):
        assert lines(tmp_path / path.name) == lines(path)


@pytest.mark.parametrize("damage", ["strict", "written"])
def test_what_one_process_cannot_do_the_others_say_too_and_call_no_fault(
    tiny_base: Path, videos: Path, dataset: Path, tmp_path: Path, damage: str
) -> None:
    root, out = tmp_path / "videos", tmp_path / "train.jsonl"
    shutil.copytree(videos, root)
    broken = root / Dataset.open(dataset).records("train")[0].video
    broken.write_bytes(b"no video")
    if damage == "written":
        out.write_text("my notes\n")
    asked = words(tiny_base, dataset, out, tmp_path / "cache")
    done = run_two(*asked, "--videos", str(root), "--strict", place=tmp_path)
    assert done.returncode != 0
    said = "1 videos cannot be used" if damage == "strict" else "there is no header"
    assert said in done.stderr
    assert "fault of its own" not in done.stderr


def test_a_video_that_one_process_loses_ends_all_with_its_name(
    tiny_base: Path, videos: Path, dataset: Path, tmp_path: Path
) -> None:
    root, cache = tmp_path / "videos", tmp_path / "cache"
    shutil.copytree(videos, root)
    # Its frames are of the right size and are found to be damaged when they are read.
    record = batches(Dataset.open(dataset).records("train"), 2)[1][0]
    store = FrameStore(cache, load_checkpoint(tiny_base).image_processor, Sampling())
    clip = Clip(root / record.video, record.sha256)
    assert store.prepare([clip]) == []
    store.path(clip).write_bytes(bytes(store.path(clip).stat().st_size))
    clip.path.unlink()
    asked = words(tiny_base, dataset, tmp_path / "train.jsonl", cache)
    done = run_two(*asked, "--videos", str(root), place=tmp_path)
    assert done.returncode != 0
    assert f"{clip.path}: no such file" in done.stderr
    assert "fault of its own" not in done.stderr
