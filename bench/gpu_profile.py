"""What eats a training step: the time of a card's kernels by what they are for, and of none at all.

On a CPU, where the script is tried, operators take the place of kernels.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import torch
from gpu_results import clock
from torch.profiler import DeviceType, ProfilerActivity, profile
from transformers import TrainerCallback

_STEPS = 2
"""How many are recorded: each has thousands of kernels, all of them alike."""
_SHOWN = 25
# Told by name, the first that fits: attention's own kernels are called after products, too.
_GROUPS = (
    ("attention", r"flash|fmha|sdpa|attention"),
    ("4 bits unpacked", r"dequant|nf4|blockwise"),
    ("matrix products", r"gemm|nvjet|cutlass|xmma|cublas|gemv|splitk|aten::(mm|addmm|bmm)$"),
    ("optimizer", r"adam|multi_tensor|foreach"),
    ("copies", r"memcpy|memset|copy|aten::(cat|clone|fill)"),
    ("normalising", r"norm|rsqrt|mean|reduce"),
    ("element by element", r"elementwise|dropout|softmax|silu|mul|add"),
)


@dataclass(frozen=True)
class Profile:
    """A few steps of a run, kernel by kernel; seconds are of all of them together."""

    steps: int
    wall_s: float
    """From the first one's batch to the last one's end."""
    groups_s: dict[str, float]
    """Of kernels by what they are for, the longest first; ``none`` is when nothing ran."""
    kernels: list[tuple[str, int, float]]
    """Name, calls and seconds of those that take the most."""


class Profiler(TrainerCallback):
    """Records the first steps after the warm ones."""

    def __init__(self, warm: int, steps: int) -> None:
        self.found: Profile | None = None
        self._first, self._last = warm, warm + min(_STEPS, steps)
        self._recording: Any = None
        self._began = 0.0

    def on_step_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        if state.global_step != self._first:
            return
        activities = [ProfilerActivity.CPU]
        if torch.cuda.is_available():
            activities.append(ProfilerActivity.CUDA)
        self._recording = profile(activities=activities)
        self._recording.__enter__()
        self._began = clock()

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        if self._recording is None or state.global_step != self._last:
            return
        wall = clock() - self._began
        self._recording.__exit__(None, None, None)
        self.found = _summary(self._recording, self._last - self._first, wall)
        self._recording = None


def _summary(recorded: Any, steps: int, wall: float) -> Profile:
    on_card = torch.cuda.is_available()
    own = DeviceType.CUDA if on_card else DeviceType.CPU
    kernels = []
    for event in recorded.key_averages():
        if event.device_type != own or event.is_user_annotation:
            continue
        micros = event.self_device_time_total if on_card else event.self_cpu_time_total
        kernels.append((event.key, event.count, micros / 1e6))
    kernels.sort(key=lambda kernel: -kernel[2])
    groups: Counter[str] = Counter()
    for name, _, seconds in kernels:
        groups[group_of(name)] += seconds
    # One stream: kernels run one after the other.
    groups["none"] = max(0.0, wall - groups.total())
    return Profile(steps, wall, dict(groups.most_common()), kernels[:_SHOWN])


def group_of(name: str) -> str:
    """What a kernel of this name is for."""
    fits = (group for group, words in _GROUPS if re.search(words, name, re.IGNORECASE))
    return next(fits, "other")


def lines(found: Profile) -> list[str]:
    """A profile for a person to read."""
    step = found.wall_s / found.steps
    shares = (f"{group} {seconds / found.wall_s:.1%}" for group, seconds in found.groups_s.items())
    told = [f"of {found.steps} steps of {1000 * step:.0f} ms each: {', '.join(shares)}"]
    told += (
        f"  {seconds / found.wall_s:>6.1%} {calls:>7} calls  {name[:90]}"
        for name, calls, seconds in found.kernels[:10]
    )
    return told
