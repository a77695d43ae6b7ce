"""Predicting in processes of their own: killed at any moment, or several at once."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ENVIRONMENT = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}


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
    command = [sys.executable, "-m", "physprior.eval", *words(tiny_base, dataset, out, frames_cache)]
    subprocess.run(command, env=ENVIRONMENT, cwd=out.parent, check=True, capture_output=True)
    return out


def test_killed_at_random_moments_it_ends_in_the_same_predictions(
    undisturbed: Path, tiny_base: Path, dataset: Path, frames_cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "train.jsonl"
    command = [sys.executable, "-m", "physprior.eval", *words(tiny_base, dataset, out, frames_cache)]
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


def test_two_processes_write_what_one_writes(
    undisturbed: Path, tiny_base: Path, dataset: Path, frames_cache: Path, tmp_path: Path
) -> None:
    out = tmp_path / "train.jsonl"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    launcher += ["--master-addr", "127.0.0.1", "--master-port", port, "-m", "physprior.eval"]
    done = subprocess.run(
        [*launcher, *words(tiny_base, dataset, out, frames_cache)],
        env=ENVIRONMENT,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("predicted ") == 5
    for path in sorted(undisturbed.parent.glob("*.jsonl")):
        assert lines(tmp_path / path.name) == lines(path)
