"""What a caster looks like: seen from the side and a little from above, its fork at any heading.

The ground's plane has x to the right and z away from the camera; a point at height h is seen at
(x, h + z · ``TILT``). A wheel whose fork points along the view is seen edge on.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, View
from physprior.simulate.props import STEEL, column
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.twin import States

TILT = 0.30
"""How much of a depth is seen as height: the sine of the camera's elevation."""
TILE = 0.24
"""The side of a tile; two of them, a light and a dark one, make the pattern's period."""
_GROUND = -0.43
_DARK: Colour = (0.06, 0.06, 0.07)

Numbers = NDArray[np.float64]


def paint_caster(canvas: Canvas, unit: Any, states: States) -> None:
    """Table, far leg, wheel, near leg, and what holds them."""
    _paint_table(canvas, unit, states)
    heading = states["heading_rad"]
    c, s = np.cos(heading), np.sin(heading)
    px, py = states["plate_x"], states["plate_y"] + _GROUND
    axle = unit.trail * c, unit.wheel + unit.trail * s * TILT
    # Across the wheel, toward the camera: where the near face and the near leg lie.
    near = np.sign(c) * s, -np.abs(c) * TILT
    crown = 2 * unit.wheel + 0.055
    _paint_shadows(canvas, unit, px, py, axle)
    _paint_leg(canvas, unit, (px, py), axle, crown, near, -1.0)
    _paint_wheel(canvas, unit, px + axle[0], py + axle[1], (c, s), near, states["wheel_rad"])
    _paint_leg(canvas, unit, (px, py), axle, crown, near, 1.0)
    canvas.overlay(*_picture_plate(unit, crown, canvas.view), *canvas.snap(px, py - _GROUND))


def _paint_table(canvas: Canvas, unit: Any, states: States) -> None:
    """Tiles as far as the camera sees, moved by whole pixels as the camera passes over them."""
    view, size = canvas.view, canvas.view.size
    tiles = _picture_tiles(unit, view)
    spare = (tiles.shape[-1] - size) // 2
    x = np.mod(states["ground_x"], 2 * TILE) - TILE
    y = (np.mod(states["ground_z"], 2 * TILE) - TILE) * TILT
    column_at, row_at = view.to_pixels(x, y)
    start = view.to_pixels(0.0, 0.0)
    rights, downs = np.rint(column_at - start[0]), np.rint(row_at - start[1])
    for frame, right, down in zip(canvas.frames, rights, downs, strict=True):
        left, top = spare + int(right), spare + int(down)
        frame[...] = tiles[:, top : top + size, left : left + size]


@lru_cache(maxsize=1)
def _picture_tiles(unit: Any, view: View) -> NDArray[np.float32]:
    """Tiles in a picture larger than the frame on all sides: float32 (3, side, side)."""
    spare = int(1.15 * TILE * view.size * view.scale) + 4
    side = view.size + 2 * spare
    less = view.size / side
    wide = View(side, view.x * less, view.y * less, view.tilt_rad, view.scale * less)
    canvas = Canvas(wide, np.zeros((1, 3, side, side), np.float32))
    light, dark = unit.tiles
    with canvas.part(reach=(1.1, 1.1)) as table:
        u, v = table.x * np.float32(np.pi / TILE), table.y * np.float32(np.pi / TILE / TILT)
        checks = np.sin(u) * np.sin(v)
        table.fill(np.full_like(checks, -1), light)
        table.fill(checks * np.float32(0.03), dark)
        joint = np.minimum(np.abs(np.sin(u)), np.abs(np.sin(v)) * np.float32(TILT))
        table.fill(joint * np.float32(0.06) - np.float32(0.003), _DARK, opacity=0.25)
    tiles: NDArray[np.float32] = canvas.pixels[0]
    return tiles


