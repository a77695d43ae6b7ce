"""Wheels on a flat surface: the ground turns them, friction at the axle brakes them.

Contact is Coulomb's: while the tread slides, the ground pushes with all its grip against the
sliding; below a creep of a few millimetres a second it pushes in proportion, which stands for the
tread's own give. A wheel with a light axle therefore rolls without slip to within parts of a
thousand, and one whose axle brakes more strongly than the ground pushes does not turn at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np

from physprior.simulate.mechanics import Program, rubbed
from physprior.simulate.twin import Fault

CREEP_M_S = 0.004
"""Below this speed of sliding the tread gives instead of sliding."""


@dataclass(frozen=True)
class Wheel:
    """What decides how a wheel answers to the ground; SI units, both wheels of an axle as one."""

    radius_m: float
    inertia_kg_m2: float
    grip_n: float
    """The greatest force between tread and ground: their friction times the load."""
    brake_n_m: float
    """Dry friction at the axle."""
    drag_n_m_s: float = 0.0
    """Viscous friction at the axle, per rad/s."""

    @property
    def grip_n_m(self) -> float:
        """The greatest torque with which the ground can turn the wheel."""
        return self.grip_n * self.radius_m

    def turned(
        self, rate: float, speed: float, dt: float, aside: float = 0.0
    ) -> tuple[float, float]:
        """The turning (rad/s) after ``dt``, and how stiffly the ground holds on to it (N s/m).

        ``speed`` is the axle's over the ground, in the direction in which a positive ``rate``
        rolls; ``aside`` is how fast the tread slides across it. The stiffness, times a speed of
        sliding, is the ground's force against it. Solved for the speeds at the step's end, so that
        no step is too long.
        """
        held = self.grip_n / max(CREEP_M_S, hypot(speed - rate * self.radius_m, aside))
        per_s = dt / self.inertia_kg_m2
        pull = held * self.radius_m**2 * per_s
        turning = rubbed(rate + pull * speed / self.radius_m, self.brake_n_m * per_s)
        return turning / (1 + pull + self.drag_n_m_s * per_s), held


def bad_bearing(fault: Fault) -> tuple[float, float]:
    """Dry friction of a bad bearing, and its dirt's drag at the bearing's typical rate.

    Both are shares of the greatest torque with which the ground can turn the wheel: from severity
    0.5 on friction alone exceeds it, and nothing turns.
    """
    return fault.graded(0.25, 1.15, 2.0), 0.9


def to_and_fro(
    drive: np.random.Generator, duration: float, half: tuple[float, float], middle: float
) -> Program:
    """Strokes to and fro at constant speed, with a short rest at each end; they begin anywhere.

    Half a stroke lies within ``half``, and the strokes' middle within ``middle`` of 0.
    """
    lengths = [
        float(drive.uniform(low, high)) * duration
        for low, high in ((0.38, 0.5), (0.01, 0.05), (0.38, 0.5), (0.01, 0.05))
    ]
    reach, at = float(drive.uniform(*half)), float(drive.uniform(-middle, middle))
    places = [at - reach, at + reach, at + reach, at - reach, at - reach]
    return Program.of_lengths(lengths, places, drive)
