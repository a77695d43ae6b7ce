"""The caster: an arm slides its plate in a narrow loop, the fork swings behind, the wheel rolls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import cos, sin
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.looks.caster_wheel import TILE, paint_caster
from physprior.simulate.mechanics import Servo, Table
from physprior.simulate.rolling import Wheel, bad_bearing
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.2
"""The width of the frame: the wheel's diameter is about seven centimetres."""
_STEP_S = 1 / 480
_MASS_KG = 1.5
"""Of the plate and what moves of the arm."""
_SERVO = Servo(stiffness=2.0e4, damping=330.0, limit=60.0)
_FREE = 0.015
"""Sound bearings' friction, as a share of the torque with which the ground can turn them."""
_ROLLING_RAD_S = 3.0
_SWING_RAD_S = 8.0
"""Typical rates: the dirt in a bad bearing resists in proportion to the rate."""

_TYRES: tuple[Colour, ...] = (
    (0.11, 0.11, 0.12),
    (0.30, 0.31, 0.33),
    (0.62, 0.10, 0.08),
    (0.08, 0.22, 0.50),
    (0.42, 0.24, 0.10),
)
_HUBS: tuple[Colour, ...] = ((0.92, 0.91, 0.88), (0.95, 0.86, 0.55), (0.80, 0.84, 0.88))
_MARKS: tuple[Colour, ...] = (
    (0.90, 0.12, 0.08),
    (0.05, 0.30, 0.85),
    (0.02, 0.48, 0.22),
    (0.75, 0.05, 0.50),
)
_STEELS: tuple[Colour, ...] = (
    (0.74, 0.76, 0.79),
    (0.86, 0.72, 0.36),
    (0.22, 0.24, 0.28),
    (0.20, 0.40, 0.62),
    (0.80, 0.38, 0.12),
)
_TABLES: tuple[tuple[Colour, Colour], ...] = (
    ((0.60, 0.62, 0.64), (0.50, 0.52, 0.55)),
    ((0.70, 0.63, 0.53), (0.60, 0.52, 0.42)),
    ((0.52, 0.62, 0.58), (0.42, 0.52, 0.49)),
    ((0.76, 0.76, 0.74), (0.64, 0.65, 0.66)),
    ((0.58, 0.57, 0.66), (0.48, 0.47, 0.57)),
)


@dataclass(frozen=True)
class Unit:
    """One caster; lengths in frame widths."""

    wheel: float
    width: float
    trail: float
    """How far the axle lies from the swivel's axis."""
    plate: float
    load_n: float
    ground_friction: float
    tyre: Colour
    hub: Colour
    mark: Colour
    fork: Colour
    tiles: tuple[Colour, Colour]


