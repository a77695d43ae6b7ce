"""The butt hinge: a gripper swings the moving leaf about the pin, away from the fixed leaf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import asin, atan2, cos, hypot, inf, pi, radians, sin
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks import hinge as looks
from physprior.simulate.looks.hinge import BARREL, DEEP, PIN, TABLE, THICK, Unit
from physprior.simulate.mechanics import Program, Servo, Table, limited, rubbed, ticks
from physprior.simulate.sweeps import chained, out_and_back
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.20
"""The width of the frame: a leaf is six centimetres long."""
_GRAVITY = 9.81 / _FRAME_M
_SHUT_RAD = radians(18)
"""The least angle between the leaves: the fingers have to fit in between."""
_STEP_S = 1 / 960
_LONGEST_S = _STEP_S * (1 + 1e-6)
"""With this the step is the same at 30 and 60 frames a second, whatever rounding does."""
_WARM_UP_S = 0.3
# The gripper's loop, its greatest torque and dry friction, per unit of inertia.
_SERVO = Servo(stiffness=2500.0, damping=90.0, limit=700.0)
_FRICTION_RAD_S2 = 8.0
_BOUNCE = 0.25
_REST = (0.40, 0.56)
"""The share of its time that a sound leaf rests on the way: from video to video another."""
_EDGE, _HASTE = 0.87, 1.6
"""The share of the way beyond which no clearly limited leaf comes, and how much faster sound ones
pass it: it is in one of twenty of their frames."""
_LASTS = _EDGE + (1 - _EDGE) / _HASTE
_PAD_DAMPING_PER_S = 14.0
_PULL_PER_S = 20.0
_LETS_GO_RAD = radians(22)
"""How far the leaf sags in the fingertips before it slips out of them."""
_PIN_SLIDES = 0.12
"""The share of the clip in which a pin slides out."""
_GROUND_PER_S2 = 3.0e4
_GROUND_DAMPING_PER_S = 90.0
_SLIDING = 0.4
"""Table and block, per unit of the leaf's mass, and the friction on them."""

_Swing = Callable[[float, float, float, float], tuple[float, float]]
_Hang = Callable[
    [tuple[float, ...], tuple[float, ...], tuple[float, ...], float], tuple[float, ...]
]