def _paint_shadows(
    canvas: Canvas, unit: Any, x: Numbers, y: Numbers, axle: tuple[Numbers, Numbers]
) -> None:
    with canvas.part(x, y, reach=(0.29, 0.12)) as ground:
        plate = _outside(ground.x / 0.26, ground.y / 0.09) * 0.09
        ground.fill(plate, (0.0, 0.0, 0.0), opacity=0.30, soft=0.08)
    with canvas.part(x + axle[0], y + axle[1] - unit.wheel, reach=(0.15, 0.06)) as ground:
        patch = _outside(ground.x / 0.12, (ground.y + 0.003) / 0.04) * 0.04
        ground.fill(patch, (0.0, 0.0, 0.0), opacity=0.55, soft=0.04)


def _outside(x: Field, y: Field) -> Field:
    """How far (x, y) is outside the unit circle."""
    return np.asarray(np.sqrt(x * x + y * y) - 1)


def _paint_leg(
    canvas: Canvas,
    unit: Any,
    at: tuple[Numbers, Numbers],
    axle: tuple[Numbers, Numbers],
    crown: float,
    near: tuple[Numbers, Numbers],
    side: float,
) -> None:
    """One leg of the fork, from the crown to the axle; ``side`` is 1 for the nearer, -1 for the
    farther one.
    """
    off = side * (unit.width / 2 + 0.012)
    ox, oy = off * near[0], off * near[1]
    middle = (crown + unit.wheel) / 2
    with canvas.part(at[0], at[1] + middle, reach=(0.165, middle - unit.wheel + 0.07)) as leg:
        x, y = leg.x - column(ox), leg.y - column(oy) - np.float32(crown - middle)
        bx, by = column(axle[0]), column(axle[1]) - np.float32(crown)
        share = np.clip((x * bx + y * by) / (bx * bx + by * by), 0, 1)
        wide = column(0.010 + 0.026 * np.abs(near[1]) / TILT) * (np.float32(1.25) - share * 0.35)
        edge = circle(x - share * bx, y - share * by, wide)
        leg.fill(edge - 0.006, _DARK, opacity=0.85)
        leg.fill(edge, unit.fork, shade=0.72 + 0.28 * side - 0.25 * share)
        if side > 0:
            nut = circle(x - bx, y - by, column(0.008 + 0.012 * np.abs(near[1]) / TILT))
            leg.fill(nut, _DARK)


def _paint_wheel(
    canvas: Canvas,
    unit: Any,
    x: Numbers,
    y: Numbers,
    heading: tuple[Numbers, Numbers],
    near: tuple[Numbers, Numbers],
    angle: Numbers,
) -> None:
    radius, half = unit.wheel, unit.width / 2
    c = np.where(heading[0] < 0, -1.0, 1.0) * np.maximum(np.abs(heading[0]), 0.12)
    slant = column(heading[1] * TILT / c)
    squeeze = column(1 / c)
    ox, oy = column(half * near[0]), column(half * near[1])
    with canvas.part(x, y, reach=(radius + 0.012, radius * 1.04 + 0.015)) as wheel:

        def upright(px: Field, py: Field) -> tuple[Field, Field]:
            """Where on the wheel's own round face a point of the picture lies."""
            return px * squeeze, py - px * slant

        def nearness(u: Field, v: Field) -> tuple[Field, Field]:
            """How far from the middle of the face, and how much shorter that is in the picture."""
            out = np.sqrt(u * u + v * v) + np.float32(1e-6)
            steep = np.sqrt((u * squeeze - v * slant) ** 2 + v * v) + np.float32(1e-6)
            return out, out / steep

        # The tyre is the round face drawn out along the axle.
        u, v = upright(wheel.x, wheel.y)
        ou, ov = upright(ox, oy)
        share = np.clip((u * ou + v * ov) / (ou * ou + ov * ov), -1, 1)
        out, short = nearness(u - share * ou, v - share * ov)
        tread = (out - radius) * short
        wheel.fill(tread - 0.005, _DARK)
        wheel.fill(tread, unit.tyre, shade=0.75 + 2.2 * (wheel.y + 0.08))
        u, v = upright(wheel.x - ox, wheel.y - oy)
        out, short = nearness(u, v)
        wheel.fill((out - 0.97 * radius) * short, unit.tyre, shade=1.15 + 1.2 * wheel.y)
        rim = (out - 0.76 * radius) * short
        wheel.fill(rim, unit.hub, shade=0.95 + 1.0 * wheel.y)
        turn, lift = column(np.cos(angle)), column(np.sin(angle))
        a, b = u * turn + v * lift, v * turn - u * lift
        # Two spokes are one, mirrored; the painted field stands where the third would be.
        k, m = a * -0.5 + np.abs(b) * sqrt(0.75), np.abs(b) * -0.5 - a * sqrt(0.75)
        spokes = np.maximum(np.abs(m) - 0.016, -k) * short
        wheel.fill(np.maximum(spokes, rim), _DARK, opacity=0.8)
        field = np.maximum((np.abs(b) - 0.9 * a) * short, rim)
        wheel.fill(field, unit.mark)
        wheel.fill((out - 0.22 * radius) * short, STEEL)
        dot = np.sqrt((a - 0.87 * radius) ** 2 + b * b) - np.float32(0.1 * radius)
        wheel.fill(dot * short, (0.96, 0.96, 0.96))


