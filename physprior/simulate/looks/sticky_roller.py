"""What a sticky roller looks like: its near end facing the camera, its length going back.

The picture is a cabinet projection: the near end is a true circle, and what lies farther back is
drawn farther up and to the right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import cos, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part, View
from physprior.simulate.props import STEEL, column, paint_gripper, paint_table
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.twin import States

_FLOOR = -0.39
"""The height at which the near end touches the surface."""
_RISE = 0.55
"""How much higher the far end is seen, for each part that it is seen farther to the right."""
_CORE: Colour = (0.55, 0.38, 0.22)
_DARK: Colour = (0.07, 0.07, 0.08)

Numbers = NDArray[np.float64]


def paint_roller(canvas: Canvas, unit: Any, states: States) -> None:
    """Surface, far arm, roll, near arm, handle and gripper."""
    paint_table(canvas, _FLOOR + 0.30, unit.surface)
    far = unit.length, unit.length * _RISE
    aside, height = -far[0] / 2, _FLOOR + unit.roll
    behind, before, wrist = _pictures(unit, float(states["facing"][0]), canvas.view)
    # All is moved by whole pixels: what does not turn then looks the same in every frame.
    x, y = canvas.snap(states["roll_x"] + aside, np.full_like(states["roll_x"], height))
    yoke = canvas.snap(states["handle_x"] + aside, -states["sink"])
    _paint_shadow(canvas, unit, x, y, far)
    canvas.overlay(*behind, *yoke)
    _paint_sleeve(canvas, unit, x, y, far, states["roll_rad"])
    _paint_end(canvas, unit, x, y, states["roll_rad"])
    if states["sink"].any():
        canvas.overlay(*wrist, *canvas.snap(states["handle_x"] + aside, 0 * states["sink"]))
    canvas.overlay(*before, *yoke)


Picture = tuple[NDArray[np.float32], NDArray[np.float32]]


@lru_cache(maxsize=1)
def _pictures(unit: Any, facing: float, view: View) -> tuple[Picture, Picture, Picture]:
    """The far arm; the near arm with handle and gripper; the tube out of which the gripper sinks.

    Each at rest, the near end in the frame's middle, on black, and how much of what lies beneath
    shows through.
    """
    height = _FLOOR + unit.roll
    far = unit.length, unit.length * _RISE + height

    def before(canvas: Canvas) -> None:
        _paint_arm(canvas, unit, (0.0, height), facing)
        _paint_handle(canvas, unit, height, facing)

    def picture(paint: Callable[[Canvas], None]) -> Picture:
        empty = np.zeros((1, 3, view.size, view.size), np.float32)
        on_black, on_white = Canvas(view, empty), Canvas(view, empty + 1)
        paint(on_black)
        paint(on_white)
        return on_black.pixels, on_white.pixels - on_black.pixels

    def behind(canvas: Canvas) -> None:
        _paint_arm(canvas, unit, far, facing)

    def wrist(canvas: Canvas) -> None:
        x, y = _grip(unit, facing)
        with canvas.part(x, height + y + 0.55, reach=(0.06, 0.4)) as tube:
            shade = 1.08 - 6.0 * np.abs(tube.x + 0.012)
            tube.fill(np.maximum(np.abs(tube.x) - 0.045, -0.36 - tube.y), STEEL, shade=shade)

    return picture(behind), picture(before), picture(wrist)


def _bridge(unit: Any, facing: float) -> tuple[float, float]:
    """Where, seen from the axle, an arm ends at the top."""
    return facing * unit.lean, unit.roll + 0.095


def _grip(unit: Any, facing: float) -> tuple[float, float]:
    """Where, seen from the near end's axle, the gripper's fingertips hold the handle."""
    x, y = _bridge(unit, facing)
    return x + unit.length / 2 + facing * 0.05, y + unit.length * _RISE / 2 + 0.185


def _along(x: Field, y: Field, to: tuple[float, float]) -> Field:
    """Distance to the line from the origin to ``to``."""
    share = np.clip((x * to[0] + y * to[1]) / (to[0] ** 2 + to[1] ** 2), 0, 1)
    return circle(x - share * to[0], y - share * to[1], 0.0)


def _paint_shadow(
    canvas: Canvas, unit: Any, x: Numbers, y: Numbers, far: tuple[float, float]
) -> None:
    wide, high = unit.roll + far[0] / 2, 0.07 + far[1] / 2
    with canvas.part(x + far[0] / 2, y - unit.roll + far[1] / 2, reach=(wide, high)) as ground:
        px, py = ground.x + np.float32(far[0] / 2), ground.y + np.float32(far[1] / 2)
        dark = _along(px - 0.03, py - 0.008, far) - 0.045
        ground.fill(dark, (0.0, 0.0, 0.0), opacity=0.5, soft=0.07)


def _paint_arm(canvas: Canvas, unit: Any, at: tuple[float, float], facing: float) -> None:
    top = _bridge(unit, facing)
    with canvas.part(*at, reach=(abs(top[0]) + 0.05, top[1] + 0.05)) as arm:
        px, py = arm.x, arm.y
        edge = np.minimum(_along(px, py, top) - 0.017, circle(px, py, 0.032))
        edge = np.maximum(edge, 0.015 - circle(px, py, 0.0))
        arm.fill(edge - 0.005, _DARK)
        arm.fill(edge, STEEL, shade=1.0 - 4.0 * (px - py * (top[0] / top[1])))


def _paint_handle(canvas: Canvas, unit: Any, height: float, facing: float) -> None:
    top, far = _bridge(unit, facing), (unit.length, unit.length * _RISE)
    foot = top[0] + far[0] / 2, height + top[1] + far[1] / 2
    with canvas.part(foot[0], foot[1] + 0.08, reach=(far[0] / 2 + 0.08, 0.24)) as handle:
        px, py = handle.x, handle.y + np.float32(0.08)
        bar = _along(px + far[0] / 2, py + far[1] / 2, far) - 0.018
        stem = _along(px, py, (facing * 0.05, 0.20)) - 0.030
        handle.shadow(np.minimum(bar, stem), (0.01, -0.014), soft=0.03, strength=0.3)
        handle.fill(bar - 0.005, _DARK)
        handle.fill(bar, STEEL, shade=1.0 + 2 * (py - px * _RISE))
        handle.fill(stem - 0.005, _DARK)
        handle.fill(stem, unit.handle, shade=1.05 - 4.0 * (px - facing * 0.25 * py))
    x, y = _grip(unit, facing)
    paint_gripper(canvas, x, height + y, gap=0.066)


def _paint_sleeve(
    canvas: Canvas, unit: Any, x: Numbers, y: Numbers, far: tuple[float, float], angle: Numbers
) -> None:
    radius = unit.roll
    reach = radius + far[0] / 2 + 0.01, radius + far[1] / 2 + 0.01
    with canvas.part(x + far[0] / 2, y + far[1] / 2, reach=reach) as roll:
        px, py = roll.x + np.float32(far[0] / 2), roll.y + np.float32(far[1] / 2)
        # How far back a point of the sleeve lies: where a circle, going back, first meets it.
        long = far[0] ** 2 + far[1] ** 2
        dot = px * far[0] + py * far[1]
        root = np.sqrt(np.maximum(dot * dot - long * (px * px + py * py - radius**2), 0))
        back = np.clip((dot - root) / long, 0, 1)
        qx, qy = px - back * far[0], py - back * far[1]
        hull = _along(px, py, far) - radius
        roll.fill(hull - 0.005, _DARK)
        roll.fill(hull, unit.paper, shade=0.86 + qy * (0.22 / radius))
        _paint_print(roll, unit, _seen(qx, qy, angle), back, hull)


def _seen(x: Field, y: Field, angle: Numbers) -> tuple[Field, Field]:
    """A point in the roll's own frame, which is turned by ``angle``."""
    c, s = column(np.cos(angle)), column(np.sin(angle))
    return x * c + y * s, y * c - x * s