class Hinge:
    """The twin of the category ``hinge``."""

    category = "hinge"
    defects: ClassVar[Mapping[str, Defect]] = {
        "angle_limited": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "A hard obstruction in the knuckles stops the leaf before its full angle, from "
                "severity 0.5 on before 87 % of the way. Severity moves it inward on average and "
                "lengthens the stall against it."
            ),
        ),
        "falloff": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "From the onset on the pin slides out, so that the gripper's pull parts the leaf "
                "from its place and it sags; severity raises how far, until it slips out and falls."
            ),
        ),
    }
    wander = 0.02
    physics = (
        "A gripper with limited torque swings the leaf's inertia after a program against dry "
        "friction, and a stop throws it back with loss. A leaf without its pin turns in the pads "
        "of the fingertips under its weight and with their acceleration, and what falls, leaf or "
        "pin, is a free plate that lands with bounces and friction."
    )
    leaves_out = (
        "The leaves do not bend, the gripper does not feel a loose leaf, the pin creeps out at a "
        "set pace, and a falling leaf and a falling pin do not meet. The program asks a limited "
        "leaf, too, for the full angle, but when it does is set so that all angles before 87 % of "
        "the way are seen as often as in sound hinges, which rest before there and pass the rest "
        "in haste."
    )

    def build(self, rng: np.random.Generator) -> Unit:
        """A hinge with its leaves, on a block of its own."""
        steel, other = rng.choice(len(looks.STEELS), 2, replace=False)
        return Unit(
            leaf=float(rng.uniform(0.29, 0.34)),
            full_rad=radians(rng.uniform(128, 140)),
            holes=int(rng.integers(1, 4)),
            steel=looks.STEELS[steel],
            other=looks.STEELS[other if rng.uniform() < 0.5 else steel],
            block=looks.BLOCKS[rng.integers(len(looks.BLOCKS))],
            table=looks.TABLES[rng.integers(len(looks.TABLES))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The gripper swings the leaf open and shut, over and over."""
        duration = duration_of(times)
        period = duration * float(drive.uniform(0.75, 1.2))
        phase = float(drive.uniform(0, period))
        places = (float(drive.uniform()), float(drive.uniform()))
        rest, full = float(drive.uniform(*_REST)), unit.full_rad - _SHUT_RAD
        reach, stall, edge = full, 0.0, _EDGE
        if fault and fault.id == "angle_limited":
            # Where the stop lies, and how long the leaf stands there, hang together so that all
            # angles up to the edge are seen as often as in sound hinges: see ``sweeps``.
            stall, edge = fault.graded(0.06, 0.42, 0.58), 1.0
            reach = full * fault.graded(1.0, _EDGE, _EDGE) * float(chance.uniform()) ** stall
        way = out_and_back(
            reach,
            period,
            places,
            travel_s=(1 - rest) * period * reach / full * (edge + (1 - edge) / _HASTE) / _LASTS,
            stall=stall,
            beyond=max(full - reach, 0.04 * full) if stall else 0.0,
            edge=edge,
            haste=_HASTE,
        )
        program = Program(*chained([way], [1.0]), phase)
        stop = _SHUT_RAD + reach if stall else radians(179)
        loss = _Loss()
        if fault and fault.id == "falloff":
            loss = _Loss(
                onset_s=fault.onset_s,
                share=min(1.0, fault.graded(0.25, 1.4, 1.4)),
                creep_per_s=1 / (_PIN_SLIDES * duration),
                sag=fault.graded(0.05, 0.40, 1.20),
                away=fault.graded(0.008, 0.06, 0.12),
            )
            states = _come_apart(unit, times, program, loss)
        else:
            states = _joined(times, pi - _follow(times, program, stop))
        parameters = {
            "full_angle_rad": unit.full_rad,
            "stop_angle_rad": stop,
            "torque_limit_rad_s2": _SERVO.limit,
            "pin_comes_out_1": loss.share,
            "sag_rad": loss.sag,
            "parted_m": loss.away * _FRAME_M,
            "period_s": period,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """See ``looks``."""
        looks.paint_hinge(canvas, unit, states)


@dataclass(frozen=True)
class _Loss:
    """How a hinge loses its pin; lengths in frame widths."""

    onset_s: float = inf
    share: float = 0.0
    """How much of its length the pin comes out."""
    creep_per_s: float = 0.0
    """How much of its length comes out in a second."""
    sag: float = 0.0
    """How far its own weight turns the loose leaf in the pads when it lies level (rad)."""
    away: float = 0.0
    """How far the gripper, which pulls lightly outwards, takes it from the pin's place."""


def _gripper(program: Program, last_s: float, stop: float) -> tuple[_Swing, tuple[float, ...]]:
    """A step of the gripped leaf's angle to the other (rad) and its speed; and where they begin."""
    wishes = _SHUT_RAD + program.over(ticks(last_s, _STEP_S, _WARM_UP_S))
    target = Table(wishes.tolist(), _STEP_S, _WARM_UP_S)
    pace = Table(np.gradient(wishes, _STEP_S).tolist(), _STEP_S, _WARM_UP_S)

    def swing(angle: float, speed: float, t: float, dt: float) -> tuple[float, float]:
        push = _SERVO.force(target.at(t), angle, speed, pace.at(t))
        speed = rubbed(speed + push * dt, _FRICTION_RAD_S2 * dt)
        angle += speed * dt
        if angle > stop and speed > 0:
            angle, speed = stop, -_BOUNCE * speed
        return angle, speed

    return swing, (min(stop, target.at(-_WARM_UP_S)), 0.0)


def _follow(times: NDArray[np.float64], program: Program, stop: float) -> NDArray[np.float64]:
    """The angle between the leaves (rad) at each time."""
    swing, start = _gripper(program, float(times[-1]), stop)

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        return swing(state[0], state[1], t, dt)

    path = march(advance, start, times, step=_LONGEST_S, warm_up=_WARM_UP_S)
    return np.array([state[0] for state in path])


def _joined(
    times: NDArray[np.float64], grip: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """All states of a hinge that holds together."""
    none = np.zeros_like(times)
    return {
        "grip_rad": grip,
        "grip_away": none.copy(),
        "leaf_rad": grip.copy(),
        "leaf_x": none + PIN[0],
        "leaf_y": none + PIN[1],
        "pin_x": none + PIN[0],
        "pin_y": none + PIN[1],
        "pin_rad": none.copy(),
        "pin_out": none.copy(),
    }


def _come_apart(
    unit: Unit, times: NDArray[np.float64], program: Program, loss: _Loss
) -> dict[str, NDArray[np.float64]]:
    """All states of a hinge whose pin slides out from the onset on.

    Integrated are the gripper, how far the leaf has been pulled away and whether the fingertips
    still hold it, and leaf and pin as free plates: angle, spin, middle, speed.
    """
    swing, start = _gripper(program, float(times[-1]), radians(179))
    hang = _hanging(unit, loss.sag)
    length, tilt = hypot(*DEEP), atan2(DEEP[1], DEEP[0])

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        opened, speed, gone, going, held, out = state[:6]
        leaf, pin, before = state[6:12], state[12:], (opened, speed, gone, going)
        opened, speed = swing(opened, speed, t, dt)
        if out >= 1:
            pin = _fall(pin, length, dt, TABLE - 0.04, block=False)
        elif t >= loss.onset_s and out < loss.share:
            # Shaken along by the turning leaf, against friction: an even creep.
            out = min(loss.share, out + loss.creep_per_s * dt)
            vx, vy = -loss.creep_per_s * DEEP[0], -loss.creep_per_s * DEEP[1]
            x, y = PIN[0] + (0.5 - out) * DEEP[0], PIN[1] + (0.5 - out) * DEEP[1]
            pin = tilt, 0.0, x, y, vx, vy
        if out < loss.share:
            leaf = pi - opened, -speed, 0.0, 0.0, 0.0, 0.0
        else:
            going += _PULL_PER_S * (_PULL_PER_S * (loss.away - gone) - 2 * going) * dt
            gone += going * dt
            if held:
                leaf = hang(leaf, before, (opened, speed, gone, going), dt)
                held = float(abs(leaf[0] - pi + opened) < _LETS_GO_RAD)
            else:
                leaf = _fall(leaf, unit.leaf, dt, TABLE + THICK / 2, block=True)
        return opened, speed, gone, going, held, out, *leaf, *pin

    whole = (tilt, 0.0, PIN[0] + DEEP[0] / 2, PIN[1] + DEEP[1] / 2, 0.0, 0.0)
    joined = (pi - start[0], *(0.0,) * 5)
    begin: tuple[float, ...] = (*start, 0.0, 0.0, 1.0, 0.0, *joined, *whole)
    path = np.array(march(advance, begin, times, step=_LONGEST_S, warm_up=_WARM_UP_S)).T
    states = _joined(times, pi - path[0])
    loose, half = path[5] >= loss.share, unit.leaf / 2
    states["grip_away"], states["pin_out"] = path[2], path[5]
    states["leaf_rad"] = path[6]
    states["leaf_x"][loose] = (path[8] - half * np.cos(path[6]))[loose]
    states["leaf_y"][loose] = (path[9] - half * np.sin(path[6]))[loose]
    states["pin_rad"] = path[12] - tilt
    states["pin_x"] = path[14] - length / 2 * np.cos(path[12])
    states["pin_y"] = path[15] - length / 2 * np.sin(path[12])
    return states


def _hanging(unit: Unit, sag: float) -> _Hang:
    """A step of a leaf without its pin, which only the fingertips hold, moving as they do.

    Fingertips are given by their angle and speed, and by how far they have pulled and how fast.
    """
    hold, arm = unit.grasp, unit.grasp - unit.leaf / 2
    lever = arm / (unit.leaf**2 / 12 + arm**2)
    stiffness = _GRAVITY * lever / sag

    def tips(grip: tuple[float, ...]) -> tuple[float, float, float, float]:
        """Where the fingertips are from the pin's place, and their speed."""
        opened, speed, gone, going = grip
        # The leaf lies at pi - opened from the right.
        c, s, reach = -cos(opened), sin(opened), hold + gone
        return reach * c, reach * s, going * c + reach * speed * s, going * s - reach * speed * c

    def hang(
        leaf: tuple[float, ...], before: tuple[float, ...], grip: tuple[float, ...], dt: float
    ) -> tuple[float, ...]:
        angle, spin = leaf[:2]
        turn, rate = pi - grip[0], -grip[1]
        *_, vx0, vy0 = tips(before)
        x, y, vx, vy = tips(grip)
        # Its weight, and its inertia as the fingertips speed up, turn it in the pads.
        ax, ay = (vx - vx0) / dt, (vy - vy0) / dt
        spin += (lever * ((_GRAVITY + ay) * cos(angle) - ax * sin(angle))) * dt
        spin -= (stiffness * (angle - turn) + _PAD_DAMPING_PER_S * (spin - rate)) * dt
        angle += spin * dt
        lowest = pi - asin(max(0.0, min(1.0, y / hold)))
        if cos(turn) < 0 and angle < lowest:
            # Its knuckles lie on the fixed leaf, which keeps them from sagging farther.
            angle, spin = lowest, rate
        c, s = arm * cos(angle), arm * sin(angle)
        return angle, spin, PIN[0] + x - c, PIN[1] + y - s, vx + spin * s, vy - spin * c

    return hang


def _fall(
    state: tuple[float, ...], length: float, dt: float, floor: float, *, block: bool
) -> tuple[float, ...]:
    """A free plate or rod, seen from its side: gravity, and at each end the table and friction.

    What falls behind the block's front may lie on the ``block`` or lean against it.
    """
    angle, spin, x, y, vx, vy = state
    ax, ay, twist = 0.0, -_GRAVITY, 0.0
    for side in (-length / 2, length / 2):
        dx, dy = side * cos(angle), side * sin(angle)
        beside = block and x + dx < PIN[0] - BARREL
        over_block = beside and y + dy > PIN[1] - 2 * THICK
        deep = (PIN[1] + THICK if over_block else floor) - (y + dy)
        if deep > 0:
            speed_x, speed_y = vx - spin * dy, vy + spin * dx
            push = max(0.0, _GROUND_PER_S2 * deep - _GROUND_DAMPING_PER_S * speed_y)
            rub = -limited(_GROUND_DAMPING_PER_S * speed_x, _SLIDING * push)
            ax, ay = ax + rub, ay + push
            twist += (dx * push - dy * rub) * 12 / length**2
        elif beside and not over_block:
            # The block's side.
            push = _GROUND_PER_S2 * (PIN[0] - BARREL - x - dx)
            ax, twist = ax + push, twist - dy * push * 12 / length**2
    vx, vy, spin = vx + ax * dt, vy + ay * dt, spin + twist * dt
    return angle + spin * dt, spin, x + vx * dt, y + vy * dt, vx, vy


TWIN = Hinge()
