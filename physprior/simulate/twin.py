"""What a twin of one category is: its defects, how a unit is built, how it moves, how it looks.

A category's twin is one file in ``twins/`` that ends in ``TWIN = …``; nothing else names it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas

States = Mapping[str, NDArray[np.float64]]
"""What is drawn: each state has one value, or one row of values, per frame."""

State = TypeVar("State", bound=tuple[float, ...])


@dataclass(frozen=True)
class Defect:
    """How an anomaly shows, in the KB's words, and what is physically wrong."""

    onset: Literal["persistent", "intermittent"]
    """There from the first frame, or beginning partway."""
    evidence: Literal["motion", "frame"]
    """``frame`` where one frame could show it, ``motion`` where none can."""
    cause: str
    """Which physical parameter is changed and how severity grades it: a sentence for readers."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in one video: the anomaly's id, when it begins, and how bad it is."""

    id: str
    onset_s: float
    severity: float
    """0 is barely visible to an attentive eye at 96 pixels, 0.5 is clear, 1 is gross; what stands
    still at 0.5 can stand no stiller at 1."""

    def graded(self, slight: float, clear: float, gross: float) -> float:
        """A parameter's value at this severity, linear from ``slight`` (0) over ``clear`` (0.5)."""
        if self.severity < 0.5:
            return slight + (clear - slight) * 2 * self.severity
        return clear + (gross - clear) * (2 * self.severity - 1)


@dataclass(frozen=True)
class Motion:
    """What happens in one video: the state at each frame, and the physics that led to it."""

    states: States
    parameters: dict[str, float]
    """Physical parameters; each name ends in its unit: ``rate_rad_s``."""


class Twin(Protocol):
    """One category. All randomness comes in as generators, so that a video can be made alone."""

    category: str
    """The category's id in the KB."""
    defects: Mapping[str, Defect]
    """The anomalies, by their ids in the KB."""
    wander: float
    """How far the camera's aim strays from the scene's origin, in frame widths."""
    physics: str
    """How the mechanism works and what is integrated: two sentences for readers."""
    leaves_out: str
    """What of the real thing the simulation does without: a sentence for readers."""

    def build(self, rng: np.random.Generator) -> Any:
        """One physical object: geometry and colours. The same object in every class."""

    def move(
        self,
        unit: Any,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Integrate the motion and give the state at ``times`` (seconds, evenly spaced from 0).

        ``drive`` decides what the station does and where things lie: the same draws in every class.
        What a mechanism makes of them may differ with the fault only so that what any one frame
        shows is distributed alike (a shortened sweep is asked for as fast as keeps its angles as
        frequent). ``chance`` decides what only a fault leaves open. Programs are made for clips of
        1 to 4 s.
        """

    def paint(self, canvas: Canvas, unit: Any, states: States) -> None:
        """Paint the object in its ``states``, as many as ``canvas`` has frames."""


def duration_of(times: NDArray[np.float64]) -> float:
    """How long (s) the clip lasts whose frames are taken at ``times``: its last frame too is seen
    for a frame's time. ``times`` are two or more, evenly spaced from 0.
    """
    return float(times[-1] + times[1])


def march(
    advance: Callable[[State, float, float], State],
    state: State,
    times: NDArray[np.float64],
    *,
    step: float = 1 / 480,
    warm_up: float = 0.0,
) -> list[State]:
    """Integrate: ``advance(state, t, dt)`` again and again; returns the state at each time.

    ``times`` begin at 0 and are evenly spaced. No step is longer than ``step``; ``warm_up``
    seconds pass before t = 0, so that a motion which was always there has settled.
    """
    for k in range(round(warm_up / step), 0, -1):
        state = advance(state, -k * step, step)
    states, now = [state], 0.0
    for then in times[1:].tolist():
        # What rounding adds to an interval is no reason for another step.
        steps = max(1, int(np.ceil((then - now) / step - 1e-6)))
        dt = (then - now) / steps
        for k in range(steps):
            state = advance(state, now + k * dt, dt)
        now = then
        states.append(state)
    return states


@cache
def twins() -> dict[str, Twin]:
    """Every twin there is, by category: whatever stands in the folder ``twins/``."""
    package = importlib.import_module("physprior.simulate.twins")
    found: dict[str, Twin] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        twin: Twin = importlib.import_module(f"{package.__name__}.{module}").TWIN
        found[twin.category] = twin
    return found
