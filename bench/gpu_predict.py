"""How many videos a second the 7B is asked about on the CUDA card at hand, beside the plain loop.

    python bench/gpu_predict.py

Random weights at the true shape of Video-LLaVA-7B, drawn on the card: nothing is fetched, and what
is measured depends on the shape alone. 8 frames of 224x224, bfloat16, real dialogues of the KB over
simulated 1080p clips; the history is given. The plain loop (naive_predict.py) asks about one video
at a time and decodes it as its turn comes. Ours is ``physprior.eval.predict.predict`` whole, from
the video files, at each ``--batch-size``: with a cache of frames that is full, and once, at the
batch size that `physprior predict` takes by itself, with an empty one, so that decoding counts.
Model, dialogues, most tokens of an answer and decoding processes are the same, and no model is
loaded in what is timed. All are taken in turn, and the best turn of each is compared.

Random weights as good as never end an answer, so that every one has ``--max-new-tokens``; a trained
model's are shorter.

A line for each way:

videos/s    of the best turn, from the first video's decoding to the last prediction
faster      how many times the plain loop's
peak        the most memory that tensors took, with the weights
then        of a video's milliseconds: decoding, vision tower, the prompt with its video, labels,
            answer, and the rest

Below stand the limits, and whether each was met: at least four times faster than the plain loop,
for scores alone and for texts, with an empty cache and with a full one at the best batch size; exit
1 where one was not, or has no figure. In bfloat16 a batch is rounded otherwise than one video, and
random weights know no likely word: how far scores are apart, and how many texts differ, is printed
and decides nothing. predict.py holds them to be the same, in float32 with a trained model.

Where memory does not suffice the line says so, and the rest goes on. All is kept as JSON in
bench/results, with the command, the versions and the card. A card that is lent by the minute is
asked in parts:

    python bench/gpu_predict.py --ask scores
    python bench/gpu_predict.py --ask texts
    python bench/gpu_predict.py --ask scores --videos 128       four categories, 32 videos of each

A category's videos have one prompt, and only they share a batch: there are as few categories as
leave enough videos of each for the largest batch.

    python bench/gpu_predict.py --shape tiny --device cpu --videos 8 --height 108 --batch-size 2 4

runs every line of it on a machine without a card: a try of the script, and no measurement. It keeps
nothing unless --results names a folder. Without a card and without --device cpu: exit 2.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpu_results import GIB, Limit, add_device, begin, card, keep

if TYPE_CHECKING:
    from predict_runs import Arm, Compared, Measured, Task, Way

FASTER = 4.0
"""How many times more videos a second than the plain loop ours asks about at least."""
CACHES = {"cold": "empty cache", "warm": "full cache"}
ASKED = {"scores": "scores alone", "texts": "scores and texts"}


def main() -> int:
    """Print and keep figures and limits; exit 1 where one is missed, 2 where there is no card."""
    chosen = _arguments()
    if not begin(chosen.device):
        return 2
    with tempfile.TemporaryDirectory() as place:
        prompts, found = _measure(chosen, Path(place))
    limits = [limit for measured in found for limit in limits_of(measured)]
    for limit in limits:
        print(limit.line())
    kept = {"measured": [asdict(one) for one in found], "limits": [asdict(one) for one in limits]}
    keep("gpu_predict", chosen, {**prompts, **kept})
    if chosen.device == "cpu" or chosen.shape == "tiny":
        print("A try of the script: what is met or missed says nothing.")
        return 0
    whole = all(one.compared is not None and one.compared.whole for one in found)
    known = len(limits) == len(CACHES) * len(found)
    return int(not (whole and known and all(limit.met for limit in limits)))


def _measure(chosen: argparse.Namespace, place: Path) -> tuple[dict[str, Any], Sequence[Measured]]:
    """What is asked about, and what was measured, which is printed as it comes."""
    from predict_runs import Runs, Task
    from predict_setup import draw

    model, dataset = draw(chosen, place)
    task = Task(
        "random",
        model,
        dataset,
        place,
        split="train",
        max_new_tokens=chosen.max_new_tokens,
        workers=chosen.workers,
        by_forward=True,
    )
    prompts = _prompts(task)
    print(_head(chosen, prompts), flush=True)
    turns = {"scores": chosen.turns, "texts": chosen.text_turns}
    runs, found = Runs(task), []
    for what in chosen.ask:
        found.append(runs.measure(what, _ways(chosen), turns[what]))
        print("\n".join(_lines(found[-1])), flush=True)
    return prompts, found


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Predicting at the 7B's shape, measured.")
    reads.add_argument("--shape", choices=["7b", "tiny"], default="7b")
    reads.add_argument("--ask", nargs="+", choices=list(ASKED), default=list(ASKED))
    reads.add_argument("--videos", type=int, default=32, help="how many are predicted")
    reads.add_argument("--height", type=int, default=1080, help="of the clips")
    reads.add_argument("--max-new-tokens", type=int, default=128)
    reads.add_argument("--batch-size", nargs="+", type=int, default=[8, 16, 32], help="ours")
    reads.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    reads.add_argument("--turns", type=int, default=2, help="of scores alone")
    reads.add_argument("--text-turns", type=int, default=1, help="with texts: minutes a turn")
    add_device(reads)
    chosen = reads.parse_args()
    if chosen.videos < 4:
        reads.error("--videos: at least 4, which is as few as the simulator makes")
    if min(chosen.batch_size) < 1 or chosen.turns < 1 or chosen.text_turns < 1:
        reads.error("--batch-size, --turns and --text-turns: at least 1")
    return chosen


def _ways(chosen: argparse.Namespace) -> list[Way]:
    """The plain loop, and ours: with an empty cache at one batch size, with a full one at each."""
    from predict_runs import Way

    from physprior.eval.predict import PredictOptions

    own, sizes = PredictOptions().batch_size, chosen.batch_size
    cold = own if own in sizes else sizes[0]
    return [Way("plain"), Way("cold", cold), *(Way("warm", size) for size in sizes)]


def _prompts(task: Task) -> dict[str, Any]:
    """What is asked about: categories, videos of each, and mean tokens of a prompt."""
    from physprior.dataset.folder import Dataset
    from physprior.video.sample import Sampling

    records = Dataset.open(task.dataset).records(task.split)
    frames, checkpoint = Sampling().frames, task.model.checkpoint
    encoder = checkpoint.encoder(frames)
    tokens = statistics.mean(len(encoder.prompt(record.dialogue())) for record in records)
    categories = [record.category for record in records]
    return {
        "videos": {name: categories.count(name) for name in sorted(set(categories))},
        "prompt_tokens": tokens,
        "text_tokens": tokens - frames * checkpoint.tokens_per_frame,
    }


def _head(chosen: argparse.Namespace, prompts: dict[str, Any]) -> str:
    videos = ", ".join(f"{count} of {name}" for name, count in prompts["videos"].items())
    said = f"{card(chosen.device)}: videos: {videos}; prompts have "
    said += f"{prompts['prompt_tokens']:.0f} tokens, {prompts['text_tokens']:.0f} of them words\n"
    return said + f"{'':<17} {'batch':>5} {'videos/s':>9} {'faster':>7} {'peak':>10}"


def _lines(measured: Measured) -> list[str]:
    """The table of one kind of question, and how near to each other the ways came."""
    turns = max(len(arm.turns_s) for arm in measured.arms)
    lines = [f"{ASKED[measured.what]}, best of {turns}"]
    lines += map(_line, measured.arms)
    return lines if measured.compared is None else [*lines, _near(measured.compared)]


def _line(arm: Arm) -> str:
    from predict_runs import LABELS

    begun = f"{LABELS[arm.way]:<17} {arm.batch:>5} "
    if arm.failed is not None:
        return begun + arm.failed
    ratio = "" if arm.ratio is None else f"{arm.ratio:.1f}"
    peak = "" if arm.peak_bytes is None else f"{arm.peak_bytes / GIB:.2f} GiB"
    parts = ", ".join(f"{part} {spent:.1f}" for part, spent in arm.parts_ms.items())
    return begun + f"{arm.videos_per_s:>9.2f} {ratio:>7} {peak:>10}  {parts}".rstrip()


def _near(found: Compared) -> str:
    said = f"scores are at most {found.apart:.1e} apart and span {found.spread:.1e}"
    if found.texts_differ is not None:
        said += f"; {found.texts_differ} of {found.pairs} texts differ; "
        said += f"the plain loop's are {found.texts}"
    return said if found.whole else f"{said}; PREDICTIONS ARE MISSING"


def limits_of(measured: Measured) -> list[Limit]:
    """What these turns tell of; where the plain loop has no figure, nothing."""
    return [
        Limit(f"{measured.what}, {label}, batch {best.batch}", False, FASTER, best.ratio, "times")
        for way, label in CACHES.items()
        if (best := _best(measured.arms, way)) is not None and best.ratio is not None
    ]


def _best(arms: Sequence[Arm], way: str) -> Arm | None:
    known = [arm for arm in arms if arm.way == way and arm.ratio is not None]
    return max(known, key=lambda arm: arm.ratio or 0.0, default=None)


if __name__ == "__main__":
    sys.exit(main())
