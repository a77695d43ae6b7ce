"""What the bottled liquid looks like: the bottle's shape, its liquid, gripper, drops and puddle."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.props import RUBBER, STEEL, column, paint_table
from physprior.simulate.shapes import Field, box, circle, slab
from physprior.simulate.twin import States

FRAME_M = 0.24
"""The width of the frame: the bottle is about thirteen centimetres long."""
MIDDLE = 0.09
"""How high the bottle's centre is held."""
FLOOR = -0.40
"""Where drops land: the table's upper side, seen at a slant."""
_TABLE = -0.31
_CAP = 0.075
_NECK = 0.025

_TINTS: tuple[Colour, ...] = (
    (0.16, 0.52, 0.86),
    (0.08, 0.62, 0.66),
    (0.88, 0.56, 0.10),
    (0.24, 0.66, 0.30),
    (0.86, 0.30, 0.42),
    (0.40, 0.36, 0.82),
)
_CAPS: tuple[Colour, ...] = (
    (0.86, 0.16, 0.14),
    (0.12, 0.26, 0.62),
    (0.95, 0.95, 0.93),
    (0.13, 0.14, 0.16),
    (0.95, 0.72, 0.10),
    (0.10, 0.45, 0.25),
)
_TABLES: tuple[Colour, ...] = (
    (0.30, 0.24, 0.19),
    (0.24, 0.26, 0.29),
    (0.22, 0.29, 0.27),
    (0.36, 0.32, 0.27),
)


@dataclass(frozen=True)
class Unit:
    """One bottle, in frame widths about its centre; it is held by its base, its cap at -y."""

    length: float
    wide: float
    """Half the body's width, as ``neck`` is half the neck's."""
    neck: float
    shoulder: float
    """How long the taper between them is."""
    chamfer: float
    """How much of the base's corners is cut off."""
    fill: float
    """Which share of the bottle the liquid takes."""
    tint: Colour
    cap: Colour
    table: Colour

    @property
    def seam(self) -> float:
        """How far below the centre the cap's rim is: there the inside ends."""
        return self.length / 2 - _CAP

    def room(self, y: float) -> tuple[float, float]:
        """Half the inside's width at ``y``, and how fast it grows with ``y``."""
        up = y + self.seam - _NECK
        slope = (self.wide - self.neck) / self.shoulder
        if 0 < up < self.shoulder:
            return self.neck + slope * up, slope
        return (self.neck if up <= 0 else self.wide), 0.0

    def across(self, slant: float) -> float:
        """How wide a surface is that slants in the bottle by ``slant`` (rad)."""
        length = self.length / 2 + self.seam - self.shoulder / 2
        return min(2 * self.wide / max(1e-6, abs(cos(slant))), length / max(1e-6, abs(sin(slant))))

    def volume_m3(self, depth_m: float) -> float:
        """What the bottle holds, if it is everywhere as deep."""
        body = self.length / 2 + self.seam - self.shoulder - _NECK
        area = 2 * self.wide * body + (self.wide + self.neck) * self.shoulder
        return (area + 2 * self.neck * _NECK) * FRAME_M**2 * depth_m


def draw_unit(rng: np.random.Generator) -> Unit:
    """A bottle with its shape, its cap and its liquid."""
    wide = float(rng.uniform(0.105, 0.15))
    return Unit(
        length=float(rng.uniform(0.52, 0.58)),
        wide=wide,
        neck=float(rng.uniform(0.040, 0.052)),
        shoulder=float(rng.uniform(0.05, 0.16)),
        chamfer=float(rng.uniform(0.015, 0.05)),
        fill=float(rng.uniform(0.42, 0.60)),
        tint=_TINTS[rng.integers(len(_TINTS))],
        cap=_CAPS[rng.integers(len(_CAPS))],
        table=_TABLES[rng.integers(len(_TABLES))],
    )


def inner(unit: Unit, x: Field, y: Field) -> Field:
    """Distance to the inside of the bottle, in its own frame; a little short at its corners."""
    half, across = unit.length / 2, np.abs(x)
    slope = (unit.wide - unit.neck) / unit.shoulder
    wide = np.clip(slope * y + (unit.neck + slope * (unit.seam - _NECK)), unit.neck, unit.wide)
    sides = (across - wide) / sqrt(1 + 0.5 * slope * slope)
    ends = np.maximum(y - half, -unit.seam - y)
    chamfer = 0.71 * (across + y - (unit.wide + half - unit.chamfer))
    return np.asarray(np.maximum(np.maximum(sides, ends), chamfer))


def seam_at(unit: Unit, states: States) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the seam's lowest point is in every frame: there it drips."""
    tilt, c, s = states["tilt_rad"], np.cos(states["tilt_rad"]), np.sin(states["tilt_rad"])
    # The side of the neck that hangs lower.
    side = np.where(tilt > 0, -1.0, 1.0) * unit.neck * np.clip(np.abs(s) * 4, 0, 1)
    return states["x"] + c * side + s * unit.seam, MIDDLE + s * side - c * unit.seam


def paint(canvas: Canvas, unit: Unit, states: States) -> None:
    """Table, puddle, bottle with its liquid, what is in it, gripper and drops."""
    paint_table(canvas, _TABLE, unit.table)
    _paint_puddle(canvas, unit, states)
    _paint_bottle(canvas, unit, states)
    _paint_cap(canvas, unit, states)
    if states["speck_size"].any():
        _paint_speck(canvas, states)
    _paint_gripper(canvas, unit, states)
    for k in np.flatnonzero((states["drop_x"] < 1).any(axis=0)):
        _paint_drop(canvas, unit, states, int(k))


