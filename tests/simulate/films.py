"""Takes of single videos, without their files: what the tests of motion and looks are about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.film import Shot, Take, paint, prepare
from physprior.simulate.twin import Motion


def shot(
    category: str,
    class_id: str,
    index: int,
    instance: int | None = None,
    severity: tuple[float, float] = (0.5, 1.0),
) -> Shot:
    """A shot of the default length; by default each shows another of 24 objects."""
    return Shot(
        category=category,
        class_id=class_id,
        folder=f"test/{class_id}",
        index=index,
        instance=index % 24 if instance is None else instance,
        seed=7,
        size=96,
        frames=60,
        fps=30,
        severity=severity,
    )


def takes(category: str, class_id: str, count: int) -> list[Take]:
    """The first ``count`` videos of a class."""
    return [prepare(shot(category, class_id, index)) for index in range(count)]


def frame(one: Shot, take: Take, at: int) -> NDArray[np.uint8]:
    """A single frame of a video as it was before it was encoded."""
    states = {name: values[at : at + 1] for name, values in take.motion.states.items()}
    alone = replace(take, motion=Motion(states=states, parameters={}))
    return next(iter(paint(replace(one, frames=1), alone)))


SAMPLED = ((np.arange(8) + 0.5) * 60 / 8).astype(int)
"""The eight frames that a model sees."""
