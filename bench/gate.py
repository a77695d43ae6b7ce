"""How often the gate fails runs that are as good as their baseline, and how often it sees a loss.

    python bench/gate.py

Whole predictions of two runs are simulated, binormal and correlated, and go through the gate as
files would. Seeded; prints Markdown, each share with its own Monte-Carlo error.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from physprior.eval.gate import judge
from physprior.eval.gate_conditions import Conditions
from physprior.eval.predictions import Header, Prediction, Predictions

CATEGORIES = 4
SHARED = 0.5
"""Correlation of the two runs' scores of one video."""
SHIFT = 1.5
"""Of the anomalous videos' mean, in standard deviations: AUROC 0.86."""
LOSS = {"equal runs": 0.0, "AUROC 0.86 → 0.76": 0.5}
"""By how much the shift is less in the run that is judged."""
SIZES = ((15, 45), (60, 180))
GATES = {"no loss seen": None, "margin 0.05": 0.05, "margin 0.10": 0.10}


def empty(normal: int, anomalous: int) -> Predictions:
    """Predictions whose scores are all 0."""
    lines = tuple(
        Prediction(
            id=f"c{category}/{place}",
            video=f"c{category}/{place}.mp4",
            category=f"c{category}",
            class_id="stuck" if place >= normal else "normal",
            label=1 if place >= normal else 0,
            instance="",
            score=0.0,
            text=None,
        )
        for category in range(CATEGORIES)
        for place in range(normal + anomalous)
    )
    header = Header(
        fingerprint="",
        model="simulated",
        base_fingerprint=None,
        run_fingerprint=None,
        dataset="",
        dataset_hash="",
        split_hash="",
        split="test",
        mode=None,
        sampling=None,
        max_new_tokens=None,
        total=len(lines),
        provenance={},
    )
    return Predictions(Path("simulated"), header, lines, ())


def pairs(file: Predictions, loss: float, count: int) -> Iterator[tuple[Predictions, Predictions]]:
    """Runs to judge with their baselines."""
    generator = np.random.default_rng(0)
    labels = np.array([line.label for line in file.predictions])
    for _ in range(count):
        shared, own, other = generator.normal(size=(3, len(labels)))
        shared, own, other = (
            math.sqrt(SHARED) * shared,
            math.sqrt(1 - SHARED) * own,
            math.sqrt(1 - SHARED) * other,
        )
        judged = shared + own + (SHIFT - loss) * labels
        yield scored(file, judged), scored(file, shared + other + SHIFT * labels)


def scored(file: Predictions, scores: np.ndarray) -> Predictions:
    """The same videos with other scores."""
    lines = [
        line.model_copy(update={"score": float(score)})
        for line, score in zip(file.predictions, scores, strict=True)
    ]
    return replace(file, predictions=tuple(lines))


def failures(file: Predictions, loss: float, count: int) -> list[int]:
    """How many of ``count`` pairs of runs each of the gates fails."""
    failed = [0] * len(GATES)
    for judged, baseline in pairs(file, loss, count):
        for place, margin in enumerate(GATES.values()):
            failed[place] += not judge(judged, Conditions(margin=margin), baseline).passed
    return failed


def share(found: int, count: int) -> str:
    """A share in percent, with its standard error."""
    rate = found / count
    return f"{rate:.1%} ± {math.sqrt(rate * (1 - rate) / count):.1%}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How often the gate fails.")
    parser.add_argument("--draws", type=int, default=200)
    count = parser.parse_args().draws
    print(
        f"| {CATEGORIES} categories of | runs | {' | '.join(f'fails, {name}' for name in GATES)} |"
    )
    print("|---|---|" + "---:|" * len(GATES))
    for normal, anomalous in SIZES:
        for name, loss in LOSS.items():
            found = failures(empty(normal, anomalous), loss, count)
            cells = " | ".join(share(failed, count) for failed in found)
            print(f"| {normal} + {anomalous} | {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
