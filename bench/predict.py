"""How much faster a split is predicted than by the plain loop, in videos a second.

    python bench/predict.py

Simulated clips as the demo's, a tiny model that was trained on others of them just long enough that
its answers are words and end; the history is given. The plain loop (naive_predict.py) asks about
one video at a time. Ours is ``physprior.eval.predict.predict`` whole, from the video files: with a
cache of frames that is empty, so that decoding counts, and with one that is full. Model, dialogues,
most tokens of an answer, threads and decoding processes are the same. The three are taken in turn,
and the best of each is compared; seconds go from when the model is loaded, at the first word of
progress, to the end.

Texts must be the same and scores within 1e-4; with either cache ours is at least four times faster.
Scores alone are measured, too, and without a limit: there is no answer to generate, most of the
work is to decode and to read the prompt, and that has to be done for every video by both.
Measure on a quiet machine.

    python bench/predict.py --run RUN --dataset DATASET     with a run and a dataset at hand
    python bench/predict.py --height 1080                   with clips of Phys-AD's size

This is of a processor; gpu_predict.py measures the 7B's shape on a CUDA card.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gpu_results import begin

if TYPE_CHECKING:
    from predict_runs import Arm, Compared, Measured

FASTER = 4.0
"""How many times more videos a second than the plain loop ours asks about at least."""
APART = 1e-4
"""The most that two scores of one video may differ by."""


def main() -> int:
    """Print the figures; exit 1 where one is outside its limit."""
    chosen = _arguments()
    begin("cpu")
    from predict_runs import Runs, Task, Way
    from predict_setup import prepare

    from physprior.vlm.load import load_model

    ways = [Way("plain"), Way("cold", chosen.batch_size), Way("warm", chosen.batch_size)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source, dataset = prepare(chosen, place)
        task = Task(
            str(source),
            load_model(source),
            dataset,
            place,
            split="test",
            max_new_tokens=chosen.max_new_tokens,
            workers=chosen.workers,
        )
        runs = Runs(task)
        kinds = ["scores"] if chosen.score_only else ["texts", "scores"]
        held = [_show(runs.measure(what, ways, chosen.turns)) for what in kinds]
        return int(not all(held))


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Predicting a split, measured.")
    reads.add_argument("--videos", type=int, default=200, help="about how many are predicted")
    reads.add_argument("--height", type=int, help="of clips of 16:9 and 180 frames")
    reads.add_argument("--steps", type=int, default=200, help="of the training before")
    reads.add_argument("--run", type=Path, help="a run or checkpoint at hand; with --dataset")
    reads.add_argument("--dataset", type=Path, help="whose test split is predicted; with --run")
    reads.add_argument("--max-new-tokens", type=int, default=128)
    reads.add_argument("--batch-size", type=int, default=32, help="ours; the plain loop's is one")
    reads.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    reads.add_argument("--turns", type=int, default=5)
    reads.add_argument("--score-only", action="store_true", help="measure no texts")
    chosen = reads.parse_args()
    if (chosen.run is None) != (chosen.dataset is None):
        reads.error("--run and --dataset go together")
    return chosen


def _show(measured: Measured) -> bool:
    """Print the best of each way; whether all that has a limit is within it."""
    plain, *ours = measured.arms
    texts = measured.what == "texts"
    what = "scores and texts" if texts else "scores alone"
    print(f"{what}, {plain.videos} videos, best of {len(plain.turns_s)}")
    limit = f" (at least {FASTER:g})" if texts else ""
    for arm in measured.arms:
        print(_line(arm, limit), flush=True)
    assert measured.compared is not None, "a processor's memory has no limit of its own"
    same = _same(measured.compared)
    return same and not (texts and min(arm.ratio or 0.0 for arm in ours) < FASTER)


def _line(arm: Arm, limit: str) -> str:
    from predict_runs import LABELS

    said = f"  {LABELS[arm.way]:<17}{arm.videos_per_s:8.1f} videos/s"
    if arm.way != "plain":
        said += f" {arm.ratio:6.1f} times faster{limit}; of a video's milliseconds: "
        said += ", ".join(f"{part} {spent:.1f}" for part, spent in arm.parts_ms.items())
    return said


def _same(found: Compared) -> bool:
    """Print how far ours is from what the plain loop found; whether that is near enough."""
    said = f"  scores are at most {found.apart:.1e} apart (at most {APART:g})"
    if found.texts_differ is not None:
        said += f"; {found.texts_differ} of {found.pairs} texts differ; "
        said += f"the plain loop's are {found.texts}"
    print(said, flush=True)
    return found.whole and found.apart <= APART and not found.texts_differ


if __name__ == "__main__":
    sys.exit(main())