class CasterWheel:
    """The twin of the category ``caster_wheel``."""

    category = "caster_wheel"
    defects: ClassVar[Mapping[str, Defect]] = {
        "axle_stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Friction at the axle exceeds what the ground can turn, so that the wheel slides "
                "behind the fork; below severity 0.5 it is weaker and the wheel lags."
            ),
        ),
        "swivel_stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Friction in the swivel exceeds the moment of the ground's force at the trail, so "
                "that the fork keeps its heading; below severity 0.5 it follows late."
            ),
        ),
    }
    wander = 0.02
    physics = (
        "A servo in two directions slides the plate in a narrow loop, and Coulomb friction at the "
        "ground, one force for sliding along and across, turns the wheel about its axle and, "
        "over the trail, the fork about the swivel. The camera travels with the plate, so that "
        "the table is seen to pass beneath."
    )
    leaves_out = "The plate stays level, the load is constant, and the fork is balanced."

    def build(self, rng: np.random.Generator) -> Unit:
        """A caster with its wheel, its fork and the tiles that it runs on."""
        tyre = _TYRES[rng.integers(len(_TYRES))]
        # The mark must be told from the tyre, also where the wheel is nearly edge on.
        marks = [m for m in _MARKS if sum(abs(a - b) for a, b in zip(m, tyre, strict=True)) > 0.5]
        return Unit(
            wheel=float(rng.uniform(0.165, 0.190)),
            width=float(rng.uniform(0.06, 0.095)),
            trail=float(rng.uniform(0.085, 0.105)),
            plate=float(rng.uniform(0.17, 0.23)),
            load_n=float(rng.uniform(12.0, 20.0)),
            ground_friction=float(rng.uniform(0.5, 0.7)),
            tyre=tyre,
            hub=_HUBS[rng.integers(len(_HUBS))],
            mark=marks[rng.integers(len(marks))],
            fork=_STEELS[rng.integers(len(_STEELS))],
            tiles=_TABLES[rng.integers(len(_TABLES))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The plate on its loop, the fork behind it, the wheel in the fork."""
        loop = _Loop.drawn(drive, duration_of(times))
        start = float(drive.uniform(0, 2 * np.pi))
        place = drive.uniform(-0.02, 0.02, 2)
        tiles = drive.uniform(0, 2 * TILE, 2)
        axle, swivel = _axle(unit), _swivel(unit)
        heading = None
        if fault and fault.id == "axle_stuck":
            axle = _worse(axle, fault, _ROLLING_RAD_S)
        elif fault:
            # It has seized at a heading that sound forks have, and have as often: that of a sound
            # one at any other moment of the same loop.
            other = replace(loop, phase=float(chance.uniform(0, loop.period_s)))
            heading = float(_slide(np.zeros(1), other, axle, swivel)[0, 4])
            swivel = _worse(swivel, fault, _SWING_RAD_S)
        path = _slide(times, loop, axle, swivel, heading)
        states = {
            "plate_x": np.full_like(times, place[0]),
            "plate_y": np.full_like(times, place[1]),
            "ground_x": tiles[0] + path[:, 0] / _FRAME_M,
            "ground_z": tiles[1] + path[:, 2] / _FRAME_M,
            "heading_rad": path[:, 4],
            "wheel_rad": start - path[:, 6],
        }
        parameters = {
            "speed_m_s": loop.speed_m_s,
            "period_s": loop.period_s,
            "trail_m": unit.trail * _FRAME_M,
            "axle_friction_n_m": axle.brake_n_m,
            "axle_drag_n_m_s": axle.drag_n_m_s,
            "axle_ground_torque_n_m": axle.grip_n_m,
            "swivel_friction_n_m": swivel.brake_n_m,
            "swivel_drag_n_m_s": swivel.drag_n_m_s,
            "swivel_ground_torque_n_m": swivel.grip_n_m,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """The table that passes, wheel and fork, and the plate on the arm."""
        paint_caster(canvas, unit, states)


@dataclass(frozen=True)
class _Loop:
    """Where the plate is to be: two straight lanes, joined by half circles at either end (m, s)."""

    straight: float
    bend: float
    period_s: float
    sense: float
    phase: float

    @classmethod
    def drawn(cls, drive: np.random.Generator, duration: float) -> _Loop:
        period = float(drive.uniform(0.85, 1.15)) * duration
        return cls(
            straight=float(drive.uniform(0.26, 0.34)) * _FRAME_M,
            bend=float(drive.uniform(0.045, 0.06)) * _FRAME_M,
            period_s=period,
            sense=float(drive.choice((-1.0, 1.0))),
            phase=float(drive.uniform(0, period)),
        )

    @property
    def length_m(self) -> float:
        return 2 * (self.straight + np.pi * self.bend)

    @property
    def speed_m_s(self) -> float:
        return self.length_m / self.period_s

    def over(self, times: NDArray[np.float64]) -> tuple[list[float], list[float]]:
        """To the right and away from the camera, at each time."""
        half = self.length_m / 2
        gone = np.mod((times + self.phase) * self.speed_m_s, 2 * half)
        back = np.where(gone < half, 1.0, -1.0)
        along = np.mod(gone, half)
        turn = np.maximum(0.0, along - self.straight) / self.bend
        x = np.minimum(along, self.straight) - self.straight / 2 + self.bend * np.sin(turn)
        z = -self.bend * np.cos(turn)
        return (back * x).tolist(), (back * self.sense * z).tolist()


def _axle(unit: Unit) -> Wheel:
    radius, grip = unit.wheel * _FRAME_M, unit.ground_friction * unit.load_n
    return Wheel(radius, 0.03 * radius**2, grip, _FREE * grip * radius)


def _swivel(unit: Unit) -> Wheel:
    """The fork about its swivel: to the ground a wheel that is as large as the trail is long."""
    trail, grip = unit.trail * _FRAME_M, unit.ground_friction * unit.load_n
    return Wheel(trail, 0.08 * trail**2, grip, _FREE * grip * trail)


def _worse(bearing: Wheel, fault: Fault, pace_rad_s: float) -> Wheel:
    brake, drag = bad_bearing(fault)
    grip = bearing.grip_n_m
    return replace(bearing, brake_n_m=brake * grip, drag_n_m_s=drag * grip / pace_rad_s)


def _slide(
    times: NDArray[np.float64],
    loop: _Loop,
    axle: Wheel,
    swivel: Wheel,
    heading: float | None = None,
) -> NDArray[np.float64]:
    """Place and speed to the right, place and speed away from the camera (m), then angle and rate
    of the fork and of the wheel, at each time. Without a ``heading`` the fork starts in trail.
    """
    before = loop.period_s / 2
    first = round(before / _STEP_S)
    ticks = (np.arange(first + round(times[-1] / _STEP_S) + 3) - first) * _STEP_S
    ways = loop.over(ticks)
    right, away = (Table(way, _STEP_S, first=first) for way in ways)
    trail, radius = swivel.radius_m, axle.radius_m

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        x, vx, z, vz, angle, swing, rolled, rate = state
        c, s = cos(angle), sin(angle)
        # The tread's speed along the wheel and across it, as the plate drags and the fork swings.
        along, across = vx * c + vz * s, vz * c - vx * s
        rate, held = axle.turned(rate, along, dt, across + trail * swing)
        swing, _ = swivel.turned(swing, -across, dt, along - radius * rate)
        scrape, skid = along - radius * rate, across + trail * swing
        push = _SERVO.force(right.at(t), x, vx)
        pull = _SERVO.force(away.at(t), z, vz)
        vx += (push - held * (scrape * c - skid * s)) / _MASS_KG * dt
        vz += (pull - held * (scrape * s + skid * c)) / _MASS_KG * dt
        angle, rolled = angle + swing * dt, rolled + rate * dt
        return x + vx * dt, vx, z + vz * dt, vz, angle, swing, rolled, rate

    vx, vz = ((way[1] - way[0]) / _STEP_S for way in ways)
    if heading is None:
        heading = float(np.arctan2(-vz, -vx))
    start: tuple[float, ...] = (ways[0][0], vx, ways[1][0], vz, heading, 0.0, 0.0, 0.0)
    return np.array(march(advance, start, times, step=_STEP_S, warm_up=before))


TWIN = CasterWheel()
