"""The benchmark of prediction runs through, at a size at which its figures mean nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    # One thread: other tests may be running beside these.
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(BENCH / "predict.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.slow
def test_without_a_card_the_benchmark_of_prediction_says_so() -> None:
    ended = _run("--device", "cuda")
    assert ended.returncode == 2
    assert "no CUDA card" in ended.stderr


@pytest.mark.slow
def test_the_plain_loop_and_ours_find_the_same_of_every_video() -> None:
    ended = _run("--videos", "16", "--steps", "0", "--turns", "1", "--max-new-tokens", "8")
    # Small as it is, it may miss its limit of speed, but nothing else.
    assert ended.returncode in (0, 1), ended.stderr
    assert not ended.stderr
    counts = re.findall(r"^scores (and texts|alone), (\d+) videos", ended.stdout, re.MULTILINE)
    assert [what for what, _ in counts] == ["and texts", "alone"]
    assert len({count for _, count in counts}) == 1
    apart = re.findall(r"scores are at most (\S+) apart", ended.stdout)
    assert len(apart) == 2
    assert all(float(one) <= 1e-4 for one in apart)
    assert re.search(r"; 0 of \d+ texts differ", ended.stdout)
    assert len(re.findall(r"times faster", ended.stdout)) == 4
