"""What several mechanisms share: dry friction, drives with a limit, and what a station wants.

All quantities are SI units per second unless a name says otherwise; plain numbers in, plain
numbers out, because they are called thousands of times a video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Wish = TypeVar("Wish")


def rubbed(speed: float, drop: float) -> float:
    """``speed`` after dry friction has taken up to ``drop`` from it: friction adds no speed.

    ``drop`` is friction over inertia, times the step. At rest it holds whatever is weaker: add
    the step's other forces to ``speed`` first, and what friction outweighs does not move.
    """
    return max(0.0, speed - drop) if speed > 0 else min(0.0, speed + drop)


def limited(value: float, limit: float) -> float:
    """``value``, held within plus and minus ``limit``: a drive's greatest force or torque."""
    return max(-limit, min(limit, value))


@dataclass(frozen=True)
class Servo:
    """A drive that follows a wish with limited force, like a spring and a damper that yield.

    SI units of force and way (N/m, N s/m, N), or of torque and angle, or either of them per unit
    of inertia (1/s², 1/s and an acceleration).
    """

    stiffness: float
    damping: float
    limit: float
    """The most that it can exert, either way."""

    def force(self, wish: float, place: float, speed: float, pace: float = 0.0) -> float:
        """What it exerts at ``place``, moving at ``speed``, where the wish moves at ``pace``."""
        pull = self.stiffness * (wish - place) + self.damping * (pace - speed)
        return limited(pull, self.limit)


class Program:
    """What a station wants, over and over: straight lines between ``moments``, then from the start.

    ``moments`` (seconds, ascending from 0) say when the wish passes each of ``values``; the last is
    the period. ``phase`` (seconds) is how far into its period the film begins: drawn evenly over
    the period, no frame's number says where in the cycle the station is.
    """

    def __init__(
        self, moments: Sequence[float], values: Sequence[float], phase: float = 0.0
    ) -> None:
        self.period = float(moments[-1])
        self._moments, self._values, self._phase = list(moments), list(values), phase

    @classmethod
    def of_lengths(
        cls,
        lengths: Sequence[float],
        values: Sequence[float],
        drive: np.random.Generator,
        scale_s: float = 1.0,
    ) -> Self:
        """A program whose lines take ``lengths``, each counted in ``scale_s`` seconds.

        ``values`` are one more than the lines. ``drive`` draws where in the period the film begins.
        """
        moments = [length * scale_s for length in accumulate(lengths, initial=0.0)]
        return cls(moments, values, float(drive.uniform(0, moments[-1])))

    def at(self, t: float) -> float:
        """The wish at ``t`` seconds of film; ``t`` may be negative, before the film begins."""
        now = (t + self._phase) % self.period
        for k in range(1, len(self._moments)):
            if now <= self._moments[k]:
                a, b = self._moments[k - 1], self._moments[k]
                share = (now - a) / (b - a) if b > a else 1.0
                return float(self._values[k - 1] + share * (self._values[k] - self._values[k - 1]))
        return float(self._values[-1])

    def over(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The wish at each of ``times`` (seconds of film)."""
        now = np.mod(times + self._phase, self.period)
        return np.interp(now, self._moments, self._values)


class Table(Generic[Wish]):
    """What a station wants, worked out ahead: one of ``values`` for every tick of ``step`` seconds.

    ``values[first]`` is the wish ``before`` seconds ahead of the film. ``at`` does not look between
    the ticks, which makes it quicker than a ``Program``; the values are to reach half a tick
    farther than it is asked for (see ``ticks``).
    """

    def __init__(
        self, values: Sequence[Wish], step: float, before: float = 0.0, first: int = 0
    ) -> None:
        self._values, self._step, self._before, self._first = values, step, before, first

    def at(self, t: float) -> Wish:
        """The wish at the tick nearest to ``t`` seconds of film; none is before the values."""
        return self._values[round((t + self._before) / self._step) + self._first]


def ticks(last_s: float, step: float, before: float = 0.0) -> NDArray[np.float64]:
    """The moments (seconds of film) of a ``Table``: from ``-before`` to two ticks past ``last_s``.

    So far beyond it, a rate can be taken from both sides wherever a film asks for it.
    """
    return np.arange(int((last_s + before) / step) + 4, dtype=np.float64) * step - before
