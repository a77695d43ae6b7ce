"""What the toy cars look like: five kinds of body, seen from the side, on marked wheels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part, View
from physprior.simulate.props import RUBBER, STEEL, column, paint_table
from physprior.simulate.shapes import Field, box, circle, polygon
from physprior.simulate.twin import States

TABLE_TOP = -0.24
_GLASS: Colour = (0.16, 0.24, 0.33)
_DARK: Colour = (0.07, 0.07, 0.08)
_LAMP: Colour = (1.0, 0.93, 0.62)
_TAIL: Colour = (0.72, 0.05, 0.05)

Build = Callable[[Part, Field, Field, Any], None]


@dataclass(frozen=True)
class Kind:
    """A kind of car: where its wheels are, where it is held, how its body is painted.

    Lengths in frame widths; the nose is at +x and the ground at y = 0.
    """

    wheel: float
    front: float
    rear: float
    hold: float
    """How high the gripper's fingertip reaches down."""
    hold_x: float
    body: Build


def _hull(part: Part, edge: Field, y: Field, colour: Colour) -> None:
    part.shadow(edge, (0.012, -0.016), soft=0.04, strength=0.3)
    part.fill(edge - 0.006, _DARK)
    part.fill(edge, colour, shade=0.80 + 1.3 * y)
    part.fill(np.maximum(edge, np.abs(y - 0.115) - 0.004), (1.0, 1.0, 1.0), opacity=0.3)


def _lamps(part: Part, x: Field, y: Field, nose: float, tail: float, height: float) -> None:
    part.fill(box(x - nose, y - height, 0.016, 0.02, 0.008), _LAMP)
    part.fill(box(x - tail, y - height, 0.012, 0.022, 0.004), _TAIL)


def _saloon(part: Part, x: Field, y: Field, unit: Any) -> None:
    base = box(x, y - 0.115, 0.305, 0.06, 0.035)
    roof = polygon(x, y, [(-0.20, 0.16), (0.17, 0.16), (0.07, 0.27), (-0.13, 0.27)], 0.012)
    _hull(part, np.minimum(base, roof), y, unit.body)
    glass = polygon(x, y, [(-0.165, 0.175), (0.135, 0.175), (0.06, 0.26), (-0.12, 0.26)])
    part.fill(np.maximum(glass, 0.012 - np.abs(x + 0.02)), _GLASS, shade=0.4 + 3.5 * y)
    _lamps(part, x, y, 0.288, -0.296, 0.13)


def _truck(part: Part, x: Field, y: Field, unit: Any) -> None:
    frame = box(x, y - 0.085, 0.315, 0.028, 0.01)
    part.shadow(frame, (0.012, -0.016), soft=0.04, strength=0.3)
    part.fill(frame, _DARK)
    cargo = box(x + 0.10, y - 0.225, 0.21, 0.115, 0.01)
    _hull(part, cargo, y, unit.trim)
    ribs = np.abs(x + 0.10 - np.round((x + 0.10) / 0.07) * np.float32(0.07)) - 0.004
    part.fill(np.maximum(ribs, cargo + 0.012), (0.0, 0.0, 0.0), opacity=0.28)
    cab = polygon(x, y, [(0.14, 0.08), (0.315, 0.08), (0.315, 0.17), (0.275, 0.28), (0.14, 0.28)])
    _hull(part, cab - 0.006, y, unit.body)
    glass = polygon(x, y, [(0.195, 0.175), (0.305, 0.175), (0.268, 0.262), (0.195, 0.262)])
    part.fill(glass, _GLASS, shade=0.4 + 3.5 * y)
    _lamps(part, x, y, 0.306, -0.304, 0.105)


def _bus(part: Part, x: Field, y: Field, unit: Any) -> None:
    body = box(x, y - 0.20, 0.325, 0.145, 0.03)
    _hull(part, body, y, unit.body)
    pane = np.abs(x + 0.055 - np.round((x + 0.055) / 0.105) * np.float32(0.105)) - 0.042
    row = np.maximum(np.maximum(pane, np.abs(y - 0.25) - 0.045), np.abs(x + 0.06) - 0.205)
    part.fill(row, _GLASS, shade=0.4 + 3.2 * y)
    part.fill(box(x - 0.262, y - 0.235, 0.05, 0.06, 0.008), _GLASS, shade=0.4 + 3.2 * y)
    part.fill(np.maximum(np.abs(y - 0.165) - 0.016, body), unit.trim)
    _lamps(part, x, y, 0.31, -0.316, 0.10)


def _racer(part: Part, x: Field, y: Field, unit: Any) -> None:
    low = [(-0.29, 0.055), (0.31, 0.055), (0.33, 0.085), (0.06, 0.155), (-0.29, 0.17)]
    wing = np.minimum(
        box(x + 0.285, y - 0.255, 0.062, 0.013, 0.004), box(x + 0.28, y - 0.20, 0.012, 0.055)
    )
    _hull(part, np.minimum(polygon(x, y, low, 0.008), wing), y, unit.body)
    hump = polygon(x, y, [(-0.22, 0.16), (-0.08, 0.16), (-0.11, 0.235), (-0.15, 0.235)], 0.008)
    _hull(part, hump, y, unit.trim)
    part.fill(circle(x + 0.025, y - 0.195, 0.042), (0.95, 0.95, 0.95), shade=0.4 + 3 * y)
    part.fill(box(x + 0.005, y - 0.195, 0.022, 0.012, 0.006), _GLASS)
    part.fill(circle(x - 0.09, y - 0.105, 0.032), (0.96, 0.96, 0.94))
    _lamps(part, x, y, 0.322, -0.292, 0.09)


