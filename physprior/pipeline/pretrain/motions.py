"""How generic shapes move in the eight frames of a video: no mechanism, only motion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

FRAMES = 8
"""Frames of a video, as for the 7B."""

COURSES = (
    "still",
    "steady",
    "stop",
    "late",
    "hesitate",
    "reverse",
    "jump",
    "swing",
    "tremble",
    "faster",
    "slower",
    "return",
    "stay",
)
"""How a motion goes on over the time of the video; what each means is :func:`draw_courses`."""

CHANNELS = ("turn", "move", "stretch", "swell", "fade")
"""What a motion changes of a shape: its angle, place, length, size or visibility."""


@dataclass(frozen=True)
class Motions:
    """One motion of each of ``n`` shapes."""

    course: torch.Tensor
    """(n,) int64: number in COURSES."""
    channel: torch.Tensor
    """(n,) int64: number in CHANNELS."""
    way: torch.Tensor
    """(n, FRAMES) float32: how much of the motion's extent is done in each frame; a steady motion
    does 1/8 between two frames."""


def uniform(
    generator: torch.Generator, *size: int, low: float = 0.0, high: float = 1.0
) -> torch.Tensor:
    """Uniform float32 draws of the shape ``size``."""
    return low + (high - low) * torch.rand(*size, generator=generator)


def draw_motions(generator: torch.Generator, n: int) -> Motions:
    """Draw a motion for each of ``n`` shapes: every course and channel is equally likely."""
    course, way = draw_courses(generator, n)
    channel = torch.randint(0, len(CHANNELS), (n,), generator=generator)
    return Motions(course, channel, way)


def draw_courses(generator: torch.Generator, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Courses of ``n`` motions (n,) and their ways (n, FRAMES)."""
    time = ((torch.arange(FRAMES) + 0.5) / FRAMES).expand(n, -1)
    event = uniform(generator, n, 1, low=0.25, high=0.7)
    cut = uniform(generator, n, 1, low=0.25, high=0.7)
    rate = uniform(generator, n, 1, low=1.5, high=3.5)
    phase = uniform(generator, n, 1, high=2 * math.pi)
    wave = torch.sin(2 * math.pi * rate * time + phase)
    # Its rate is 1 - 0.9 cos: from nearly nothing to nearly twice the mean and back.
    hesitating = time - 0.9 * (wave - torch.sin(phase)) / (2 * math.pi * rate)
    there_and_back = 1 - (2 * time - 1).abs()
    ways = {
        "still": torch.zeros(n, FRAMES),
        "steady": time,
        "stop": torch.minimum(time, event),
        "late": (time - event).clamp(min=0) / (1 - event),
        "hesitate": hesitating,
        "reverse": torch.where(time < event, time, 2 * event - time),
        "jump": 0.6 * (time > event),
        "swing": 0.5 * wave,
        "tremble": 0.12 * torch.randn(n, FRAMES, generator=generator),
        "faster": time**2,
        "slower": 1 - (1 - time) ** 2,
        "return": there_and_back,
        "stay": torch.minimum(there_and_back, cut),
    }
    course = torch.randint(0, len(COURSES), (n,), generator=generator)
    table = torch.stack([ways[name] for name in COURSES], dim=1)
    return course, table[torch.arange(n), course]
