"""The drawer slide: a gripper pulls the inner member out of its rail, and pushes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.twin import Defect, Fault, Motion, States, march

_FRAME_M = 0.45
"""The width of the frame; lengths of the picture are in frame widths."""
_GRAVITY = 9.81 / _FRAME_M
_MEMBER_KG = 1.2
_STEP_S = 1 / 960
_SERVO_N_M = 1.5e4
_SERVO_N_S_M = 240.0
_SERVO_LIMIT_N = 80.0
_ROLLING_N = 2.0
_BOUNCE = 0.38
_LEFT = -0.43
"""Where the rail begins."""
_HEIGHT = 0.12
"""How high the slide's axis lies above the frame's centre."""
_TRAY = -0.33
_ROW = 0.080
"""Distance of each row of balls from the axis."""
_BALL = 0.027
_PER_ROW = 5

_STEELS: tuple[Colour, ...] = (
    (0.66, 0.68, 0.71),
    (0.28, 0.30, 0.33),
    (0.72, 0.66, 0.50),
    (0.46, 0.52, 0.60),
    (0.84, 0.84, 0.82),
)
_CAGES: tuple[Colour, ...] = ((0.62, 0.44, 0.14), (0.12, 0.30, 0.52), (0.50, 0.14, 0.12))
_TRAYS: tuple[Colour, ...] = (
    (0.17, 0.20, 0.24),
    (0.24, 0.17, 0.12),
    (0.13, 0.22, 0.20),
    (0.22, 0.22, 0.23),
)


@dataclass(frozen=True)
class Unit:
    """One slide; lengths in frame widths."""

    rail: float
    stroke: float
    spacing: float
    holes: int
    outer: Colour
    inner: Colour
    cage: Colour
    tray: Colour


class Slide:
    """The twin of the category ``slide``."""

    category = "slide"
    defects: ClassVar[Mapping[str, Defect]] = {
        "ball_drop": Defect(onset="intermittent", evidence="frame"),
        "derailment": Defect(onset="intermittent", evidence="frame"),
        "jam": Defect(onset="intermittent", evidence="motion"),
    }
    wander = 0.02

    def build(self, rng: np.random.Generator) -> Unit:
        """A slide with its lengths and its steel."""
        outer, inner = rng.choice(len(_STEELS), 2, replace=False)
        return Unit(
            rail=float(rng.uniform(0.44, 0.48)),
            stroke=float(rng.uniform(0.29, 0.33)),
            spacing=float(rng.uniform(0.062, 0.070)),
            holes=int(rng.integers(2, 5)),
            outer=_STEELS[outer],
            inner=_STEELS[inner],
            cage=_CAGES[rng.integers(len(_CAGES))],
            tray=_TRAYS[rng.integers(len(_TRAYS))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Strokes out and back, and what comes off on the way."""
        program, speed = _program(unit, drive, times)
        jam = fault.onset_s if fault and fault.id == "jam" else None
        travel = _pull(times, program, jam)
        parameters = {
            "stroke_m": unit.stroke * _FRAME_M,
            "speed_m_s": speed,
            "member_kg": _MEMBER_KG,
        }
        tilt, sink = np.zeros_like(times), np.zeros_like(times)
        if fault and fault.id == "derailment":
            limit = np.deg2rad(10.0 + 6.0 * fault.severity)
            tilt = _tip(times, fault.onset_s, float(limit), unit.rail * _FRAME_M)
            sink = 0.035 * tilt / limit
            parameters["final_tilt_rad"] = float(limit)
        x, y = _cage_balls(unit, travel)
        seated = np.ones_like(x)
        if fault and fault.id == "ball_drop":
            dropped = 4 + round(4 * fault.severity)
            _drop(times, fault.onset_s, dropped, x, y, seated, chance)
            parameters["dropped_balls_1"] = float(dropped)
            parameters["gravity_m_s2"] = 9.81
        states = {"travel": travel, "tilt_rad": tilt, "sink": sink}
        states |= {"ball_x": x, "ball_y": y, "seated": seated}
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Tray, rail, balls in their cage, inner member, gripper, and balls that fell out."""
        _paint_tray(canvas, unit)
        _paint_rail(canvas, unit)
        _paint_cage(canvas, unit, states)
        _paint_member(canvas, unit, states)
        _paint_gripper(canvas, unit, states["travel"])
        _paint_fallen(canvas, states)


def _program(
    unit: Unit, drive: np.random.Generator, times: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """How far the gripper is to have pulled (m) at every tick, and how fast it moves (m/s).

    It goes out and back over and over, and the film begins anywhere in its cycle: how far the
    slide is out at one moment of the clip says nothing about whether it still moves.
    """
    duration = float(times[-1] + times[1])
    rest, out, dwell, back = (
        float(drive.uniform(low, high)) * duration
        for low, high in ((0.02, 0.05), (0.32, 0.38), (0.02, 0.05), (0.32, 0.38))
    )
    moments = np.cumsum([0.0, rest, out, dwell, back])
    pulled = unit.stroke * float(drive.uniform(0.92, 1.0)) * _FRAME_M
    ticks = np.arange(int(times[-1] / _STEP_S) + 3) * _STEP_S + drive.uniform(0, moments[-1])
    targets = [0.0, 0.0, pulled, pulled, 0.0]
    return np.interp(ticks % moments[-1], moments, targets), pulled / out


def _pull(
    times: NDArray[np.float64], program: NDArray[np.float64], jam: float | None
) -> NDArray[np.float64]:
    """How far the member is out (frame widths): a servo behind it, friction against it.

    From ``jam`` on something is wedged in the raceway, ever tighter with the way.
    """
    wish = program.tolist()
    wedged: list[float] = []

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        way, speed = state
        pull = _SERVO_N_M * (wish[round(t / _STEP_S)] - way) - _SERVO_N_S_M * speed
        pull = max(-_SERVO_LIMIT_N, min(_SERVO_LIMIT_N, pull))
        friction = _ROLLING_N
        if jam is not None and t >= jam:
            if not wedged:
                wedged.append(way)
            friction += min(250.0, 30.0 + 4.0e4 * abs(way - wedged[0]))
        speed += pull / _MEMBER_KG * dt
        hold = friction / _MEMBER_KG * dt
        speed = max(0.0, speed - hold) if speed > 0 else min(0.0, speed + hold)
        return way + speed * dt, speed

    start: tuple[float, ...] = (wish[0], (wish[1] - wish[0]) / _STEP_S)
    return np.array([s[0] for s in march(advance, start, times, step=_STEP_S)]) / _FRAME_M


def _tip(
    times: NDArray[np.float64], onset: float, limit: float, length_m: float
) -> NDArray[np.float64]:
    """How far the member hangs down (rad): a rod that falls about its end, and is caught."""

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        angle, turning = state
        if t < onset:
            return state
        # A thin rod about its end: 3 g / 2 L; rubbing along the rail takes half of it.
        turning += (0.5 * 1.5 * 9.81 / length_m - 6.0 * turning) * dt
        angle += turning * dt
        return (angle, turning) if angle < limit else (limit, -0.25 * turning)

    start: tuple[float, ...] = (0.0, 0.0)
    return np.array([state[0] for state in march(advance, start, times)])


def _cage_balls(
    unit: Unit, travel: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where all balls are while they sit in the cage, which rolls half as far as the member."""
    along = (np.arange(_PER_ROW) - (_PER_ROW - 1) / 2) * unit.spacing
    x = _cage_x(unit, travel)[:, None] + np.concatenate([along, along])
    y = np.full_like(x, _HEIGHT) + np.repeat([-_ROW, _ROW], _PER_ROW)
    return x, y


