"""The USB stick: a gripper holds it, and a motor swings its cover about the rivet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi, radians
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.mechanics import Program, Servo, Table, limited, ticks
from physprior.simulate.props import paint_gripper, paint_screw_head
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.sweeps import chained, out_and_back
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_STEP_S = 1 / 720
_COVER_KG_M2 = 1.6e-3
"""Inertia of cover, lever and rotor over the cube of a length near the stick's own."""
_STICK_KG_M2 = 6.0e-4
_MOTOR_N_M = 0.08
_SERVO = Servo(stiffness=0.8, damping=0.018, limit=_MOTOR_N_M)
_GRIP_N_M = 0.9
"""How stiffly the wrist holds the stick, per radian."""
_GRIP_N_M_S = 0.045
_FRICTION_N_M = 0.0012
_CONTACT_N_M = 6.0
"""How stiffly cover and stick stick to each other, per radian, before friction gives way."""
_CONTACT_N_M_S = 0.02
_YIELD_RAD = _MOTOR_N_M / _GRIP_N_M
"""How far the motor's whole torque turns the stick in the grip."""

_KINDS = ("classic", "rounded", "slim", "wooden")
_BODIES: tuple[Colour, ...] = (
    (0.78, 0.12, 0.12),
    (0.10, 0.30, 0.68),
    (0.10, 0.11, 0.13),
    (0.08, 0.46, 0.28),
    (0.94, 0.50, 0.08),
    (0.46, 0.18, 0.50),
)
_WOOD: Colour = (0.55, 0.34, 0.16)
_COVERS: tuple[Colour, ...] = (
    (0.88, 0.89, 0.91),
    (0.95, 0.93, 0.86),
    (0.90, 0.72, 0.30),
    (0.34, 0.37, 0.42),
)
_LEVER: Colour = (0.98, 0.48, 0.06)


@dataclass(frozen=True)
class Unit:
    """One stick; lengths in frame widths."""

    kind: str
    half: float
    body_end: float
    plug_end: float
    cover_end: float
    """The plug stands out by a little beyond the cover wherever the cover lies."""
    cover_kg_m2: float
    lever: float
    body: Colour
    cover: Colour
    print: Colour


