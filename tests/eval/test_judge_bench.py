"""The benchmark of judging runs through, at a size at which its ratio means nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent.parent / "bench" / "judge.py"


@pytest.mark.slow
def test_both_arms_are_measured_against_the_ideal() -> None:
    done = subprocess.run(
        [sys.executable, str(BENCH), "--questions", "40", "--rounds", "1"],
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "ideal 0.50 s" in done.stdout
    ratios = re.findall(r"(\d+\.\d{3}) times the ideal  \(", done.stdout)
    assert len(ratios) == 2
    assert all(float(ratio) > 1 for ratio in ratios)
