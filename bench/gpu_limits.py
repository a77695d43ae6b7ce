"""What training at the 7B's shape is held to, and whether the runs that were made meet it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gpu_results import GIB
from gpu_runs import Run

MEMORY = {"lora": 22 * GIB, "qlora": 11 * GIB}
"""The most that tensors may take at a batch of one, in bytes."""
SHARE = 0.45
"""Of the card's matrix rate: what the best batch size reaches at least."""
LOADING = 0.03
"""Of a step fed with cached frames: the most that may go by waiting for its batch."""
ESTIMATE = 0.1
"""The most that the estimate of memory may be off by."""


@dataclass(frozen=True)
class Limit:
    """A limit, and what was found; limits that no run can tell of are not made."""

    what: str
    at_most: bool
    """Else at least."""
    limit: float
    found: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether what was found is within the limit."""
        return self.found <= self.limit if self.at_most else self.found >= self.limit

    def line(self) -> str:
        """For a person: what was found, the limit, and whether it was met."""
        found, limit = (
            f"{value / GIB:.2f} GiB" if self.unit == "bytes" else f"{value:.1%}"
            for value in (self.found, self.limit)
        )
        bound = "at most" if self.at_most else "at least"
        return f"{self.what}: {found} ({bound} {limit}): {'met' if self.met else 'missed'}"


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
