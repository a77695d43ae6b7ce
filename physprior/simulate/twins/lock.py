"""The door lock: a motor turns the knob back and forth, and its cam slides the latch bolt."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.lock import CASES, DOORS, KNOBS, MARKS, STYLES, Unit, paint_lock
from physprior.simulate.mechanics import Program, Servo, limited, rubbed
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.12
"""The width of the frame: the bolt's stroke is about two centimetres."""
_KNOB_KG_M2 = 5.0e-4
_BOLT_KG = 0.8
"""The bolt with the follower that the cam moves."""
_STALL_N_M = 0.20
_SERVO = Servo(stiffness=6.0, damping=0.10, limit=_STALL_N_M)
_CAM_N_M = 1.6e5
_CAM_N_S_M = 180.0
_GUIDE_SHARE = 0.08
"""Friction of a sound guide as a share of what the stalled motor brings about at the bolt."""
_STEP_S = 1 / 960


class Lock:
    """The twin of the category ``lock``."""

    category = "lock"
    defects: ClassVar[Mapping[str, Defect]] = {
        "jam": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The bolt binds in its guide; severity raises the friction there beyond all that "
                "the motor's torque can push at the cam."
            ),
        ),
        "structure_detached": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The cam has come loose from the knob and is only dragged along; severity lowers "
                "that drag until the guide's friction holds the bolt."
            ),
        ),
    }
    wander = 0.015
    physics = (
        "A motor with limited torque, less of it the faster it runs, turns the knob to and fro by "
        "a program, and a stiff cam moves the bolt by so much a turn. The bolt is a mass in a "
        "guide with dry friction and a stop at either end."
    )
    leaves_out = "The latch has no return spring, and the bolt never touches the strike."

    def build(self, rng: np.random.Generator) -> Unit:
        """A lock on its door, for either hand."""
        door, case = rng.integers(len(DOORS)), rng.integers(len(CASES))
        return Unit(
            side=int(rng.choice((-1, 1))),
            style=int(rng.integers(STYLES)),
            knob_radius=float(rng.uniform(0.125, 0.145)),
            case_half=float(rng.uniform(0.22, 0.30)),
            bolt_half=float(rng.uniform(0.055, 0.075)),
            stroke=float(rng.uniform(0.165, 0.19)),
            turns=float(rng.choice((-1.0, 1.0)) * rng.uniform(0.75, 0.95)),
            brass_bolt=bool(rng.integers(2)),
            door=DOORS[door],
            case=CASES[case],
            knob=KNOBS[rng.integers(len(KNOBS))],
            mark=MARKS[rng.integers(len(MARKS))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The knob's turns by the program, and what of them reaches the bolt."""
        duration = duration_of(times)
        program, idle = _program(unit, drive, duration)
        mounted = float(drive.uniform(0, 2 * pi))
        lead = unit.stroke * _FRAME_M / (abs(unit.turns) * 2 * pi)
        push = _STALL_N_M / lead
        friction, slip = _GUIDE_SHARE * push, None
        # A bolt that stands does so where the program took sound ones to: at any of its moments.
        stands = program.at(float(chance.uniform(0, program.period)))
        if fault and fault.id == "jam":
            friction = fault.graded(0.42, 1.15, 2.2) * push
        elif fault:
            slip = friction / (fault.graded(0.05, 1.05, 20.0) * lead * idle / _SPARE)
        path = _turn(unit, times, program, idle, lead, friction, slip, stands if fault else None)
        parameters = {
            "stall_torque_n_m": _STALL_N_M,
            "idle_rate_rad_s": idle,
            "cam_lead_m_rad": lead,
            "guide_friction_n": friction,
            "cam_attached_1": 0.0 if slip is not None else 1.0,
            "loose_drag_n_s_m": slip or 0.0,
        }
        # The cam's gear is put on anew for each video: the mark's place does not tell the bolt's.
        sense = 1.0 if unit.turns > 0 else -1.0
        states = {"knob_rad": mounted + sense * path[:, 0], "out": path[:, 2] / _FRAME_M}
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Door, bolt, case, motor and knob."""
        paint_lock(canvas, unit, states)


_SPARE = 1.6
"""How much faster the unloaded motor could run than the program asks for."""


def _program(unit: Unit, drive: np.random.Generator, duration: float) -> tuple[Program, float]:
    """The knob's wished angle (rad), out and back over and over, and the motor's idle speed.

    The film begins anywhere in the cycle, and the speed is even, so that the bolt passes all its
    places alike.
    """
    rest, out, dwell, back = (
        float(drive.uniform(low, high)) * duration
        for low, high in ((0.02, 0.06), (0.38, 0.50), (0.02, 0.06), (0.38, 0.50))
    )
    full = abs(unit.turns) * 2 * pi * float(drive.uniform(0.93, 1.0))
    program = Program.of_lengths((rest, out, dwell, back), (0.0, 0.0, full, full, 0.0), drive)
    return program, _SPARE * full / min(out, back)


def _turn(
    unit: Unit,
    times: NDArray[np.float64],
    program: Program,
    idle: float,
    lead: float,
    friction: float,
    slip: float | None,
    stands: float | None,
) -> NDArray[np.float64]:
    """Knob angle (rad), its speed, bolt's way out (m) and speed: a row per time.

    ``slip`` is the drag (N s/m) that is left of a loose cam's hold; ``stands`` is the angle at
    which a faulty lock's cam is.
    """
    end = unit.stroke * _FRAME_M

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        angle, turning, out, speed = state
        if slip is None:
            push = _CAM_N_M * (lead * angle - out) + _CAM_N_S_M * (lead * turning - speed)
            speed = rubbed(speed + push / _BOLT_KG * dt, friction / _BOLT_KG * dt)
        else:
            # Drag at the step's end: one so strong on a bolt so light would overshoot else.
            held = dt / (_BOLT_KG + slip * dt)
            speed += slip * (lead * turning - speed) * held
            speed = rubbed(speed, friction * held)
            push = slip * (lead * turning - speed)
        torque = _SERVO.force(program.at(t), angle, turning)
        if torque * turning > 0:
            torque = limited(torque, _STALL_N_M * max(0.0, 1 - abs(turning) / idle))
        turning += (torque - push * lead) / _KNOB_KG_M2 * dt
        out += speed * dt
        if not 0 <= out <= end:
            out, speed = min(max(out, 0.0), end), 0.0
        return angle + turning * dt, turning, out, speed

    warm_up = 0.3
    angle = program.at(-warm_up)
    if stands is None:
        start: tuple[float, ...] = (angle, 0.0, lead * angle, 0.0)
    elif slip is None:
        start = (stands, 0.0, lead * stands, 0.0)
    else:
        # A cam that drags the bolt along has brought it here; one that does not left it there.
        drags = slip * lead * idle / _SPARE > friction
        start = (angle, 0.0, lead * (angle if drags else stands), 0.0)
    return np.array(march(advance, start, times, step=_STEP_S, warm_up=warm_up))


TWIN = Lock()
