"""The benchmark of the report runs through, at a size at which its figures mean nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"


@pytest.mark.slow
def test_the_benchmark_of_the_report_makes_and_opens_both_pages(tmp_path: Path) -> None:
    words = ("--videos", "60", "--turns", "1", "--opened", "1", "--clips", "4")
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(BENCH / "report.py"), *words, "--keep", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    # On a busy machine it may miss a limit of time, but nothing else.
    assert ended.returncode in (0, 1), ended.stderr
    for figure in ("60 of 60 videos have a strip", "first card", "a search", "the plain loop"):
        assert figure in ended.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "plain.html"}