def _jeep(part: Part, x: Field, y: Field, unit: Any) -> None:
    base = box(x, y - 0.135, 0.285, 0.065, 0.012)
    _hull(part, base, y, unit.body)
    frame = polygon(x, y, [(-0.235, 0.19), (0.10, 0.19), (0.065, 0.32), (-0.235, 0.32)], 0.008)
    _hull(part, frame, y, unit.trim)
    glass = polygon(x, y, [(-0.21, 0.20), (0.075, 0.20), (0.048, 0.295), (-0.21, 0.295)])
    part.fill(np.maximum(glass, 0.012 - np.abs(x + 0.075)), _GLASS, shade=0.4 + 2.8 * y)
    part.fill(box(x + 0.305, y - 0.185, 0.027, 0.075, 0.02), RUBBER)
    part.fill(box(x - 0.29, y - 0.085, 0.022, 0.018, 0.006), STEEL)
    _lamps(part, x, y, 0.278, -0.276, 0.15)


KINDS = {
    "saloon": Kind(0.093, 0.185, -0.185, 0.205, -0.02, _saloon),
    "truck": Kind(0.100, 0.21, -0.195, 0.245, -0.07, _truck),
    "bus": Kind(0.094, 0.195, -0.205, 0.275, -0.02, _bus),
    "racer": Kind(0.103, 0.205, -0.205, 0.165, -0.115, _racer),
    "jeep": Kind(0.112, 0.18, -0.185, 0.245, -0.075, _jeep),
}
"""Every kind of car there is."""


def paint_car(canvas: Canvas, unit: Any, states: States) -> None:
    """Table, body with the gripper at it, and the wheels that are seen."""
    paint_table(canvas, TABLE_TOP, unit.table)
    facing = float(states["facing"][0])
    x, y = canvas.snap(states["x"], np.zeros_like(states["x"]))
    canvas.overlay(*_picture(unit, facing, canvas.view), x, y)
    for at, angle in ((unit.front, states["front_rad"]), (unit.rear, states["rear_rad"])):
        _paint_wheel(canvas, unit, x + facing * at, y, angle)


@lru_cache(maxsize=1)
def _picture(
    unit: Any, facing: float, view: View
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Body and gripper at the origin on black, and how much of what lies beneath shows through."""
    empty = np.zeros((1, 3, view.size, view.size), np.float32)
    on_black, on_white = Canvas(view, empty), Canvas(view, empty + 1)
    for canvas in (on_black, on_white):
        _paint_body(canvas, unit, facing)
    return on_black.pixels, on_white.pixels - on_black.pixels


def _paint_body(canvas: Canvas, unit: Any, facing: float) -> None:
    kind = KINDS[unit.kind]
    with canvas.part(0.0, TABLE_TOP, reach=(0.42, 0.06)) as ground:
        dark = box(ground.x, ground.y - 0.002, 0.29, 0.03, 0.03)
        ground.shadow(dark, (0.012, -0.012), soft=0.06, strength=0.5)
    with canvas.part(0.0, TABLE_TOP + 0.2, reach=(0.4, 0.2)) as body:
        x, y = body.x * np.float32(facing), body.y + np.float32(0.2)
        kind.body(body, x, y, unit)
        for at in (unit.front, unit.rear):
            arch = np.maximum(circle(x - at, y - unit.wheel, unit.wheel + 0.016), 0.05 - y)
            body.fill(arch, _DARK)
    with canvas.part(facing * kind.hold_x, TABLE_TOP + kind.hold, reach=(0.1, 0.85)) as arm:
        x, y = arm.x, arm.y
        finger = box(x, y - 0.095, 0.024, 0.105, 0.01)
        palm = box(x, y - 0.215, 0.085, 0.038, 0.012)
        wrist = np.maximum(np.abs(x) - 0.042, 0.24 - y)
        arm.shadow(np.minimum(np.minimum(finger, palm), wrist), soft=0.035, strength=0.3)
        arm.fill(wrist, STEEL, shade=1.08 - 6.0 * np.abs(x + 0.012))
        arm.fill(finger, STEEL, shade=1.0 - 5.0 * np.abs(x + 0.006))
        arm.fill(box(x, y - 0.022, 0.028, 0.03, 0.008), RUBBER)
        arm.fill(palm, (0.30, 0.32, 0.36), shade=1.0 + 3.0 * (y - 0.215))


def _paint_wheel(
    canvas: Canvas,
    unit: Any,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    angle: NDArray[np.float64],
) -> None:
    radius = unit.wheel
    with canvas.part(x, y + TABLE_TOP + radius, reach=(radius + 0.01, radius + 0.01)) as wheel:
        r = circle(wheel.x, wheel.y, 0.0)
        c, s = column(np.cos(angle)), column(np.sin(angle))
        u, v = wheel.x * c + wheel.y * s, wheel.y * c - wheel.x * s
        rim = r - 0.74 * radius
        wheel.fill(r - radius, RUBBER)
        wheel.fill(rim, (0.90, 0.90, 0.88), shade=0.95 + 1.5 * (wheel.y - wheel.x))
        # Two dark spokes and one painted field: no turn but a whole one looks like another.
        for side in (-1.0, 1.0):
            a, b = u * -0.5 + v * (side * sqrt(0.75)), v * -0.5 - u * (side * sqrt(0.75))
            wheel.fill(np.maximum(np.maximum(np.abs(b) - 0.011, -a), rim), _DARK)
        field = np.maximum(np.maximum(np.abs(v) - 0.85 * u - 0.006, rim), -u)
        wheel.fill(field, unit.mark)
        wheel.fill(r - 0.2 * radius, STEEL)
        dot = circle(u - 0.87 * radius, v, 0.11 * radius)
        wheel.fill(dot, (0.95, 0.95, 0.95))