@lru_cache(maxsize=1)
def _picture_plate(
    unit: Any, crown: float, view: View
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Crown, swivel, plate and arm on black, and how much of what lies beneath shows through."""
    empty = np.zeros((1, 3, view.size, view.size), np.float32)
    on_black, on_white = Canvas(view, empty), Canvas(view, empty + 1)
    for canvas in (on_black, on_white):
        _paint_plate(canvas, unit, _GROUND + crown)
    return on_black.pixels, on_white.pixels - on_black.pixels


def _paint_plate(canvas: Canvas, unit: Any, at: float) -> None:
    wide = unit.plate
    with canvas.part(0.0, at, reach=(wide + 0.06, 0.2)) as top:
        x, y = top.x, top.y
        crown = box(x, y, 0.082, 0.030, 0.022)
        top.fill(crown - 0.006, _DARK)
        top.fill(crown, unit.fork, shade=1.1 - 6 * np.abs(x + 0.02) + 2 * y)
        race = box(x, y - 0.040, 0.066, 0.012, 0.004)
        top.fill(race, _DARK)
        top.fill(np.abs(race + 0.006) - 0.003, (1.0, 1.0, 1.0), opacity=0.2)
        # The plate's front edge, and its upper face behind that.
        upper = np.maximum(np.abs(x) - (wide + 0.01 - 0.25 * (y - 0.07)), np.abs(y - 0.105) - 0.035)
        front = box(x, y - 0.066, wide, 0.016, 0.004)
        top.fill(np.minimum(upper, front) - 0.006, _DARK)
        top.fill(upper, STEEL, shade=1.12 + 0.8 * (y - 0.1))
        top.fill(front, STEEL, shade=0.80 - 0.5 * np.abs(x))
        for sx in (-1.0, 1.0):
            bolt = circle((x - sx * (wide - 0.04)) * 0.7, y - 0.105, 0.012)
            top.fill(bolt, _DARK)
    with canvas.part(0.0, at + 0.40, reach=(0.14, 0.32)) as arm:
        x, y = arm.x, arm.y + np.float32(0.30)
        flange = box(x, y - 0.035, 0.105, 0.030, 0.016)
        wrist = np.maximum(np.abs(x) - 0.06, 0.05 - y)
        arm.shadow(np.minimum(flange, wrist), soft=0.035, strength=0.3)
        arm.fill(wrist - 0.004, _DARK)
        arm.fill(wrist, (0.93, 0.60, 0.14), shade=1.05 - 5.0 * np.abs(x + 0.015))
        arm.fill(flange - 0.004, _DARK)
        arm.fill(flange, (0.34, 0.36, 0.40), shade=1.15 - 4 * np.abs(x + 0.02))
