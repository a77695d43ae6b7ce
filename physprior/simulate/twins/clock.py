"""The accelerated clock: a motor's pulses turn the arbor, on which the pointer sits."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log, pi
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.clock import CASES, FACES, POINTERS, Unit, paint_clock
from physprior.simulate.mechanics import rubbed
from physprior.simulate.twin import Defect, Fault, Motion, States, march

_SETTLING_S = 0.008
"""In this time a pulse brings the arbor to two thirds of its speed."""
_ARBOR_G_M2 = 0.020
"""The arbor's inertia with the train and the motor behind it, in grams times square metres."""
_FRICTION_SHARE = 0.3
"""Dry friction of a sound train as a share of the motor's torque."""
_DUTY = 0.1
"""The share of the time in which a pulse drives the motor."""
_REBOUND = 0.9
_BUSH_RAD_S2 = 0.3
"""What a loose bush's own friction takes from the pointer's speed on the arbor."""
_MINUTE_RATIO = 1 / 6
_HOUR_RATIO = 1 / 24
_STEP_S = 1 / 960


class Clock:
    """The twin of the category ``clock``."""

    category = "clock"
    defects: ClassVar[Mapping[str, Defect]] = {
        "stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Dirt in the gear train adds dry friction; severity raises it beyond the motor's "
                "torque, so that the train first loses way and then stands."
            ),
        ),
        "vibration": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The pointer's bush has play on the arbor, and each pulse throws the pointer "
                "through it; severity widens the play."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "A motor whose torque falls with its speed turns the arbor pulse by pulse against dry "
        "friction, and the other hands follow at fixed ratios. A loose pointer crosses its play "
        "against a slight friction of its bush and rebounds from both of its stops."
    )
    leaves_out = (
        "The hands' ratios are not those of a real clock: one turn of the hour hand takes four of "
        "the minute hand. The pointer is balanced, so that gravity does not turn it, and it does "
        "not bend."
    )

    def build(self, rng: np.random.Generator) -> Unit:
        """A clock: one of five faces, its colours, and how its motor ticks."""
        ticks = bool(rng.integers(2))
        return Unit(
            face=int(rng.integers(FACES)),
            case=CASES[rng.integers(len(CASES))],
            pointer=POINTERS[rng.integers(len(POINTERS))],
            pulse_hz=float(rng.uniform(*(5.0, 6.0) if ticks else (7.0, 8.5))),
            full_rad_s=float(np.deg2rad(rng.uniform(330.0, 430.0))),
            long=float(rng.uniform(0.31, 0.335)),
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """All hands as the motor's pulses move them; each was set at some time of its own."""
        pointer, minute, hour = (float(v) for v in drive.uniform(0, 2 * pi, 3))
        full = unit.full_rad_s * float(drive.uniform(0.85, 1.15))
        phase = float(drive.uniform(0, 1 / unit.pulse_hz))
        share, play = _FRICTION_SHARE, 0.0
        if fault and fault.id == "stuck":
            share = fault.graded(0.325, 1.1, 2.5)
        elif fault:
            play = float(np.deg2rad(fault.graded(1.3, 16.0, 22.0)))
        knock = full * float(chance.uniform(1.5, 2.5))
        arbor, loose = _tick(unit, times, full, phase, share, play, knock)
        stall = _ARBOR_G_M2 * full / _SETTLING_S
        parameters = {
            "idle_rate_rad_s": full,
            "pulse_rate_hz": unit.pulse_hz,
            "motor_torque_mn_m": stall,
            "train_friction_mn_m": share * stall,
            "bush_play_rad": play,
        }
        # Evenly over the dial, and apart from each other: no reading gives a class away.
        states = {
            "pointer_rad": pointer + loose,
            "minute_rad": minute + _MINUTE_RATIO * arbor,
            "hour_rad": hour + _HOUR_RATIO * arbor,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """The case with its face, the two hands of the time, and the pointer."""
        paint_clock(canvas, unit, states)


def _tick(
    unit: Unit,
    times: NDArray[np.float64],
    full: float,
    phase: float,
    share: float,
    play: float,
    knock: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far arbor and pointer have turned (rad) since the first frame.

    ``share`` is the train's friction as a share of the motor's torque, ``play`` how far the
    pointer can swing on the arbor to either side. It was knocked (rad/s) when the clock was
    switched on; from then on only the motor's pulses keep it rattling.
    """
    push = full / _SETTLING_S

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        arbor, turning, pointer, speed = state
        for pulse, lasts in _parts((t + phase) * unit.pulse_hz % 1, dt, unit.pulse_hz):
            way, turning = _driven(turning, push if pulse else 0.0, share * push, lasts)
            arbor += way
        speed = turning + rubbed(speed - turning, _BUSH_RAD_S2 * dt)
        pointer += speed * dt
        apart = pointer - arbor
        if abs(apart) >= play:
            # The arbor with the train behind it is so much heavier that it takes no notice.
            pointer = arbor + (play if apart > 0 else -play)
            if (speed - turning) * apart > 0:
                speed = turning - (_REBOUND if play else 0.0) * (speed - turning)
        return arbor, turning, pointer, speed

    knocked: tuple[float, ...] = (0.0, 0.0, 0.0, knock)
    path = np.array(march(advance, knocked, times, step=_STEP_S, warm_up=1.0))
    return path[:, 0] - path[0, 0], path[:, 2] - path[0, 0]


def _parts(at: float, dt: float, pulse_hz: float) -> tuple[tuple[bool, float], ...]:
    """The parts of a step from ``at`` in the pulses' cycle: is there a pulse, and how long (s)?

    A step is shorter than a pulse and than the pause after it: it holds one edge at most.
    """
    pulse = at < _DUTY
    edge = ((_DUTY if pulse else 1.0) - at) / pulse_hz
    return (pulse, min(edge, dt)), (not pulse, max(0.0, dt - edge))


def _driven(speed: float, push: float, drag: float, lasts: float) -> tuple[float, float]:
    """Way (rad) and final speed of an arbor that turns forwards, by the laws' own solutions.

    A motor that pushes holds back by its speed too; the dry friction ``drag`` stops the arbor.
    """
    if push:
        final = (push - drag) * _SETTLING_S
        if final < 0:
            lasts = min(lasts, _SETTLING_S * log(1 - speed / final))
        after = max(0.0, final + (speed - final) * exp(-lasts / _SETTLING_S))
        return final * lasts + (speed - after) * _SETTLING_S, after
    after = max(0.0, speed - drag * lasts)
    return (speed + after) / 2 * (speed - after) / drag, after


TWIN = Clock()
