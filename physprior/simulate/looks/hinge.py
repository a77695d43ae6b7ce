"""How the hinge looks: seen along its pin, from a little above, so that leaves have a face."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, pi

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.props import STEEL, column, paint_table
from physprior.simulate.shapes import Field, box, circle, slab
from physprior.simulate.twin import States

PIN = (-0.11, -0.13)
"""Where the pin's front end is."""
DEEP = (0.19, 0.09)
"""From the front end of the pin to its back end, as the camera sees it: no leaf that stands open by
18 to 140 degrees is seen edge on."""
TABLE = -0.34
THICK = 0.030
"""The thickness of a leaf."""
BARREL = 0.042
"""The radius of the knuckles."""
_GRASP = 0.055
"""How far from a leaf's end the fingertips hold it."""
_LENGTH = hypot(*DEEP)
_BRASS: Colour = (0.93, 0.72, 0.22)
STEELS: tuple[Colour, ...] = (
    (0.82, 0.84, 0.87),
    (0.90, 0.74, 0.34),
    (0.34, 0.36, 0.40),
    (0.78, 0.46, 0.28),
    (0.94, 0.93, 0.90),
)
BLOCKS: tuple[Colour, ...] = (
    (0.44, 0.26, 0.13),
    (0.16, 0.22, 0.32),
    (0.30, 0.14, 0.12),
    (0.14, 0.28, 0.22),
)
TABLES: tuple[Colour, ...] = ((0.20, 0.21, 0.23), (0.25, 0.19, 0.15), (0.15, 0.21, 0.24))


@dataclass(frozen=True)
class Unit:
    """One hinge; lengths in frame widths."""

    leaf: float
    full_rad: float
    holes: int
    steel: Colour
    other: Colour
    block: Colour
    table: Colour

    @property
    def grasp(self) -> float:
        """How far from the pin the fingertips hold the leaf."""
        return self.leaf - _GRASP


def paint_hinge(canvas: Canvas, unit: Unit, states: States) -> None:
    """The block with the fixed leaf, the moving leaf and its gripper, the knuckles, the pin."""
    paint_table(canvas, TABLE, unit.table)
    _paint_block(canvas, unit)
    still = np.zeros(1)
    _paint_leaf(canvas, unit, still + PIN[0], still + PIN[1], still + pi, unit.steel)
    _paint_knuckles(canvas, unit.steel, PIN[0], PIN[1], (0.1, 0.5, 0.9))
    x, y, turn = states["leaf_x"], states["leaf_y"], states["leaf_rad"]
    _paint_leaf(canvas, unit, x, y, turn, unit.other)
    _paint_knuckles(canvas, unit.other, x, y, (0.3, 0.7))
    _paint_bore(canvas)
    _paint_pin(canvas, states)
    _paint_gripper(canvas, unit, states)


def _paint_block(canvas: Canvas, unit: Unit) -> None:
    top = PIN[1] - 0.5 * THICK
    wide, tall = unit.leaf + 0.03, top - TABLE
    with canvas.part(
        PIN[0] - BARREL - wide / 2,
        (top + TABLE) / 2,
        reach=(wide / 2 + DEEP[0], tall / 2 + DEEP[1]),
    ) as block:
        x, y = block.x, block.y
        front = box(x, y, wide / 2, tall / 2, 0.004)
        lift = np.clip(y - tall / 2, 0, DEEP[1])
        above = box(x - lift * (DEEP[0] / DEEP[1]), y, wide / 2, 9.0)
        above = np.maximum(above, np.abs(y - tall / 2 - DEEP[1] / 2) - DEEP[1] / 2)
        block.shadow(np.minimum(front, above), soft=0.05, strength=0.4)
        block.fill(above, unit.block, shade=1.25 + 0.6 * x)
        # Its right side, which lies in the shade.
        into = np.clip(x - wide / 2, 0, DEEP[0])
        side = box(
            x - wide / 2 - DEEP[0] / 2, y - into * (DEEP[1] / DEEP[0]), DEEP[0] / 2, tall / 2
        )
        block.fill(side, unit.block, shade=0.55 + 0.0 * y)
        grain = 0.06 * np.sin(60 * y + 4 * np.sin(9 * x))
        block.fill(front, unit.block, shade=0.9 + grain + 0.4 * y)
        block.fill(np.abs(front + 0.004) - 0.003, (0.0, 0.0, 0.0), opacity=0.3)


def _paint_leaf(
    canvas: Canvas,
    unit: Unit,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    turn: NDArray[np.float64],
    colour: Colour,
) -> None:
    """A plate from the pin outwards, as deep as the pin is long."""
    cos, sin, half = np.cos(turn), np.sin(turn), unit.leaf / 2
    middle = (x + half * cos + DEEP[0] / 2, y + half * sin + DEEP[1] / 2)
    wide = float((np.abs(half * cos).max()) + DEEP[0] / 2 + THICK)
    tall = float((np.abs(half * sin).max()) + DEEP[1] / 2 + THICK)
    with canvas.part(*middle, reach=(wide, tall)) as leaf:
        c, s = column(cos), column(sin)
        # From the front end of the pin, along the leaf, across it, and into the depth.
        u = leaf.x + np.float32(half) * c + np.float32(DEEP[0] / 2)
        v = leaf.y + np.float32(half) * s + np.float32(DEEP[1] / 2)
        across = c * v - s * u
        rise = c * np.float32(DEEP[1]) - s * np.float32(DEEP[0])
        out = (u * np.float32(DEEP[1]) - v * np.float32(DEEP[0])) / rise
        high = np.abs(rise)
        end = (np.abs(out - np.float32(half)) - np.float32(half)) * (high * (1 / _LENGTH))
        face = np.maximum(end, np.abs(across - rise / 2) - high / 2) - np.float32(THICK / 2)
        front = slab(u * c + v * s - np.float32(half), across, half, THICK / 2)
        plate = np.minimum(face, front)
        leaf.fill(plate - 0.004, (0.05, 0.05, 0.06))
        leaf.fill(face, colour, shade=1.0 + 0.9 * rise + 0.3 * across)
        _paint_holes(leaf, unit, out, across / rise, high)
        leaf.fill(front, colour, shade=0.70 + 0.0 * across)


