"""The screw: a robot arm presses and turns it, and its thread draws it into a hole and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.screw import Look, draw_look, paint_arm, paint_block, paint_screw
from physprior.simulate.mechanics import Program, Servo, Table, limited, rubbed, ticks
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.10
"""The width of the frame."""
_STEP_S = 1 / 480
_INERTIA_KG_M2 = 1.0e-3
"""Of the screw and of the motor's rotor, as its gear shows it to the screw."""
_TORQUE_LIMIT_N_M = 1.2
_MOTOR = Servo(stiffness=8.0, damping=0.12, limit=_TORQUE_LIMIT_N_M)
_BEARING_N_M = 0.03
_PRESS_N = 12.0
_WALL_N = 25.0
"""What the wall of the hole holds against a shank that moves along it, at any speed."""
_WALL_N_S_M = 2600.0
_SEAT_N_M = 2.0e6
_THREAD_N = 3000.0
"""What the flanks of a sound thread bear: more than the motor can bring about."""
_FLANK = 1.1
"""Friction of the flanks, as a share of the torque that their load needs: above 1 they lock."""
_ROCK_RAD_S = 22.0
_ROCK_DAMPING = 0.35


@dataclass(frozen=True)
class Unit:
    """One screw; lengths in frame widths."""

    look: Look
    turns: float
    """How many turns there are from the mouth of the hole until the head sits tight."""

    @property
    def lead_m(self) -> float:
        """How far the thread draws it in with each turn: one pitch."""
        return self.look.length * _FRAME_M / self.turns


@dataclass(frozen=True)
class Hole:
    """What the screw meets: how much its flanks bear, and what stands in its way."""

    thread_n: float = _THREAD_N
    stop_m: float | None = None
    """How deep the tip gets until it meets something solid, if that is before the head sits."""
    beside: float = 0.0
    """How far beside the hole the tip stands, in frame widths."""
    lean_rad: float = 0.0
    """How far the screw's axis leans as it stands on the rim."""
    left_m: float | None = None
    """Where a screw is that no longer follows its thread."""


