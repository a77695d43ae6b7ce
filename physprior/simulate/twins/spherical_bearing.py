"""The spherical plain bearing: a gripper leans and turns the pin that sits in the inner ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi, sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.mechanics import Program, Table
from physprior.simulate.props import RUBBER, STEEL, column, paint_corner_screws, paint_mount
from physprior.simulate.shapes import box, circle, polygon, smoothstep
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_PER_S = 480
"""Steps of the integration a second."""
_HELD_KG_M2 = 2.0e-3
"""Inner ring, pin and gripper, about the centre of the sphere."""
_SHELL_KG_M2 = 1.5e-3
_LEAN_N_M_RAD = 5.0
_TURN_N_M_RAD = 2.5
_GRIPPER_N_M_S = 0.16
_GRIPPER_LIMIT_N_M = 1.9
_BUSH_LEAN_N_M_RAD = 60.0
_BUSH_TURN_N_M_RAD = 18.0
"""The outer ring sits in a rubber bush, which gives a little."""
_BUSH_N_M_S = 0.35
_SOUND_N_M = 0.05
_SETTLE_S = 0.4
"""How long before the film the station runs; a jammed bearing has jammed halfway."""

# The sphere's radius and where things lie on its axis, in frame widths.
_SPHERE = 0.25
_OPENING = 0.229
_FACE = 0.175
_RIM = 0.178
"""Radius of the inner ring's flat face."""
_TIP = 0.52
_PIN = 0.068

_STEELS: tuple[Colour, ...] = (
    (0.84, 0.86, 0.88),
    (0.56, 0.60, 0.65),
    (0.32, 0.33, 0.37),
    (0.72, 0.62, 0.42),
)
_RINGS: tuple[Colour, ...] = (
    (0.80, 0.60, 0.28),
    (0.74, 0.76, 0.79),
    (0.36, 0.38, 0.42),
    (0.66, 0.40, 0.26),
)
_MARKS: tuple[Colour, ...] = (
    (0.92, 0.16, 0.12),
    (0.10, 0.36, 0.86),
    (0.05, 0.60, 0.28),
    (0.98, 0.88, 0.12),
)
_HOUSINGS: tuple[Colour, ...] = (
    (0.15, 0.18, 0.22),
    (0.12, 0.26, 0.38),
    (0.36, 0.15, 0.13),
    (0.16, 0.28, 0.20),
    (0.86, 0.84, 0.78),
)
_GRIPPERS: tuple[Colour, ...] = ((0.20, 0.22, 0.26), (0.90, 0.46, 0.10), (0.16, 0.42, 0.66))


@dataclass(frozen=True)
class Unit:
    """One bearing with its pin; lengths in frame widths."""

    outer: float
    rod_end: bool
    lean_rad: float
    turn_rad: float
    steel: Colour
    ring: Colour
    mark: Colour
    housing: Colour
    gripper: Colour


