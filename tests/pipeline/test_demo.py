"""The demo as a user runs it: a process without network, and again in the same folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def demo(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "physprior", "demo", str(out), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )


def contents(out: Path) -> dict[str, int]:
    """When each artefact was written, but for the small ones that are written anew each time."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in out.rglob("*")
        if path.is_file()
        and "dataset-" not in str(path)
        and path.stem not in ("report", "scores", "simulation", "thresholds")
        and path.parent.name not in ("csv", "tables")
    }


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_demo_goes_the_whole_way_and_does_nothing_twice(tmp_path: Path) -> None:
    words = ("--count", "40", "--set", "epochs=1")
    first = demo(tmp_path / "demo", *words)
    assert first.returncode == 0, first.stderr
    assert "Traceback" not in first.stderr

    detection, explanations = first.stdout.split("Explanations", 1)
    rows = {line.split()[0]: line.split() for line in detection.splitlines() if line.strip()}
    categories = {"ball", "clip", "fan", "slide"}
    assert rows.keys() >= {"category", "macro", *categories}
    assert all(0 <= float(rows[category][4]) <= 1 for category in categories)
    assert all(f"\n{category} " in explanations for category in categories)
    report = Path(first.stdout.split("report: ")[1].splitlines()[0])
    page = report.read_text(encoding="utf-8")
    assert all(f"<td>{category}</td>" in page for category in categories)
    assert (report.parent / "report.md").is_file()

    steps = [line for line in first.stderr.splitlines() if line.startswith("$ physprior ")]
    verbs = [step.split()[2] for step in steps]
    # The base, then the run on the validation split, then on the test split and its controls.
    asked = ["predict"] * 3
    assert verbs == ["check", "data", "build", "model", "train", *asked, "eval", "report"]
    controls = report.parent.glob("test.control-*.jsonl")
    assert len(list(controls)) == first.stdout.count("\ncontrol ") == 4

    made = contents(tmp_path)
    again = demo(tmp_path / "demo", *words)
    assert again.returncode == 0, again.stderr
    assert again.stdout == first.stdout
    assert contents(tmp_path) == made
    assert report.read_text(encoding="utf-8") == page