class Screw:
    """The twin of the category ``screw``."""

    category = "screw"
    defects: ClassVar[Mapping[str, Defect]] = {
        "stripped": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The flanks of the thread bear less force than the wall of the hole holds; "
                "severity lowers it, so that the screw sinks by less than its pitch with each "
                "turn and from the middle on not at all."
            ),
        ),
        "unable_to_go_in": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "Something solid stops the tip: low severity leaves it in the hole before the "
                "head sits tight. From the middle on the tip stands on the rim, further beside the "
                "mouth and leaning more with severity, and a burr there, which takes up to 1.15 of "
                "the motor's torque, stops the turning."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "A motor with limited torque turns the screw after a program while the arm presses, and "
        "its thread draws it in and out by one pitch a turn as long as its flanks bear the "
        "force. The wall of the hole rubs, the head is stopped by a stiff seat, and a screw on "
        "the rim rocks as a damped pendulum whose axis goes round with it."
    )
    leaves_out = "The arm does not let go of the head, and no chips are cut."

    def build(self, rng: np.random.Generator) -> Unit:
        """A screw with its pitch and its head, and the block it goes into."""
        return Unit(look=draw_look(rng), turns=float(rng.uniform(1.85, 2.1)))

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """In until the head sits tight, and out again, over and over."""
        duration = duration_of(times)
        program = _program(unit, drive, duration)
        mark = float(drive.uniform(0, 2 * pi))
        hole = _hole(unit, fault, duration, chance)
        path = _drive(unit, times, program, hole)
        parameters = {
            "pitch_m": unit.lead_m,
            "thread_limit_n": hole.thread_n,
            "free_depth_m": _free(unit, hole),
            "beside_m": abs(hole.beside) * _FRAME_M,
            "torque_limit_n_m": _TORQUE_LIMIT_N_M,
            "period_s": program.period,
        }
        states = {
            "depth": path[:, 0] / _FRAME_M,
            "turned_rad": path[:, 1] + mark,
            "beside": np.full_like(times, hole.beside),
            "lean_rad": path[:, 3],
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """The block cut open along its hole, the screw, and the arm's bit, chuck and motor."""
        paint_block(canvas, unit.look)
        depth, turn = states["depth"], states["turned_rad"]
        place = states["beside"], states["lean_rad"]
        paint_arm(canvas, unit.look, depth, turn, place)
        paint_screw(canvas, unit.look, unit.turns, depth, turn, place)


def _program(unit: Unit, drive: np.random.Generator, duration: float) -> Program:
    """How many radians the motor is to have turned the screw in from the mouth of the hole.

    It asks for a little more than it takes until the head is tight, as a screwdriver's clutch
    does, and the film begins anywhere in the cycle.
    """
    inward = 2 * pi * unit.turns
    shares = np.array([0.07, 0.38, 0.14, 0.38]) * drive.uniform(0.93, 1.07, 4)
    period = duration * float(drive.uniform(1.45, 1.6))
    moments = np.cumsum([0.0, *shares]) / shares.sum() * period
    start, end = inward * float(drive.uniform(0.02, 0.10)), inward + float(drive.uniform(0.3, 0.5))
    return Program(
        moments.tolist(), [start, start, end, end, start], phase=float(drive.uniform(0, period))
    )


def _hole(unit: Unit, fault: Fault | None, duration: float, chance: np.random.Generator) -> Hole:
    if fault is None:
        return Hole()
    length = unit.look.length * _FRAME_M
    if fault.id == "stripped":
        bears = fault.graded(75.0, 12.0, 2.0)
        if fault.severity < 0.5:
            return Hole(thread_n=bears)
        # The screw is as deep as a sound one is at some moment of its own work: over many videos
        # the depths are alike, and no frame tells.
        elsewhere = _program(unit, chance, duration).at(0.0)
        return Hole(thread_n=bears, left_m=min(length, unit.lead_m * elsewhere / (2 * pi)))
    side = float(chance.choice((-1.0, 1.0)))
    if fault.severity < 0.5:
        return Hole(stop_m=length * fault.graded(0.85, 0.05, 0.0))
    return Hole(
        stop_m=0.0,
        beside=side * fault.graded(0.0, 0.055, 0.09),
        lean_rad=side * float(np.deg2rad(fault.graded(0.0, 5.0, 12.0))),
        left_m=0.0,
    )


def _free(unit: Unit, hole: Hole) -> float:
    """How deep the screw can go."""
    return unit.look.length * _FRAME_M if hole.stop_m is None else hole.stop_m


def _drive(
    unit: Unit, times: NDArray[np.float64], program: Program, hole: Hole
) -> NDArray[np.float64]:
    """Depth (m), angle (rad), its rate, the lean (rad) and its rate at each time.

    The screw is light beside the forces along its axis: there it moves as they balance.
    """
    wish = Table(program.over(ticks(float(times[-1]), _STEP_S)).tolist(), _STEP_S)
    per_rad, free = unit.lead_m / (2 * pi), _free(unit, hole)

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        depth, angle, rate, lean, rocking = state
        torque = _MOTOR.force(wish.at(t), angle, rate)
        seat = _SEAT_N_M * max(0.0, depth - free)
        sinking, thread = _along(per_rad * rate, seat, hole)
        if depth < 0 and sinking < 0:
            sinking = 0.0  # Out of the hole the thread has nothing left to push on.
        friction = _BEARING_N_M + _FLANK * per_rad * abs(thread)
        if hole.lean_rad:
            # On the rim the tip catches on a burr once in a turn, harder than the motor turns.
            friction += _TORQUE_LIMIT_N_M * (0.25 + 0.45 * (1 + cos(angle)))
        rate += (torque - per_rad * thread) / _INERTIA_KG_M2 * dt
        rate = rubbed(rate, friction / _INERTIA_KG_M2 * dt)
        toward = hole.lean_rad * (0.75 + 0.25 * cos(angle)) - lean
        rocking += (_ROCK_RAD_S**2 * toward - 2 * _ROCK_DAMPING * _ROCK_RAD_S * rocking) * dt
        return depth + sinking * dt, angle + rate * dt, rate, lean + rocking * dt, rocking

    angle = wish.at(0.0)
    if hole.left_m is None:
        angle = min(angle, free / per_rad)
    depth = angle * per_rad if hole.left_m is None else hole.left_m
    rate = 0.0
    if hole.left_m is not None or angle == wish.at(0.0):
        rate = (wish.at(_STEP_S) - wish.at(0.0)) / _STEP_S
    begun: tuple[float, ...] = (depth, angle, rate, hole.lean_rad * (0.75 + 0.25 * cos(angle)), 0.0)
    return np.array(march(advance, begun, times, step=_STEP_S))


def _along(asked: float, seat: float, hole: Hole) -> tuple[float, float]:
    """How fast the screw sinks (m/s) and the force on its flanks (N) at the speed ``asked``.

    ``seat`` is the force of what stops it. The arm presses while it turns the screw in; on the
    way out it only follows.
    """
    way = 1.0 if asked >= 0 else -1.0
    press = _PRESS_N if asked >= 0 else 0.0
    against = way * _WALL_N + seat - press
    thread = against + _WALL_N_S_M * asked if asked else limited(against, seat)
    if abs(thread) <= hole.thread_n and not (hole.lean_rad and asked):
        return asked, thread
    # The flanks slip: the screw moves no faster than the force that they still bear moves it.
    thread = limited(thread, hole.thread_n)
    speed = way * (thread - against) / _WALL_N_S_M
    return way * max(0.0, min(speed, abs(asked))) * (not hole.lean_rad), thread


TWIN = Screw()