class SphericalBearing:
    """The twin of the category ``spherical_bearing``."""

    category = "spherical_bearing"
    defects: ClassVar[Mapping[str, Defect]] = {
        "jam": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Debris between the rings raises the friction moment of the sphere; severity "
                "raises it, from what the gripper overcomes with loss to more than it can exert."
            ),
        )
    }
    wander = 0.02
    physics = (
        "A compliant gripper with a limited moment leans and turns the inner ring, and dry "
        "friction on the sphere acts against their motion relative to each other, whatever its "
        "direction. The outer ring sits in a rubber bush, a sprung mass, so that rings that are "
        "locked together strain against it as one piece."
    )
    leaves_out = "The inner ring never meets the end of its range, and the pin does not bend."

    def build(self, rng: np.random.Generator) -> Unit:
        """A bearing with its housing and its colours."""
        return Unit(
            outer=float(rng.uniform(0.305, 0.335)),
            rod_end=bool(rng.integers(2)),
            lean_rad=float(rng.uniform(0.21, 0.245)),
            turn_rad=float(rng.uniform(0.45, 0.60)),
            steel=_STEELS[rng.integers(len(_STEELS))],
            ring=_RINGS[rng.integers(len(_RINGS))],
            mark=_MARKS[rng.integers(len(_MARKS))],
            housing=_HOUSINGS[rng.integers(len(_HOUSINGS))],
            gripper=_GRIPPERS[rng.integers(len(_GRIPPERS))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The gripper's program, and how far the rings follow it.

        How the marks lie on the rings and how the gripper holds the pin is the station's choice in
        every video: only rings that stay where they are say that they are locked.
        """
        wishes = _wishes(unit, drive, times)
        mark, shell, hold = (float(drive.uniform(-v, v)) for v in (pi, pi, 0.25))
        friction = _SOUND_N_M
        if fault:
            friction = fault.graded(0.2, 2.0, 4.0) * float(chance.uniform(1.0, 1.1))
        path = _swivel(times, wishes, friction)
        return Motion(
            states={
                "lean_rad": path[:, :2],
                "ring_rad": mark + path[:, 2],
                "shell_rad": shell + path[:, 8],
                "gripper_rad": hold + path[:, 2],
            },
            parameters={
                "friction_n_m": friction,
                "gripper_limit_n_m": _GRIPPER_LIMIT_N_M,
                "lean_wish_rad": max(abs(wish[0]) for wish in wishes),
                "turn_wish_rad": max(abs(wish[2]) for wish in wishes),
            },
        )

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Housing and outer ring, the sphere in it, the inner ring's face, the pin, the gripper."""
        lean = states["lean_rad"]
        angle = np.hypot(lean[:, 0], lean[:, 1])
        out = lean * np.sinc(angle / pi)[:, None]
        _paint_housing(canvas, unit)
        _paint_shell(canvas, unit)
        _paint_shell_mark(canvas, unit, states["shell_rad"])
        _paint_face(canvas, unit, out, states["ring_rad"])
        _paint_pin(canvas, out, states["ring_rad"])
        x, y = out[:, 0] * _TIP, out[:, 1] * _TIP
        _paint_gripper(canvas, unit, x, y, states["gripper_rad"])


def _wishes(
    unit: Unit, drive: np.random.Generator, times: NDArray[np.float64]
) -> list[tuple[float, ...]]:
    """Where the gripper wants the inner ring: lean to the right and upwards, turn about its axis.

    One for each step from the start on. Each of them goes to and fro at its own steady pace from
    a phase of its own, so that all places are equally likely at all times; once, all of them rest.
    """
    duration = duration_of(times)
    clock = np.arange(-_SETTLE_S, times[-1] + 2 / _PER_S, 1 / _PER_S)
    rest = float(drive.uniform(0.08, 0.2)) * duration
    begin = float(drive.uniform(-rest, duration))
    clock = np.minimum(clock, np.maximum(begin, clock - rest))
    reach = float(drive.uniform(0.85, 1.0))
    wishes = []
    for most, low, high in (
        (unit.lean_rad * reach, 0.85, 1.2),
        (unit.lean_rad * reach, 1.3, 1.8),
        (unit.turn_rad * reach, 0.9, 1.5),
    ):
        period = duration * float(drive.uniform(low, high))
        phase = float(drive.uniform(0, period))
        program = Program((0.0, period / 2, period), (-most, most, -most), phase)
        wishes.append(program.over(clock).tolist())
    return list(zip(*wishes, strict=True))


def _swivel(
    times: NDArray[np.float64], wishes: list[tuple[float, ...]], friction: float
) -> NDArray[np.float64]:
    """Lean (two columns) and turn of the inner ring, their rates, the same of the outer ring."""
    wish = Table(wishes, 1 / _PER_S, first=round(_SETTLE_S * _PER_S))
    both = 1 / _HELD_KG_M2 + 1 / _SHELL_KG_M2

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        x, y, z, vx, vy, vz, ox, oy, oz, wx, wy, wz = state
        a, b, c = wish.at(t)
        px = _LEAN_N_M_RAD * (a - x) - _GRIPPER_N_M_S * vx
        py = _LEAN_N_M_RAD * (b - y) - _GRIPPER_N_M_S * vy
        pz = _TURN_N_M_RAD * (c - z) - _GRIPPER_N_M_S * vz
        push = dt / _HELD_KG_M2
        push *= min(1.0, _GRIPPER_LIMIT_N_M / (sqrt(px * px + py * py + pz * pz) + 1e-9))
        vx, vy, vz = vx + push * px, vy + push * py, vz + push * pz
        back = dt / _SHELL_KG_M2
        wx -= back * (_BUSH_LEAN_N_M_RAD * ox + _BUSH_N_M_S * wx)
        wy -= back * (_BUSH_LEAN_N_M_RAD * oy + _BUSH_N_M_S * wy)
        wz -= back * (_BUSH_TURN_N_M_RAD * oz + _BUSH_N_M_S * wz)
        # Friction brings the rings to one motion, if it is strong enough, and never further.
        rx, ry, rz = vx - wx, vy - wy, vz - wz
        most = (friction if t > -_SETTLE_S / 2 else _SOUND_N_M) * dt * both
        rub = min(1.0, most / (sqrt(rx * rx + ry * ry + rz * rz) + 1e-12)) / both
        held, shell = rub / _HELD_KG_M2, rub / _SHELL_KG_M2
        vx, vy, vz = vx - held * rx, vy - held * ry, vz - held * rz
        wx, wy, wz = wx + shell * rx, wy + shell * ry, wz + shell * rz
        return (
            *(x + vx * dt, y + vy * dt, z + vz * dt, vx, vy, vz),
            *(ox + wx * dt, oy + wy * dt, oz + wz * dt, wx, wy, wz),
        )

    start = (*wishes[0], *(0.0,) * 9)
    return np.array(march(advance, start, times, step=1 / _PER_S, warm_up=_SETTLE_S))


def _paint_housing(canvas: Canvas, unit: Unit) -> None:
    side = unit.outer + 0.055
    with canvas.part(reach=(0.5, 0.6)) as housing:
        x, y = housing.x, housing.y
        if unit.rod_end:
            edge = np.minimum(circle(x, y, side), box(x, y + 0.5, 0.13, 0.3, 0.01))
        else:
            edge = box(x, y, side, side, 0.06)
        paint_mount(housing, edge, unit.housing, gloss=0.13)
        if unit.rod_end:
            nut = box(x, y + 0.46, 0.17, 0.035, 0.008)
            housing.fill(nut, STEEL, shade=1.0 - 4.0 * np.abs(np.abs(x) - 0.08))
        else:
            paint_corner_screws(housing, side - 0.055, 0.028)
        housing.fill(circle(x, y, unit.outer + 0.02), RUBBER)


def _paint_shell(canvas: Canvas, unit: Unit) -> None:
    """The outer ring, and the inner ring's polished sphere, which looks alike wherever it leans."""
    with canvas.part(reach=(unit.outer, unit.outer)) as shell:
        x, y = shell.x, shell.y
        r = circle(x, y, 0.0)
        gleam = (y - x) / (r + np.float32(1e-3))
        shell.fill(r - unit.outer, unit.steel, shade=0.86 + 0.2 * gleam * gleam + 0.1 * gleam)
        shell.fill(np.abs(r - unit.outer + 0.012) - 0.004, (0.0, 0.0, 0.0), opacity=0.25)
        shell.fill(r - _OPENING - 0.016, (0.03, 0.03, 0.04))
        ball = 0.60 + 1.5 * (y - x) - 0.5 * smoothstep(r, 0.15, _OPENING)
        glint = np.exp(-((x + 0.125) ** 2 + (y - 0.125) ** 2) / 0.002)
        shell.fill(r - _OPENING, (0.80, 0.83, 0.87), shade=np.maximum(ball, 0.15) + 0.8 * glint)


def _paint_shell_mark(canvas: Canvas, unit: Unit, turned: NDArray[np.float64]) -> None:
    """The joint of the outer ring, which is split on one side, and a painted mark across it."""
    middle, half = (unit.outer + _OPENING + 0.016) / 2, (unit.outer - _OPENING - 0.016) / 2
    x, y = middle * np.cos(turned), middle * np.sin(turned)
    with canvas.part(x, y, turned, reach=(half, 0.055)) as mark:
        edge = box(mark.x, mark.y, half - 0.004, 0.042)
        mark.fill(edge, unit.mark)
        mark.fill(np.maximum(edge, np.abs(mark.y) - 0.009), (0.03, 0.03, 0.03))


def _paint_face(
    canvas: Canvas, unit: Unit, out: NDArray[np.float64], turned: NDArray[np.float64]
) -> None:
    """The inner ring's flat face: a circle that is foreshortened where it leans."""
    x, y = out[:, 0] * _FACE, out[:, 1] * _FACE
    sideways = np.maximum((out**2).sum(axis=1), 1e-12)
    towards = np.sqrt(1 - sideways)
    stretch = column((1 / towards - 1) / sideways)
    ox, oy = column(out[:, 0]), column(out[:, 1])
    with canvas.part(x, y, reach=(_RIM + 0.012, _RIM + 0.012)) as face:
        along = stretch * (face.x * ox + face.y * oy)
        u, v = face.x + along * ox, face.y + along * oy
        edge = circle(u, v, _RIM)
        face.fill(edge - 0.010, (0.05, 0.05, 0.06), opacity=0.75)
        face.fill(edge, unit.ring, shade=0.95 + 0.5 * (v - u) + 0.9 * (oy - ox))
        c, s = np.cos(column(turned)), np.sin(column(turned))
        p, q = u * c + v * s, v * c - u * s
        stripe = np.maximum(np.maximum(np.abs(q) - 0.036, -p), edge + 0.010)
        face.fill(stripe, unit.mark)
        face.fill(edge + (_RIM - _PIN - 0.014), (0.04, 0.04, 0.05))


def _paint_pin(canvas: Canvas, out: NDArray[np.float64], turned: NDArray[np.float64]) -> None:
    """The pin, from the inner ring's face towards the viewer, and the cap at its end."""
    x, y = out[:, 0] * _TIP, out[:, 1] * _TIP
    back_x, back_y = (column(out[:, k] * (_FACE - _TIP)) for k in (0, 1))
    length = np.maximum(back_x**2 + back_y**2, 1e-9)
    with canvas.part(x, y, reach=(_PIN + 0.13, _PIN + 0.13)) as pin:
        share = np.clip((pin.x * back_x + pin.y * back_y) / length, 0, 1)
        u, v = pin.x - share * back_x, pin.y - share * back_y
        shaft = circle(u, v, _PIN)
        pin.fill(shaft, STEEL, shade=0.72 + 4.0 * (v - u) - 0.25 * share)
    with canvas.part(x, y, reach=(_PIN, _PIN)) as cap:
        c, s = np.cos(column(turned)), np.sin(column(turned))
        across = cap.y * c - cap.x * s
        edge = circle(cap.x, cap.y, _PIN)
        rim = np.clip(-100 * edge, 0.1, 1)
        cap.fill(edge, (0.90, 0.91, 0.93), shade=rim * (1 + 1.5 * (cap.y - cap.x)))
        cap.fill(np.maximum(np.abs(across) - 0.013, edge + 0.012), (0.12, 0.12, 0.14))


def _paint_gripper(
    canvas: Canvas,
    unit: Unit,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    angle: NDArray[np.float64],
) -> None:
    """Two fingers about the pin and the arm that carries them, which comes from above."""
    c, s = np.cos(angle), np.sin(angle)
    with canvas.part(x - 0.50 * s, y + 0.50 * c, angle, reach=(0.06, 0.34)) as arm:
        edge = box(arm.x, arm.y, 0.055, 0.33, 0.01)
        light = 1.1 - 6.0 * np.abs(arm.x + 0.012)
        arm.fill(edge, STEEL, shade=np.where(edge > -0.008, np.float32(0.1), light))
    with canvas.part(x - 0.08 * s, y + 0.08 * c, angle, reach=(0.135, 0.15)) as hand:
        u, v = np.abs(hand.x), hand.y
        finger = polygon(
            u, v, [(_PIN, -0.12), (_PIN + 0.03, -0.12), (_PIN + 0.042, 0.1), (_PIN, 0.1)], 0.006
        )
        palm = box(hand.x, v - 0.10, 0.125, 0.04, 0.012)
        hand.shadow(np.minimum(finger, palm), strength=0.3)
        rim = np.clip(-80 * finger, 0.1, 1)
        hand.fill(finger - 0.003, STEEL, shade=rim * (0.95 + 0.8 * v))
        hand.fill(palm, unit.gripper, shade=1.0 + 3.0 * (v - 0.1))


TWIN = SphericalBearing()
