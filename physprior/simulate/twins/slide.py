"""The drawer slide: a gripper pulls the inner member out of its rail, and pushes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.slide import (
    BALL,
    HEIGHT,
    PER_ROW,
    ROW,
    TRAY,
    Unit,
    cage_x,
    draw_unit,
    paint_slide,
)
from physprior.simulate.mechanics import Program, Servo, Table, rubbed, ticks
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.45
"""The width of the frame; lengths of the picture are in frame widths."""
_GRAVITY_M_S2 = 9.81
_GRAVITY = _GRAVITY_M_S2 / _FRAME_M
_MEMBER_KG = 1.2
_STEP_S = 1 / 960
_SERVO = Servo(stiffness=1.5e4, damping=240.0, limit=80.0)
_ROLLING_N = 2.0
_DIRT_N = 30.0
_WEDGED_N = 250.0
"""The dry friction of dirt in the raceway, and the most that it can come to."""
_BOUNCE = 0.38
_LEAST_BOUNCE = 0.25
"""What is slower than this (frame widths per second) after a bounce stays down."""
_ROLLING_1 = 0.012
"""Rolling friction of a ball on the tray, as a share of its weight."""
_SINK, _SUNK_RAD = 0.035, 0.1745
"""How far a member sinks out of its raceway, and the tilt at which it is out."""


class Slide:
    """The twin of the category ``slide``."""

    category = "slide"
    defects: ClassVar[Mapping[str, Defect]] = {
        "ball_drop": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "Broken pockets let balls out one after another from the onset on, and they fall "
                "freely; severity raises how many, from one to eight."
            ),
        ),
        "derailment": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "The inner member leaves its raceway at the onset and tips about its rear end; "
                "severity raises how far it tips, from a degree and a half to sixteen."
            ),
        ),
        "jam": Defect(
            onset="intermittent",
            evidence="motion",
            cause=(
                "From the onset on dirt drags in the raceway, and the gripper's limited force "
                "moves the member the more slowly the higher the severity. From clear severity on "
                "the dirt wedges instead and holds the member harder with each millimetre, until "
                "the gripper is too weak to move it."
            ),
        ),
    }
    wander = 0.02
    physics = (
        "A servo with limited force pulls the inner member out and back against rolling "
        "friction, and the cage with its balls rolls half as far. Lost balls fall, bounce and "
        "roll on until rolling friction stops them, and a member that derails tips about its rear "
        "end as a rod does."
    )
    leaves_out = (
        "Lost balls meet neither one another nor the slide. A derailed member comes out sideways, "
        "wherever it stands, and moves in front of its rail, whose lip does not hold it up."
    )

    def build(self, rng: np.random.Generator) -> Unit:
        """A slide with its lengths and its steel."""
        return draw_unit(rng)

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Strokes out and back, and what comes off on the way."""
        program, speed = _program(unit, drive, duration_of(times))
        jam, tips, loses = (_only(fault, name) for name in ("jam", "derailment", "ball_drop"))
        wedge, drag = _dirt(jam, speed) if jam else (0.0, 0.0)
        limit = float(np.deg2rad(tips.graded(1.5, 10, 16))) if tips else 0.0
        dropped = round(loses.graded(1, 4, 8)) if loses else 0
        onset = fault.onset_s if fault else 0.0
        travel = _pull(times, program, onset, (wedge, drag))
        x, y = _cage_balls(unit, travel)
        seated = np.ones_like(x)
        _drop(times, onset, dropped, x, y, seated, chance)
        tilt = _tip(times, onset, limit, unit.rail * _FRAME_M)
        states = {
            "travel": travel,
            "tilt_rad": tilt,
            "sink": _SINK * np.minimum(tilt / _SUNK_RAD, 1),
            "ball_x": x,
            "ball_y": y,
            "seated": seated,
        }
        parameters = {
            "stroke_m": unit.stroke * _FRAME_M,
            "speed_m_s": speed,
            "member_kg": _MEMBER_KG,
            "gravity_m_s2": _GRAVITY_M_S2,
            "wedge_n_m": wedge,
            "raceway_drag_n_s_m": drag,
            "final_tilt_rad": limit,
            "dropped_balls_1": float(dropped),
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Tray, rail, balls in their cage, inner member, gripper, and balls that fell out."""
        paint_slide(canvas, unit, states)


def _only(fault: Fault | None, name: str) -> Fault | None:
    return fault if fault and fault.id == name else None


def _program(unit: Unit, drive: np.random.Generator, duration: float) -> tuple[Program, float]:
    """How far the gripper is to have pulled (m), and how fast it moves (m/s).

    It goes out and back over and over, and the film begins anywhere in its cycle: how far the
    slide is out at one moment of the clip says nothing about whether it still moves.
    """
    rest, out, dwell, back = (
        float(drive.uniform(low, high)) * duration
        for low, high in ((0.02, 0.05), (0.32, 0.38), (0.02, 0.05), (0.32, 0.38))
    )
    pulled = unit.stroke * float(drive.uniform(0.92, 1.0)) * _FRAME_M
    targets = (0.0, 0.0, pulled, pulled, 0.0)
    return Program.of_lengths((rest, out, dwell, back), targets, drive), pulled / out


def _dirt(fault: Fault, speed: float) -> tuple[float, float]:
    """How steeply dirt wedges with the way (N/m), and how it drags at a speed (N s/m)."""
    if fault.severity >= 0.5:
        return fault.graded(0.0, 4.0e4, 1.2e5), 0.0
    # What force is left to the servo draws the member at this share of the speed it should have.
    share = fault.graded(0.95, 0.05, 0.05)
    return 0.0, (_SERVO.limit - _ROLLING_N - _DIRT_N) / (share * speed)


def _pull(
    times: NDArray[np.float64],
    program: Program,
    onset: float,
    dirt: tuple[float, float],
) -> NDArray[np.float64]:
    """How far the member is out (frame widths): a servo behind it, friction against it.

    From ``onset`` on there is dirt in the raceway, if it wedges or drags at all.
    """
    wedge, drag = dirt
    wish = Table(program.over(ticks(float(times[-1]), _STEP_S)).tolist(), _STEP_S)
    wedged: list[float] = []

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        way, speed = state
        speed += _SERVO.force(wish.at(t), way, speed) / _MEMBER_KG * dt
        friction, slowed = _ROLLING_N, 1.0
        if wedge + drag > 0 and t >= onset:
            if not wedged:
                wedged.append(way)
            friction += min(_WEDGED_N, _DIRT_N + wedge * abs(way - wedged[0]))
            slowed += drag / _MEMBER_KG * dt
        speed = rubbed(speed, friction / _MEMBER_KG * dt) / slowed
        return way + speed * dt, speed

    start: tuple[float, ...] = (wish.at(0.0), (wish.at(_STEP_S) - wish.at(0.0)) / _STEP_S)
    return np.array([s[0] for s in march(advance, start, times, step=_STEP_S)]) / _FRAME_M


def _tip(
    times: NDArray[np.float64], onset: float, limit: float, length_m: float
) -> NDArray[np.float64]:
    """How far the member hangs down (rad): a rod that falls about its end, and is caught."""

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        angle, turning = state
        if t < onset or limit == 0:
            return state
        # A thin rod about its end: 3 g / 2 L; rubbing along the rail takes half of it.
        turning += (0.5 * 1.5 * _GRAVITY_M_S2 / length_m - 6.0 * turning) * dt
        angle += turning * dt
        return (angle, turning) if angle < limit else (limit, -0.25 * turning)

    start: tuple[float, ...] = (0.0, 0.0)
    return np.array([state[0] for state in march(advance, start, times)])


def _cage_balls(
    unit: Unit, travel: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where all balls are while they sit in the cage, which rolls half as far as the member."""
    along = (np.arange(PER_ROW) - (PER_ROW - 1) / 2) * unit.spacing
    x = cage_x(unit, travel)[:, None] + np.concatenate([along, along])
    y = np.full_like(x, HEIGHT) + np.repeat([-ROW, ROW], PER_ROW)
    return x, y


def _drop(
    times: NDArray[np.float64],
    onset: float,
    count: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    seated: NDArray[np.float64],
    chance: np.random.Generator,
) -> None:
    """Let ``count`` balls fall, one after another: changes ``x``, ``y`` and ``seated`` in place.

    Free fall, a few bounces on the tray, then rolling; the balls do not meet each other.
    """
    lower, upper = np.arange(PER_ROW)[::-1], np.arange(PER_ROW, 2 * PER_ROW)[::-1]
    gap = 0.03 * duration_of(times)
    for k, ball in enumerate([*lower, *upper][:count]):
        leave = onset + k * gap * float(chance.uniform(0.8, 1.2))
        kick = float(chance.normal(0, 0.12))
        gone = times >= leave
        if gone.any():
            path = _fall(times, leave, kick, (x[:, ball], y[:, ball]))
            x[gone, ball], y[gone, ball] = path[gone, 0], path[gone, 1]
            seated[gone, ball] = 0.0


def _fall(
    times: NDArray[np.float64],
    leave: float,
    kick: float,
    seat: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Where a ball is that leaves its ``seat`` at ``leave`` with its speed and a ``kick`` more."""
    # Over a thirtieth of a second, whatever the rate: a frame's own difference changes with it.
    before, after = np.interp([leave - 1 / 60, leave + 1 / 60], times, seat[0])
    along = (after - before) * 30 + kick
    floor = TRAY + BALL

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        if t < leave:
            return state
        px, py, vx, vy, turning = state
        vy -= _GRAVITY * dt
        px, py = px + vx * dt, py + vy * dt
        if py < floor:
            # A solid ball that grips the tray shares its speed out between running and turning,
            # and from then on it rolls.
            vx = turning = (5 * vx + 2 * turning) / 7
            py, vy = floor, -_BOUNCE * vy
            if vy < _LEAST_BOUNCE:
                vy, vx = 0.0, rubbed(vx, _ROLLING_1 * _GRAVITY * dt)
                turning = vx
        return px, py, vx, vy, turning

    x, y = (float(np.interp(leave, times, one)) for one in seat)
    start: tuple[float, ...] = (x, y, float(along), 0.0, 0.0)
    return np.array(march(advance, start, times))


TWIN = Slide()
