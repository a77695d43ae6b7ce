"""What drawer slides look like: rail, cage and member, the gripper, and a tray for what falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.twin import States

LEFT = -0.43
"""Where the rail begins."""
HEIGHT = 0.12
"""How high the slide's axis lies above the frame's centre."""
TRAY = -0.33
ROW = 0.080
"""Distance of each row of balls from the axis."""
BALL = 0.027
PER_ROW = 5

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


def draw_unit(rng: np.random.Generator) -> Unit:
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


def cage_x(unit: Unit, travel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the middle of the cage is, which rolls half as far as the member."""
    return np.asarray(LEFT + 0.5 * (unit.rail - 0.15) + travel / 2)


def paint_slide(canvas: Canvas, unit: Unit, states: States) -> None:
    """Tray, rail, balls in their cage, inner member, gripper, and balls that fell out."""
    _paint_tray(canvas, unit)
    _paint_rail(canvas, unit)
    _paint_cage(canvas, unit, states)
    _paint_member(canvas, unit, states)
    _paint_gripper(canvas, unit, states["travel"])
    _paint_fallen(canvas, states)


def _paint_tray(canvas: Canvas, unit: Unit) -> None:
    with canvas.part(0.0, TRAY - 0.2, reach=(0.8, 0.23)) as tray:
        y = tray.y - 0.2
        edge = np.abs(y + 0.2) - 0.2
        tray.shadow(edge, (0.0, 0.014), soft=0.03, strength=0.25)
        tray.fill(edge, unit.tray, shade=1 + 0.6 * y)
        tray.fill(np.abs(y + 0.008) - 0.008, (1.0, 1.0, 1.0), opacity=0.22)


def _paint_rail(canvas: Canvas, unit: Unit) -> None:
    half = unit.rail / 2
    with canvas.part(LEFT + half, HEIGHT, reach=(half + 0.03, 0.17)) as rail:
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
    half = PER_ROW * unit.spacing / 2
    with canvas.part(cage_x(unit, states["travel"]), HEIGHT, reach=(half + 0.01, 0.12)) as cage:
        x, y = cage.x, np.abs(cage.y) - np.float32(ROW)
        strip = box(x, y, half, 0.013, 0.004)
        cage.fill(strip, unit.cage)
        seat = np.clip(np.round(x / unit.spacing + (PER_ROW - 1) / 2), 0, PER_ROW - 1)
        u = x - (seat - (PER_ROW - 1) / 2) * np.float32(unit.spacing)
        cage.fill(circle(u, y, BALL - 0.004), (0.04, 0.04, 0.05))
        rows = np.arange(len(states["seated"]))[:, None, None]
        ball = seat.astype(np.int64) + np.where(cage.y > 0, PER_ROW, 0)
        _paint_ball(cage, u, y, states["seated"].astype(np.float32)[rows, ball])


def _paint_ball(part: Part, x: Field, y: Field, opacity: Any = 1.0) -> None:
    r = circle(x, y, BALL)
    light = 0.80 + 11.0 * (y - x) - 8.0 * np.maximum(r + 0.010, 0)
    part.fill(r, (0.93, 0.94, 0.96), shade=np.clip(light, 0.3, 1.0), opacity=opacity)


def _paint_member(canvas: Canvas, unit: Unit, states: States) -> None:
    half, tilt = unit.rail / 2, states["tilt_rad"]
    rear = LEFT + 0.01 + states["travel"]
    with canvas.part(
        rear + half * np.cos(tilt),
        HEIGHT - states["sink"] - half * np.sin(tilt),
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
    end = LEFT + 0.01 + travel + unit.rail
    with canvas.part(end, HEIGHT + 0.25, reach=(0.07, 0.36)) as gripper:
        x, y = gripper.x, gripper.y + 0.25
        fingers = box(np.abs(x) - 0.031, y - 0.04, 0.015, 0.13, 0.006)
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
            ball.shadow(circle(ball.x, ball.y, BALL), (0.006, -0.010), soft=0.03, strength=0.45)
            _paint_ball(ball, ball.x, ball.y)
