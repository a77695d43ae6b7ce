"""The sticky roller: a gripper pulls the handle to and fro, the roll in its yoke has to turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.looks.sticky_roller import paint_roller
from physprior.simulate.mechanics import Program, Servo, limited
from physprior.simulate.rolling import Wheel, bad_bearing, to_and_fro
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.3
"""The width of the frame: the roll's diameter is eight to nine centimetres."""
_STROKE_M = (0.048, 0.056)
"""Half of the way to and fro, and below how far its middle may lie from the frame's."""
_ASTRAY_M = 0.006
_GRAVITY_M_S2 = 9.81
_ARM_KG = 0.8
_SERVO = Servo(stiffness=1.0e4, damping=170.0, limit=40.0)
_PRESS_N = 6.0
"""With which the sprung wrist presses the roll to the surface."""
_WRIST_KG = 0.3
_WRIST_N_S_M = 25.0
_ARM_M = 0.006
"""Half an arm's width: so far outside the roll its middle must be before it can close."""
_FOOT_M = 0.0115
"""How far below the axle an arm ends: so high it stands on the surface beside the roll."""
_STOP_N_M = 1.5e3
_STOP_N_S_M = 4.0
_FREE_AXLE = 0.02
"""A sound axle's friction, as a share of the torque with which the ground can turn the roll."""
_PACE_RAD_S = 3.4
"""A typical rate: what there is in a bad axle resists in proportion to it."""

_HANDLES: tuple[Colour, ...] = (
    (0.10, 0.32, 0.70),
    (0.80, 0.14, 0.14),
    (0.10, 0.48, 0.32),
    (0.92, 0.66, 0.08),
    (0.42, 0.20, 0.54),
    (0.13, 0.14, 0.17),
)
_PAPERS: tuple[Colour, ...] = (
    (0.95, 0.94, 0.91),
    (0.96, 0.90, 0.72),
    (0.74, 0.87, 0.93),
    (0.94, 0.80, 0.84),
)
_PRINTS: tuple[Colour, ...] = (
    (0.85, 0.10, 0.12),
    (0.06, 0.26, 0.72),
    (0.02, 0.45, 0.24),
    (0.62, 0.06, 0.46),
)
_SURFACES: tuple[Colour, ...] = (
    (0.22, 0.25, 0.31),
    (0.30, 0.20, 0.14),
    (0.15, 0.27, 0.23),
    (0.33, 0.31, 0.30),
)


@dataclass(frozen=True)
class Unit:
    """One sticky roller; lengths in frame widths."""

    roll: float
    core: float
    length: float
    """How far to the right its far end is seen."""
    lean: float
    roll_kg: float
    ground_friction: float
    peel: float
    """What the adhesive takes from a turning roll, as a share of its weight times its radius."""
    handle: Colour
    paper: Colour
    print: Colour
    second: Colour
    surface: Colour


