"""What training at the 7B's shape is held to, and whether the runs that were made meet it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpu_results import GIB, Limit
from gpu_runs import Run

MEMORY = {"lora": 22 * GIB, "qlora": 11 * GIB}
"""The most that tensors may take at a batch of one, in bytes."""
SHARE = 0.45
"""Of the card's matrix rate: what the best batch size reaches at least."""
LOADING = 0.03
"""Of a step fed with cached frames: the most that may go by waiting for its batch."""
ESTIMATE = 0.1
"""The most that the estimate of memory may be off by."""


def limits_of(runs: Sequence[Run]) -> list[Limit]:
    """All that these runs tell of; other ways to step are held to none."""
    plain = [run for run in runs if not run.variant and run.step_s is not None]
    cached = [run for run in plain if run.source != "naive"]
    found = []
    for tune, most in MEMORY.items():
        peaks = _known(run.peak_bytes for run in cached if (run.tune, run.batch) == (tune, 1))
        if peaks:
            found.append(Limit(f"{tune}, batch 1: memory", True, most, max(peaks), "bytes"))
    if shares := _known(run.rate_share for run in cached):
        found.append(Limit("share of the card's rate, best", False, SHARE, max(shares), "share"))
    frames = _known(run.loading_share for run in cached if run.source == "frames")
    if frames:
        found.append(Limit("waiting for cached frames, most", True, LOADING, max(frames), "share"))
    if errors := _known(run.estimate_error for run in cached):
        worst = max(map(abs, errors))
        found.append(Limit("estimate of memory, off by at most", True, ESTIMATE, worst, "share"))
    return found


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