def _paint_holes(leaf: Part, unit: Unit, out: Field, depth: Field, rise: Field) -> None:
    """Countersunk screw holes, in two rows, one behind the other."""
    pitch = (unit.leaf - BARREL) / unit.holes
    seat = np.clip(np.round((out - BARREL) / pitch - 0.5), 0, unit.holes - 1)
    u = out - BARREL - (seat + 0.5) * np.float32(pitch)
    v = (np.abs(depth - 0.5) - 0.24) * np.float32(0.30)
    hole = circle(u, v, 0.026) * np.minimum(1, rise * (1 / 0.15))
    leaf.fill(hole, (0.07, 0.07, 0.08), opacity=0.85)


def _paint_knuckles(
    canvas: Canvas, colour: Colour, x: object, y: object, places: tuple[float, ...]
) -> None:
    """Those sections of the barrel that belong to one leaf; ``places`` are shares of its length."""
    middle_x, middle_y = np.asarray(x) + DEEP[0] / 2, np.asarray(y) + DEEP[1] / 2
    with canvas.part(
        middle_x, middle_y, atan2(DEEP[1], DEEP[0]), reach=(_LENGTH / 2 + 0.01, BARREL + 0.02)
    ) as barrel:
        along, across = barrel.x, barrel.y
        sections = None
        for place in places:
            one = np.abs(along - np.float32((place - 0.5) * _LENGTH)) - np.float32(0.1 * _LENGTH)
            sections = one if sections is None else np.minimum(sections, one)
        assert sections is not None
        edge = np.maximum(np.abs(across) - BARREL, sections)
        barrel.fill(edge - 0.003, (0.05, 0.05, 0.06))
        barrel.fill(edge + 0.002, colour, shade=1.15 - 14 * np.abs(across - 0.012))


def _paint_bore(canvas: Canvas) -> None:
    with canvas.part(*PIN, reach=(BARREL + 0.01, BARREL + 0.01)) as bore:
        edge = circle(bore.x, bore.y, BARREL)
        bore.fill(edge, (0.05, 0.05, 0.06))
        bore.fill(edge + 0.005, (0.62, 0.62, 0.62), shade=1.0 + 4.0 * bore.y)
        bore.fill(edge + 0.016, (0.03, 0.03, 0.03))


def _paint_pin(canvas: Canvas, states: States) -> None:
    """As much of the pin as has come out, and its head."""
    shown = np.clip(states["pin_out"], 0.0, 1.0) * _LENGTH
    c, s = DEEP[0] / _LENGTH, DEEP[1] / _LENGTH
    turn = states["pin_rad"] + atan2(s, c)
    x = states["pin_x"] + _LENGTH / 2 * np.cos(turn)
    y = states["pin_y"] + _LENGTH / 2 * np.sin(turn)
    with canvas.part(x, y, turn, reach=(_LENGTH / 2 + 0.05, 0.05)) as pin:
        along = pin.x + np.float32(_LENGTH / 2)
        length = column(shown)
        shaft = box(along - length / 2, pin.y, length / 2, 0.018)
        head = circle(along, pin.y, 0.031)
        edge = np.minimum(shaft, head)
        pin.shadow(edge, soft=0.02, strength=0.4)
        pin.fill(edge - 0.004, (0.10, 0.06, 0.02))
        pin.fill(shaft, _BRASS, shade=1.0 - 16 * np.abs(pin.y - 0.004))
        pin.fill(head, _BRASS, shade=1.05 + 5.0 * pin.y - 3.0 * along)


def _paint_gripper(canvas: Canvas, unit: Unit, states: States) -> None:
    """Two fingers about the leaf's end, in the middle of its depth, and the palm behind them."""
    turn = states["grip_rad"]
    away = unit.grasp + 0.17 + states["grip_away"]
    x = PIN[0] + away * np.cos(turn) + 0.5 * DEEP[0]
    y = PIN[1] + away * np.sin(turn) + 0.5 * DEEP[1]
    with canvas.part(x, y, turn, reach=(0.21, 0.10)) as gripper:
        u, v = gripper.x + np.float32(0.17), np.abs(gripper.y)
        fingers = slab(u - 0.075, v - (THICK / 2 + 0.022), 0.095, 0.017)
        palm = slab(u - 0.20, v, 0.035, 0.09)
        whole = np.minimum(np.minimum(fingers, palm), slab(u - 0.40, v, 0.18, 0.045))
        gripper.fill(whole - 0.005, (0.08, 0.08, 0.09))
        gripper.fill(whole, STEEL, shade=1.05 - 4.0 * v)
        gripper.fill(palm, (0.93, 0.48, 0.10), shade=1.05 - 2.0 * v)
