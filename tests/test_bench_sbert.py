"""The benchmark of SBERT runs through, at a size at which its speed means nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"


@pytest.mark.slow
def test_the_pairwise_loop_and_ours_give_the_same_scores() -> None:
    # One thread: other tests may be running beside this one.
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    words = ["--predictions", "69", "--share", "0.2", "--turns", "1"]
    command = [sys.executable, str(BENCH / "sbert.py"), *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    # Small as it is, it may miss its limit of speed, but nothing else.
    assert ended.returncode in (0, 1), ended.stderr
    assert "69 predictions, 69 different answers" in ended.stdout
    [apart] = re.findall(r"scores are at most (\S+) apart", ended.stdout)
    assert float(apart) <= 1e-6
