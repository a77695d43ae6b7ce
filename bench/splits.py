"""How fast videos are split and searched for leaks, all pairs of a category being compared.

    python bench/splits.py

Phys-AD's 6,434 videos, 100,000 videos in its proportions, and 100,000 videos in one category, with
8 prints each that are random: the worst case, since near videos let most pairs be passed over. Best
of three, in one process, with two threads in the largest. The limits are of the search for leaks.

The plain comparison is scipy's cdist over the unpacked bits, for 6,434 videos.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from indexes import make_index

from physprior.dataset.index import Video
from physprior.dataset.index_file import read_index
from physprior.dataset.leaks import find_leaks
from physprior.dataset.split import PROTOCOLS, Split, SplitOptions, make_split
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder

LIMITS = {6434: 1.0, 100_000: 20.0}
MOST_MB = 300
"""Beyond what the process had at its largest before the search."""


def best_of(do: Callable[[], Any], runs: int = 3) -> float:
    """Seconds of the fastest run."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        do()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def make_videos(count: int) -> tuple[Video, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.jsonl"
        make_index(path, load_knowledge(kb_folder()), count)
        return read_index(path).videos


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def search(videos: Sequence[Video], split: Split, what: str, runs: int) -> bool:
    before = peak_mb()
    seconds = best_of(lambda: find_leaks(videos, split), runs)
    memory = peak_mb() - before
    limit = LIMITS[len(videos)]
    print(f"  {what:<34} {seconds:6.2f} s  (limit {limit:g} s)  {memory:4d} MB more")
    return seconds < limit and memory < MOST_MB


def plain_search(videos: Sequence[Video], split: Split) -> None:
    from scipy.spatial.distance import cdist

    for category in {video.category for video in videos}:
        sides: dict[str, list[bytes]] = {"train": [], "val": [], "test": []}
        for video in videos:
            if video.category == category:
                side = sides[split.assignment[video.path]]
                side.append(bytes.fromhex("".join(video.prints)))
        bits = {
            name: np.unpackbits(np.array([list(one) for one in side], np.uint8), axis=1)
            for name, side in sides.items()
        }
        for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
            cdist(bits[one], bits[other], "cityblock").min()


def measure(videos: Sequence[Video]) -> bool:
    print(f"{len(videos)} videos")
    for protocol in PROTOCOLS:
        options = SplitOptions(protocol=protocol)
        seconds = best_of(partial(make_split, videos, options))
        print(f"  {'split: ' + protocol:<34} {seconds:6.2f} s")
    split = make_split(videos, SplitOptions())
    fine = search(videos, split, "leaks", runs=3)
    if len(videos) == min(LIMITS):
        seconds = best_of(lambda: plain_search(videos, split), runs=1)
        print(f"  {'nearest, with scipy':<34} {seconds:6.2f} s")
    return fine


def main() -> int:
    fine = [measure(make_videos(count)) for count in LIMITS]
    alone = [video.model_copy(update={"category": "one"}) for video in make_videos(max(LIMITS))]
    split = make_split(alone, SplitOptions())
    fine.append(search(alone, split, "leaks, one category alone", runs=1))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