def _cage_x(unit: Unit, travel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(_LEFT + 0.5 * (unit.rail - 0.15) + travel / 2)


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
    lower, upper = np.arange(_PER_ROW)[::-1], np.arange(_PER_ROW, 2 * _PER_ROW)[::-1]
    gap = 0.03 * (times[-1] + times[1])
    floor = _TRAY + _BALL
    for k, ball in enumerate([*lower, *upper][:count]):
        leave = onset + k * gap * float(chance.uniform(0.8, 1.2))
        first = int(np.searchsorted(times, leave))
        if first >= len(times):
            continue
        speed = float(np.gradient(x[:, ball], times)[first])

        def advance(state: tuple[float, ...], _: float, dt: float) -> tuple[float, ...]:
            px, py, vx, vy = state
            vy -= _GRAVITY * dt
            px, py = px + vx * dt, py + vy * dt
            if py < floor:
                py, vy, vx = floor, -_BOUNCE * vy, 0.9 * vx
                if vy < 0.25:
                    vy, vx = 0.0, vx * (1 - 1.5 * dt)
            return px, py, vx, vy

        start: tuple[float, ...] = (
            x[first, ball],
            y[first, ball],
            speed + float(chance.normal(0, 0.12)),
            0.0,
        )
        path = np.array(march(advance, start, times[: len(times) - first]))
        x[first:, ball], y[first:, ball] = path[:, 0], path[:, 1]
        seated[first:, ball] = 0.0


def _paint_tray(canvas: Canvas, unit: Unit) -> None:
    with canvas.part(0.0, _TRAY - 0.2, reach=(0.8, 0.23)) as tray:
        y = tray.y - 0.2
        edge = np.abs(y + 0.2) - 0.2
        tray.shadow(edge, (0.0, 0.014), soft=0.03, strength=0.25)
        tray.fill(edge, unit.tray, shade=1 + 0.6 * y)
        tray.fill(np.abs(y + 0.008) - 0.008, (1.0, 1.0, 1.0), opacity=0.22)


def _paint_rail(canvas: Canvas, unit: Unit) -> None:
    half = unit.rail / 2
    with canvas.part(_LEFT + half, _HEIGHT, reach=(half + 0.03, 0.17)) as rail:
        x, y = rail.x, rail.y
        body = box(x, y, half, 0.137, 0.008)
        rail.shadow(body, soft=0.045, strength=0.4)
        lip = np.abs(np.abs(y) - 0.123)
        rail.fill(body, unit.outer, shade=1.12 - 14 * lip + 0.8 * y)
        groove = box(x, y, half + 0.01, 0.111)
        rail.fill(np.maximum(groove, body), unit.outer, shade=0.26 + 1.2 * np.abs(y))
        for at in (-half + 0.035, half - 0.06):
            rail.fill(circle(x - at, np.abs(y) - 0.124, 0.007), (0.05, 0.05, 0.05), opacity=0.6)


def _paint_cage(canvas: Canvas, unit: Unit, states: States) -> None:
    half = _PER_ROW * unit.spacing / 2
    with canvas.part(_cage_x(unit, states["travel"]), _HEIGHT, reach=(half + 0.01, 0.12)) as cage:
        x, y = cage.x, np.abs(cage.y) - np.float32(_ROW)
        strip = box(x, y, half, 0.013, 0.004)
        cage.fill(strip, unit.cage)
        seat = np.clip(np.round(x / unit.spacing + (_PER_ROW - 1) / 2), 0, _PER_ROW - 1)
        u = x - (seat - (_PER_ROW - 1) / 2) * np.float32(unit.spacing)
        cage.fill(circle(u, y, _BALL - 0.004), (0.04, 0.04, 0.05))
        rows = np.arange(len(states["seated"]))[:, None, None]
        ball = seat.astype(np.int64) + np.where(cage.y > 0, _PER_ROW, 0)
        _paint_ball(cage, u, y, states["seated"].astype(np.float32)[rows, ball])


def _paint_ball(part: Part, x: Field, y: Field, opacity: Any = 1.0) -> None:
    r = circle(x, y, _BALL)
    light = 0.80 + 11.0 * (y - x) - 8.0 * np.maximum(r + 0.010, 0)
    part.fill(r, (0.93, 0.94, 0.96), shade=np.clip(light, 0.3, 1.0), opacity=opacity)


def _paint_member(canvas: Canvas, unit: Unit, states: States) -> None:
    half, tilt = unit.rail / 2, states["tilt_rad"]
    rear = _LEFT + 0.01 + states["travel"]
    with canvas.part(
        rear + half * np.cos(tilt),
        _HEIGHT - states["sink"] - half * np.sin(tilt),
        -tilt,
        reach=(half + 0.03, 0.12),
    ) as member:
        x, y = member.x, member.y
        body = box(x, y, half, 0.05, 0.006)
        plate = box(x - half, y, 0.014, 0.10, 0.006)
        member.shadow(np.minimum(body, plate), (0.008, -0.014), soft=0.03, strength=0.4)
        member.fill(body, unit.inner, shade=1.1 - 7.0 * np.abs(y - 0.012))
        pitch = 2 * half / (unit.holes + 1)
        u = x - np.clip(np.round(x / pitch + (unit.holes - 1) / 2), 0, unit.holes - 1) * pitch
        u = u + (unit.holes - 1) / 2 * pitch
        member.fill(box(u, y, 0.035, 0.016, 0.016), (0.06, 0.06, 0.07), opacity=0.85)
        member.fill(plate, unit.inner, shade=0.8 + 2.0 * y)


def _paint_gripper(canvas: Canvas, unit: Unit, travel: NDArray[np.float64]) -> None:
    end = _LEFT + 0.01 + travel + unit.rail
    with canvas.part(end, _HEIGHT + 0.25, reach=(0.07, 0.36)) as gripper:
        x, y = gripper.x, gripper.y + 0.25
        fingers = box(np.abs(x) - 0.031, y - 0.06, 0.015, 0.11, 0.006)
        block = box(x, y - 0.19, 0.06, 0.045, 0.01)
        arm = np.maximum(np.abs(x) - 0.033, 0.2 - y)
        gripper.shadow(np.minimum(np.minimum(fingers, block), arm), soft=0.04, strength=0.3)
        gripper.fill(arm, (0.70, 0.72, 0.74), shade=1.05 - 7.0 * np.abs(x + 0.01))
        gripper.fill(fingers, (0.13, 0.14, 0.16), shade=1 + 2.0 * y)
        gripper.fill(block, (0.88, 0.47, 0.12), shade=1.05 - 3.0 * np.abs(x + 0.015))


def _paint_fallen(canvas: Canvas, states: States) -> None:
    for k in np.flatnonzero((states["seated"] < 1).any(axis=0)):
        # While it still sits in the cage, this ball is painted there, and here out of sight.
        away = np.where(states["seated"][:, k] < 1, 0.0, 9.0)
        with canvas.part(
            states["ball_x"][:, k] + away, states["ball_y"][:, k], reach=(0.03, 0.03)
        ) as ball:
            ball.shadow(circle(ball.x, ball.y, _BALL), (0.006, -0.010), soft=0.03, strength=0.45)
            _paint_ball(ball, ball.x, ball.y)


TWIN = Slide()