class StickyRoller:
    """The twin of the category ``sticky_roller``."""

    category = "sticky_roller"
    defects: ClassVar[Mapping[str, Defect]] = {
        "falloff": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "The clips that hold the axle's pins break at the onset, and only play decides "
                "when the yoke takes the roll along again; severity raises it, from 0.5 on beyond "
                "the stroke, so that the roll is left behind."
            ),
        ),
        "stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Friction at the axle exceeds what the ground can turn, so that the roll slides; "
                "below severity 0.5 it is weaker and the roll lags behind rolling."
            ),
        ),
    }
    wander = 0.015
    physics = (
        "A servo with limited force pulls the handle, a sprung wrist presses the roll down, and "
        "Coulomb friction at the ground turns it against its axle's friction and its adhesive. "
        "Once its clips break the roll rolls on by itself, and the wrist sinks slightly as long as "
        "the roll is between the arms, and to the surface when it is out."
    )
    leaves_out = "The adhesive picks up nothing, and the handle does not bend."

    def build(self, rng: np.random.Generator) -> Unit:
        """A roller with its roll, its yoke and its colours."""
        first, second = rng.choice(len(_PRINTS), 2, replace=False)
        return Unit(
            roll=float(rng.uniform(0.128, 0.150)),
            core=float(rng.uniform(0.30, 0.42)),
            length=float(rng.uniform(0.15, 0.21)),
            lean=float(rng.uniform(0.04, 0.10)),
            roll_kg=float(rng.uniform(0.10, 0.16)),
            ground_friction=float(rng.uniform(0.7, 0.9)),
            peel=float(rng.uniform(0.05, 0.09)),
            handle=_HANDLES[rng.integers(len(_HANDLES))],
            paper=_PAPERS[rng.integers(len(_PAPERS))],
            print=_PRINTS[first],
            second=_PRINTS[second],
            surface=_SURFACES[rng.integers(len(_SURFACES))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,  # noqa: ARG002 - neither fault leaves anything open
    ) -> Motion:
        """Handle and roll, one behind the other or each for itself."""
        program = to_and_fro(drive, duration_of(times), _STROKE_M, _ASTRAY_M)
        facing, start = float(drive.choice((-1.0, 1.0))), float(drive.uniform(0, 2 * np.pi))
        brake, drag, loose = _FREE_AXLE, 0.0, None
        if fault and fault.id == "stuck":
            brake, drag = bad_bearing(fault)
        elif fault:
            play, sink = fault.graded(0.02, 0.4, 1.0), fault.graded(0.012, 0.07, 0.07)
            loose = _Loose(fault.onset_s, play * _FRAME_M, sink * _FRAME_M)
        held, free = _rolls(unit, brake, drag)
        path = _pull(times, program, held, free, unit.roll_kg, loose)
        states = {
            "handle_x": path[:, 0] / _FRAME_M,
            "roll_x": path[:, 2] / _FRAME_M,
            "sink": path[:, 6] / _FRAME_M,
            "roll_rad": start - path[:, 4],
            "facing": np.full_like(times, facing),
        }
        parameters = {
            "period_s": program.period,
            "press_n": _PRESS_N,
            "roll_radius_m": held.radius_m,
            "axle_friction_n_m": held.brake_n_m - free.brake_n_m,
            "axle_drag_n_m_s": held.drag_n_m_s,
            "adhesive_torque_n_m": free.brake_n_m,
            "ground_torque_n_m": held.grip_n_m,
            "play_m": loose.play_m if loose else 0.0,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Surface, the roll between the arms of its yoke, handle and gripper."""
        paint_roller(canvas, unit, states)


@dataclass(frozen=True)
class _Loose:
    """Clips that break: when, how far the roll may move in the yoke, and how far the wrist sinks
    as long as the roll is between the arms.
    """

    onset_s: float
    play_m: float
    sink_m: float


def _rolls(unit: Unit, brake: float, drag: float) -> tuple[Wheel, Wheel]:
    """The roll as it is held in its yoke and pressed down, and as it rolls by itself."""
    radius, weight = unit.roll * _FRAME_M, unit.roll_kg * _GRAVITY_M_S2
    inertia, peel = 0.7 * unit.roll_kg * radius**2, unit.peel * weight * radius
    grip = unit.ground_friction * (weight + _PRESS_N)
    torque = grip * radius
    held = Wheel(radius, inertia, grip, brake * torque + peel, drag * torque / _PACE_RAD_S)
    return held, Wheel(radius, inertia, unit.ground_friction * weight, peel)


def _pull(
    times: NDArray[np.float64],
    program: Program,
    held: Wheel,
    free: Wheel,
    roll_kg: float,
    loose: _Loose | None,
) -> NDArray[np.float64]:
    """Place (m) and speed of the handle and of the roll, the roll's angle (rad) and rate, how far
    the wrist has sunk (m) and how fast, and on which side of the yoke a loose roll is, if out.
    """

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        x, speed, at, pace, angle, rate, sink, falling, side = state
        force = _SERVO.force(program.at(t), x, speed)
        if loose is None or t < loose.onset_s:
            rate, stiff = held.turned(rate, speed, dt)
            force -= stiff * (speed - rate * held.radius_m)
            speed += force / (_ARM_KG + roll_kg) * dt
            x, angle = x + speed * dt, angle + rate * dt
            return x, speed, x, speed, angle, rate, 0.0, 0.0, 0.0
        # The clips are broken: what is left of them stops the roll at the end of its play. Once
        # it is out, the arms that it held apart close, and can only push it along before them.
        off = at - x
        if not side and abs(off) > outside:
            side = 1.0 if off > 0 else -1.0
        beyond = off - limited(off, loose.play_m)
        if side:
            beyond += side * min(0.0, side * off - outside)
        stop = _STOP_N_M * beyond + _STOP_N_S_M * (pace - speed) if beyond else 0.0
        rate, stiff = free.turned(rate, pace, dt)
        pace -= (stop + stiff * (pace - rate * free.radius_m)) / roll_kg * dt
        speed += (force + stop) / _ARM_KG * dt
        falling += (_PRESS_N - _WRIST_N_S_M * falling) / _WRIST_KG * dt
        sink += falling * dt
        # The roll's pins hold the yoke up; beside a roll that is out it sinks to the surface.
        lowest = held.radius_m - _FOOT_M if side else loose.sink_m
        if sink >= lowest:
            sink, falling = lowest, 0.0
        x, at, angle = x + speed * dt, at + pace * dt, angle + rate * dt
        return x, speed, at, pace, angle, rate, sink, falling, side

    outside = held.radius_m + _ARM_M
    place = program.at(-0.3)
    start: tuple[float, ...] = (place, 0.0, place, *[0.0] * 6)
    return np.array(march(advance, start, times, warm_up=0.3))


TWIN = StickyRoller()