def _turned(point: tuple[Field, Field], angle: float) -> tuple[Field, Field]:
    """The point's coordinates along and across a ray at ``angle`` on the roll."""
    u, v = point
    a, b = np.float32(cos(angle)), np.float32(sin(angle))
    return u * a + v * b, v * a - u * b


def _paint_print(
    roll: Part, unit: Any, point: tuple[Field, Field], back: Field, hull: Field
) -> None:
    """What is printed on the sleeve: a broad band, a pair of narrow ones, and a broken one.

    They lie a third of a turn apart and cover the same area: how much print is seen does not
    depend on the angle, so that a roll which stands looks on average like one that turns.
    """
    half = np.float32(0.26 * unit.roll)
    dashes = np.abs(back * 3 - np.round(back * 3)) * np.float32(0.1) - np.float32(0.0333)
    for k in range(3):
        along, across = _turned(point, 2 * pi / 3 * k)
        away = np.abs(across)
        if k == 0:
            print_edge = away - half
        elif k == 1:
            print_edge = np.abs(away - 1.1 * half) - 0.5 * half
        else:
            print_edge = np.maximum(away - 1.5 * half, dashes)
        roll.fill(np.maximum(np.maximum(print_edge, -along), hull), unit.print)


def _paint_end(canvas: Canvas, unit: Any, x: Numbers, y: Numbers, angle: Numbers) -> None:
    """The near end: paper in layers, the prints' edges, the tube and the pin of the axle."""
    radius, core = unit.roll, unit.roll * unit.core
    with canvas.part(x, y, reach=(radius, radius)) as end:
        r = circle(end.x, end.y, 0.0)
        end.fill(r - radius, unit.paper, shade=0.72 + 0.5 * end.y)
        layers = np.minimum(np.abs(r - radius + 0.004), np.abs(r - (radius + core) / 2))
        end.fill(layers - 0.004, _DARK, opacity=0.3)
        point = _seen(end.x, end.y, angle)
        for k, half, colour in ((0, 0.42, unit.second), (1, 0.2, unit.print), (2, 0.2, unit.print)):
            along, across = _turned(point, 2 * pi / 3 * k)
            end.fill(np.maximum(np.abs(across) - half * along, r - radius + 0.006), colour)
        end.fill(r - core, _CORE, shade=1.0 + 2.0 * (end.y - end.x))
        end.fill(r - 0.72 * core, _DARK)
        end.fill(box(point[0], point[1], 0.6 * core, 0.16 * core), _CORE)
        end.fill(r - 0.014, STEEL)