class Usb:
    """The twin of the category ``usb``."""

    category = "usb"
    defects: ClassVar[Mapping[str, Defect]] = {
        "jam": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The rivet clamps the cover to the stick: severity raises its dry friction, at "
                "0.5 beyond the motor's torque."
            ),
        ),
    }
    wander = 0.02
    physics = (
        "A motor with limited torque swings the cover to and fro, and dry friction at the rivet, "
        "which sticks before it slips, drags at the stick. The stick is a sprung, damped inertia "
        "in the gripper's wrist, so that what the cover passes on turns both together."
    )
    leaves_out = "The cover has no play on its rivet, and its side walls never touch the plug."

    def build(self, rng: np.random.Generator) -> Unit:
        """A stick of one of four kinds, with its cover and its colours."""
        kind = _KINDS[rng.integers(len(_KINDS))]
        body, stripe = rng.choice(len(_BODIES), 2, replace=False)
        half = float(rng.uniform(0.070, 0.078) if kind == "slim" else rng.uniform(0.090, 0.105))
        body_end = float(rng.uniform(0.17, 0.20))
        plug_end = body_end + float(rng.uniform(0.16, 0.19))
        spare = float(rng.uniform(0.02, 0.04))
        return Unit(
            kind=kind,
            half=half,
            body_end=body_end,
            plug_end=plug_end,
            cover_end=plug_end - 0.02 - spare / 2,
            cover_kg_m2=_COVER_KG_M2 * (plug_end + spare) ** 3,
            lever=float(rng.uniform(0.17, 0.22)),
            body=_WOOD if kind == "wooden" else _BODIES[body],
            cover=_COVERS[rng.integers(len(_COVERS))],
            print=_BODIES[stripe],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The motor swings to and fro from an angle of its own; the cover follows, or cannot."""
        duration = duration_of(times)
        period = duration * float(drive.uniform(0.85, 1.5))
        arc = radians(drive.uniform(200, 320)) * float(drive.choice((-1.0, 1.0)))
        places = (float(drive.uniform()), float(drive.uniform()))
        way = out_and_back(arc, period, places, travel_s=period * float(drive.uniform(0.72, 0.9)))
        program = Program(*chained([way], [1.0]), float(drive.uniform(0, period)))
        # The cover begins at any angle, so that every frame shows any angle as often.
        begin, pose = float(drive.uniform(0, 2 * pi)), float(drive.uniform(-1, 1))
        friction, held = _FRICTION_N_M, float(chance.uniform())
        if fault:
            friction = _MOTOR_N_M * fault.graded(0.30, 1.20, 2.0)
        stuck = friction > _MOTOR_N_M
        # A clamped stick yields by the same angle to either side. Held within that angle of the
        # level, it is seen over twice that angle, evenly, as sound sticks are.
        pose *= _YIELD_RAD if stuck else 2 * _YIELD_RAD
        at = held * arc if stuck else program.at(0.0)
        cover, stick = _swing(times, program, friction, at, unit.cover_kg_m2)
        states = {
            "stick_rad": pose + stick,
            "cover_rad": np.mod(begin + pose + cover, 2 * pi),
        }
        parameters = {
            "friction_n_m": friction,
            "motor_limit_n_m": _MOTOR_N_M,
            "grip_n_m_rad": _GRIP_N_M,
            "cover_kg_m2": unit.cover_kg_m2,
            "arc_rad": arc,
            "period_s": period,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """The gripper, the stick in it, and above it the cover with the motor's lever."""
        # A tenth of a pixel is nothing, and a stick that stands is then painted once.
        turn = np.round(states["stick_rad"] / 0.004) * 0.004
        tip = -0.01
        paint_gripper(
            canvas, tip * np.cos(turn), tip * np.sin(turn), turn + pi / 2, gap=2 * unit.half
        )
        _paint_stick(canvas, unit, turn)
        _paint_cover(canvas, unit, states["cover_rad"])


def _swing(
    times: NDArray[np.float64], program: Program, friction: float, at: float, inertia: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Angles of the cover and of the stick (rad), the cover at ``at`` before the film begins."""
    warm_up = 0.25
    wishes = program.over(ticks(float(times[-1]), _STEP_S, warm_up))
    target = Table(wishes.tolist(), _STEP_S, warm_up)
    pace = Table(np.gradient(wishes, _STEP_S).tolist(), _STEP_S, warm_up)
    bend = friction / _CONTACT_N_M

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        cover, speed, stick, turning, bent = state
        slip = speed - turning
        # What is stuck bends a little first; friction is what that takes, up to its limit.
        bent = limited(bent + slip * dt, bend)
        rub = limited(_CONTACT_N_M * bent + _CONTACT_N_M_S * slip, friction)
        push = _SERVO.force(target.at(t), cover, speed, pace.at(t))
        speed += (push - rub) / inertia * dt
        turning += (rub - _GRIP_N_M * stick - _GRIP_N_M_S * turning) / _STICK_KG_M2 * dt
        return cover + speed * dt, speed, stick + turning * dt, turning, bent

    start: tuple[float, ...] = (at, 0.0, 0.0, 0.0, 0.0)
    path = np.array(march(advance, start, times, step=_STEP_S, warm_up=warm_up))
    return path[:, 0], path[:, 2]


def _paint_stick(canvas: Canvas, unit: Unit, turn: NDArray[np.float64]) -> None:
    shift = (unit.plug_end - 0.11) / 2
    reach = (unit.plug_end + 0.13) / 2 + 0.01
    with canvas.part(
        shift * np.cos(turn), shift * np.sin(turn), turn, reach=(reach, unit.half + 0.02)
    ) as stick:
        x, y = stick.x + np.float32(shift), stick.y
        tail = 0.115
        corner = {"classic": 0.02, "rounded": unit.half - 0.004, "slim": 0.012, "wooden": 0.03}
        middle, along = (unit.body_end - tail) / 2, (unit.body_end + tail) / 2
        body = box(x - middle, y, along, unit.half, corner[unit.kind])
        if unit.kind == "rounded":
            body = np.minimum(body, box(x - middle - 0.05, y, along - 0.05, unit.half, 0.01))
        wide = min(0.062, unit.half - 0.012)
        plug_at, plug_half = (unit.plug_end + unit.body_end) / 2, unit.plug_end - unit.body_end
        plug = box(x - plug_at, y, plug_half / 2 + 0.01, wide, 0.005)
        stick.shadow(np.minimum(body, plug), soft=0.04, strength=0.45)
        stick.fill(plug - 0.004, (0.10, 0.10, 0.12))
        stick.fill(plug, (0.80, 0.82, 0.85), shade=1.05 - 3.0 * np.abs(y - 0.015))
        holes = box(x - plug_at - 0.02, np.abs(y) - 0.5 * wide, 0.018, 0.014)
        stick.fill(holes, (0.06, 0.06, 0.07))
        stick.fill(body - 0.004, (0.04, 0.04, 0.05))
        stick.fill(body, unit.body, shade=1.12 - 3.2 * np.abs(y - 0.02))
        if unit.kind == "wooden":
            grain = np.maximum(
                np.abs(np.mod(y + 0.004 * np.sin(40 * x), 0.03) - 0.015) - 0.003, body
            )
            stick.fill(grain, (0.25, 0.13, 0.05), opacity=0.5)
        else:
            band = np.maximum(np.abs(x - unit.body_end + 0.035) - 0.012, body + 0.008)
            stick.fill(band, (1.0, 1.0, 1.0), opacity=0.75)


def _paint_cover(canvas: Canvas, unit: Unit, angle: NDArray[np.float64]) -> None:
    wide = unit.half + 0.010
    rear = wide
    shift, half = (unit.cover_end - rear) / 2, (unit.cover_end + rear) / 2
    with canvas.part(
        shift * np.cos(angle), shift * np.sin(angle), angle, reach=(half + 0.01, wide + 0.01)
    ) as cover:
        x, y = cover.x + np.float32(shift), cover.y
        outer = unit.half if unit.kind == "wooden" else 0.012
        # The rear end is round about the rivet, the front end as the kind has it.
        front = box(cover.x, y, half, wide, outer)
        plate = np.where(x < 0, circle(x, y, wide), front)
        cover.shadow(plate, (0.014, -0.02), soft=0.035, strength=0.55)
        _paint_plate(cover, unit, x, y, plate)
        _paint_lever(cover, unit, x, y)


def _paint_plate(cover: Part, unit: Unit, x: Field, y: Field, plate: Field) -> None:
    if unit.kind == "slim":
        # A window: what lies beneath the cover shows through it.
        window = box(x - 0.66 * unit.cover_end, y, 0.19 * unit.cover_end, 0.55 * unit.half, 0.02)
        plate = np.maximum(plate, -window)
    cover.fill(plate - 0.005, (0.05, 0.05, 0.06))
    # The side walls, which bend down round the stick, lie in the shade.
    wall = np.abs(y) > np.float32(unit.half - 0.006)
    cover.fill(plate, unit.cover, shade=1.0 + 0.9 * y - np.float32(0.3) * wall)
    prints = np.maximum(np.abs(x - unit.cover_end + 0.030) - 0.013, plate + 0.006)
    if unit.kind != "slim":
        bar = box(x - 0.64 * unit.cover_end, y - 0.3 * unit.half, 0.04, 0.017)
        line = box(x - 0.60 * unit.cover_end, y + 0.25 * unit.half, 0.06, 0.009)
        prints = np.minimum(prints, np.minimum(bar, line))
    cover.fill(prints, unit.print)


def _paint_lever(cover: Part, unit: Unit, x: Field, y: Field) -> None:
    hub = circle(x, y, 0.05)
    arm = np.minimum(hub, box(x - unit.lever / 2, y, unit.lever / 2 + 0.02, 0.020, 0.018))
    cover.fill(arm - 0.007, (0.05, 0.05, 0.06))
    cover.fill(arm, _LEVER, shade=1.0 + 2.0 * y)
    paint_screw_head(cover, x, y, 0.024)
    paint_screw_head(cover, x - unit.lever, y, 0.013)


TWIN = Usb()