def _paint_puddle(canvas: Canvas, unit: Unit, states: States) -> None:
    half = states["puddle"]
    widest = float(half.max())
    if widest == 0:
        return
    with canvas.part(
        states["puddle_x"][:1], FLOOR - 0.01, reach=(widest + 0.02, 0.3 * widest + 0.02)
    ) as window:
        wide = np.maximum(column(half), 1e-4)
        far = (np.sqrt((window.x / wide) ** 2 + (window.y / (0.3 * wide)) ** 2) - 1) * 0.3 * wide
        far = np.where(column(half) > 0, far, 1.0)
        window.fill(far, mixed(unit.tint, 0.35), opacity=0.85)
        # The light falls on the rim that lies to the left, farther back.
        gloss = np.maximum(np.abs(far + 0.012) - 0.006, 3 * window.x - 10 * window.y)
        window.fill(gloss, (1.0, 1.0, 1.0), opacity=0.3, soft=0.012)


def _paint_bottle(canvas: Canvas, unit: Unit, states: States) -> None:
    # Of all windows this one is the largest and turns: few fills, and plain distances.
    with canvas.part(
        states["x"], MIDDLE, states["tilt_rad"], reach=(unit.wide + 0.01, unit.length / 2 + 0.01)
    ) as window:
        x, y = window.x, window.y
        glass = inner(unit, x, y)
        slant, level = states["surface_rad"], column(states["level"])
        depth = level - (y * column(np.cos(slant)) - x * column(np.sin(slant)))
        # The wall: dark where it is seen edge on, and clear in the middle.
        clear = np.clip(-45 * glass + 0.1, 0.1, 1)
        window.fill(glass - 0.012, (0.95, 0.97, 0.98), opacity=0.95 - 0.45 * clear, shade=clear)
        water = np.maximum(glass + 0.004, -depth)
        light = 1.05 - 0.7 * depth + 0.45 * (depth < 0.018)
        window.fill(water, unit.tint, opacity=0.76, shade=light)
        gloss = slab(x + 0.60 * unit.wide, y - 0.05, 0.010, 0.3 * unit.length)
        window.fill(gloss, (1.0, 1.0, 1.0), opacity=0.5)


def _paint_cap(canvas: Canvas, unit: Unit, states: States) -> None:
    tilt, down = states["tilt_rad"], unit.length / 2 - _CAP / 2
    x, y = states["x"] + np.sin(tilt) * down, MIDDLE - np.cos(tilt) * down
    with canvas.part(x, y, tilt, reach=(unit.neck + 0.03, _CAP / 2 + 0.02)) as window:
        cap = box(window.x, window.y, unit.neck + 0.022, _CAP / 2, 0.008)
        ribs = np.abs(np.mod(window.x, np.float32(0.022)) - np.float32(0.011))
        light = 1.0 - 4.0 * np.abs(window.x + 0.015) + 14 * ribs
        window.fill(cap, unit.cap, shade=light)
        if states["wet"].any():
            # What has run out under the cap wets its rim.
            rim = box(window.x, window.y - _CAP / 2 + 0.004, unit.neck + 0.03, 0.014, 0.01)
            window.fill(rim, mixed(unit.tint, 0.45), opacity=0.9 * column(states["wet"]))


def _paint_speck(canvas: Canvas, states: States) -> None:
    size = float(states["speck_size"][0])
    with canvas.part(
        states["speck_x"], states["speck_y"], states["speck_rad"], reach=(size, size)
    ) as window:
        x, y = window.x, window.y
        # An irregular grain: its corners show that it tumbles.
        edge = np.maximum(circle(x, y, size), box(x + 0.2 * size, y, size, 0.62 * size))
        window.fill(edge, (0.16, 0.09, 0.05))
        window.fill(np.maximum(edge, 0.3 * size - x), (0.42, 0.25, 0.12), opacity=0.9)


def _paint_gripper(canvas: Canvas, unit: Unit, states: States) -> None:
    tilt, up = states["tilt_rad"], unit.length / 2 + 0.02
    x, y = states["x"] - np.sin(tilt) * up, MIDDLE + np.cos(tilt) * up
    with canvas.part(x, y, tilt, reach=(unit.wide + 0.05, 0.14)) as window:
        u, v = np.abs(window.x), window.y
        steel = np.minimum(
            slab(u - unit.wide - 0.030, v, 0.018, 0.12), slab(u, v - 0.15, 0.05, 0.05)
        )
        window.fill(steel, STEEL, shade=0.95 + 1.0 * v)
        window.fill(slab(u - unit.wide - 0.012, v + 0.07, 0.008, 0.05), RUBBER)
        palm = slab(u, v - 0.09, unit.wide + 0.05, 0.033)
        window.fill(palm, (0.27, 0.29, 0.33), shade=0.7 + 3.0 * v)


def _paint_drop(canvas: Canvas, unit: Unit, states: States, k: int) -> None:
    size, streak = float(states["drop_size"][0]), float(states["drop_streak"][:, k].max())
    with canvas.part(
        states["drop_x"][:, k],
        states["drop_y"][:, k],
        states["drop_rad"][:, k],
        reach=(size, size + streak),
    ) as window:
        x, y = window.x, window.y
        edge = box(x, y, size, size + column(states["drop_streak"][:, k]), size)
        light = 1.0 - (0.25 / size) * (x - y * 0.3)
        window.fill(edge - 0.003, mixed(unit.tint, 0.1), opacity=0.9, shade=light)
        glint = circle(x + 0.35 * size, y - 0.35 * size, 0.4 * size)
        window.fill(glint, (1.0, 1.0, 1.0), opacity=0.25)


def mixed(colour: Colour, white: float) -> Colour:
    """``colour`` with so much white in it."""
    r, g, b = (white + (1 - white) * c for c in colour)
    return r, g, b
