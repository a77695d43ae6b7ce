"""Making a simulation: every planned video with its sidecar, in several processes, resumable."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior.errors import DatasetError
from physprior.files import write_json
from physprior.simulate.film import Shot, Take, paint, prepare
from physprior.simulate.folder import claim, close, identity, sidecar_of
from physprior.simulate.plan import Options, path_of, plan
from physprior.video.write import write_video

_BATCH = 8
_BATCH_PIXELS = _BATCH * 60 * 96 * 96
"""Of large videos a batch holds fewer, so that progress is seen and little is lost at a stop."""

Progress = Callable[[int, int], None]
"""Told how many videos are there, and how many there will be."""


@dataclass(frozen=True)
class Summary:
    """What a simulation holds, and how much of it was made just now."""

    out: Path
    counts: dict[str, dict[str, int]]
    """Videos per category and folder (``train``, ``test/normal``, ``test/<anomaly>``)."""
    made: int
    kept: int


def simulate(out: Path, options: Options, *, workers: int, progress: Progress) -> Summary:
    """Fill ``out`` with the videos of ``options``; what is there already is kept.

    Each video depends on its category, class, number and object and on the seed, size, length and
    rate alone: neither on the other videos nor on ``workers``. Raises DatasetError for a category
    without a twin, for too few videos, and for a folder that holds anything else; OutputError
    where ``out`` cannot be written.
    """
    shots = plan(options)
    missing = claim(out, options, shots)
    kept = len(shots) - len(missing)
    progress(kept, len(shots))
    done = kept
    for made in _make_all(out, missing, workers):
        done += made
        progress(done, len(shots))
    counts: dict[str, dict[str, int]] = {}
    for shot in shots:
        folders = counts.setdefault(shot.category, {})
        folders[shot.folder] = folders.get(shot.folder, 0) + 1
    close(out, options, counts)
    return Summary(out=out, counts=counts, made=len(missing), kept=kept)


def make_video(out: Path, shot: Shot) -> None:
    """Make one video below ``out``, and then its sidecar, which also holds the video's length."""
    take = prepare(shot)
    video = out / path_of(shot)
    write_video(video, paint(shot, take), shot.fps)
    write_json(sidecar_of(video), {**describe(shot, take), "bytes": video.stat().st_size})


def describe(shot: Shot, take: Take) -> dict[str, Any]:
    """What a sidecar says: the class, the object, the fault and the physics of one video."""
    fault = take.fault
    return {
        **identity(shot),
        "onset": None if fault is None else round(fault.onset_s, 6),
        "severity": None if fault is None else round(fault.severity, 6),
        "parameters": {k: round(float(v), 9) for k, v in take.motion.parameters.items()},
    }


def _make_all(out: Path, shots: list[Shot], workers: int) -> Iterator[int]:
    """Make the shots in batches; yields how many each finished batch held."""
    batches = _batches(shots)
    if workers <= 1 or len(batches) <= 1:
        yield from (_make_batch(out, [shot]) for shot in shots)
        return
    # Spawned, not forked: the same on every system, and safe beside the threads of a caller.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        min(workers, len(batches)), mp_context=context, initializer=_end_with_parent
    )
    try:
        running = [pool.submit(_make_batch, out, batch) for batch in batches]
        for future in as_completed(running):
            yield future.result()
    except BrokenProcessPool as error:
        raise DatasetError(
            f"a process that made videos in {out} died, perhaps for want of memory",
            remedy="run the same command again, with fewer workers: finished videos are kept",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _batches(shots: list[Shot]) -> list[list[Shot]]:
    largest = max((shot.frames * shot.size**2 for shot in shots), default=1)
    size = max(1, min(_BATCH, _BATCH_PIXELS // largest))
    return [shots[k : k + size] for k in range(0, len(shots), size)]


def _end_with_parent() -> None:
    """Have this worker end when the process that started it does, however that ended.

    A pool's workers else wait for ever where their parent was terminated or killed.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _make_batch(out: Path, shots: list[Shot]) -> int:
    for shot in shots:
        make_video(out, shot)
    return len(shots)
