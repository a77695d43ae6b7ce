"""How the magnet, its counterpart and their station look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.props import paint_gripper, paint_screw_head, paint_table
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.twin import States

TABLE = -0.28
CORE_HALF = 0.095
CORE_HEIGHT = 0.125
DEPTH = 0.095
"""How deep the core sits in its shell."""
_WALL = 0.024
_TOP = 0.035
_LIP = 0.028
"""How high the guide's front lip reaches over the counterpart's lower edge."""
_SLOT = 0.009
"""Half the width of the dark slot between the lips."""
_FOOT = 0.028
"""How far the guide reaches down before the table's edge."""

SHELLS: tuple[Colour, ...] = (
    (0.93, 0.72, 0.12),
    (0.14, 0.42, 0.30),
    (0.16, 0.17, 0.20),
    (0.90, 0.90, 0.87),
    (0.88, 0.45, 0.12),
    (0.42, 0.24, 0.52),
)
POLES: tuple[tuple[Colour, Colour], ...] = (
    ((0.82, 0.13, 0.12), (0.13, 0.28, 0.72)),
    ((0.86, 0.18, 0.14), (0.92, 0.92, 0.90)),
    ((0.80, 0.14, 0.14), (0.12, 0.52, 0.30)),
)
IRONS: tuple[Colour, ...] = (
    (0.27, 0.28, 0.31),
    (0.42, 0.27, 0.19),
    (0.34, 0.40, 0.47),
    (0.20, 0.22, 0.22),
)
TABLES: tuple[Colour, ...] = (
    (0.30, 0.24, 0.19),
    (0.19, 0.24, 0.29),
    (0.24, 0.29, 0.24),
    (0.82, 0.80, 0.75),
)


@dataclass(frozen=True)
class Unit:
    """One magnet with its counterpart; lengths in frame widths."""

    horseshoe: bool
    """Whether the core is a horseshoe, or else a block."""
    half: float
    """Half the counterpart's length."""
    thick: float
    """How high the counterpart stands above the table."""
    holes: int
    pull_n: float
    """What the sound core pulls with where it touches."""
    iron_kg: float
    shell: Colour
    poles: tuple[Colour, Colour]
    iron: Colour
    table: Colour


def paint_magnet(canvas: Canvas, unit: Unit, states: States) -> None:
    """Table with a scale, counterpart in its guide, shell, core, and the gripper on the knob."""
    _paint_table(canvas, unit)
    _paint_iron(canvas, unit, states)
    top = TABLE + unit.thick
    bottom = top + states["height"] + CORE_HEIGHT - DEPTH
    # A block in its place covers the hollow of the shell wholly.
    if unit.horseshoe or (states["height"] > states["core"] + 1e-4).any():
        with canvas.part(states["x"], bottom + DEPTH / 2, reach=(0.11, 0.05)) as hollow:
            inside = box(hollow.x, hollow.y, CORE_HALF + 0.012, DEPTH / 2)
            hollow.fill(inside, (0.05, 0.05, 0.06))
    _paint_core(canvas, unit, states["core_x"], top + states["core"])
    _paint_shell(canvas, unit, states["x"], bottom)
    paint_gripper(canvas, states["x"], bottom + DEPTH + _TOP + 0.035, gap=0.066, reach=0.43)


def _paint_table(canvas: Canvas, unit: Unit) -> None:
    paint_table(canvas, TABLE, unit.table)
    with canvas.part(0.0, TABLE - 0.055, reach=(0.75, 0.03)) as scale:
        x, y = scale.x, scale.y
        scale.fill(np.abs(y) - 0.024, (0.86, 0.84, 0.74))
        beside = np.abs(x - np.round(x / 0.05) * np.float32(0.05)) - 0.004
        scale.fill(np.maximum(beside, np.abs(y - 0.011) - 0.013), (0.1, 0.1, 0.1), opacity=0.8)


def _paint_iron(canvas: Canvas, unit: Unit, states: States) -> None:
    high = unit.thick
    with canvas.part(0.0, TABLE + _LIP + 0.008, reach=(0.65, 0.016)) as back:
        # The guide's rear lip, and the dark slot out of which the counterpart stands.
        back.fill(np.abs(back.y) - 0.016, (0.17, 0.18, 0.20), shade=1.0 + 14 * back.y)
        back.fill(np.abs(back.y - 0.0135) - 0.0025, (1.0, 1.0, 1.0), opacity=0.45)
        back.fill(np.abs(back.y + 0.008) - _SLOT, (0.01, 0.01, 0.01))
    y = TABLE + high / 2 + states["iron_y"]
    with canvas.part(states["iron_x"], y, reach=(unit.half + 0.01, high / 2 + 0.01)) as bar:
        u, v = bar.x, bar.y
        body = box(u, v, unit.half, high / 2, 0.008)
        bar.shadow(body, (0.010, -0.012), soft=0.03, strength=0.4)
        bar.fill(body, unit.iron, shade=1.0 + 7.0 * v)
        bar.fill(np.maximum(body, high / 2 - 0.010 - v), (1.0, 1.0, 1.0), opacity=0.35)
        pitch = 2 * unit.half / unit.holes
        w = u + unit.half
        at = w - (np.floor(w / pitch) + np.float32(0.5)) * np.float32(pitch)
        hole = np.maximum(circle(at, v - 0.010, 0.2 * high), body + 0.012)
        bar.fill(hole, (0.88, 0.87, 0.82), opacity=0.85)
        # A painted end, so that one end is told from the other.
        bar.fill(np.maximum(body, unit.half - 0.045 - u), (0.95, 0.80, 0.15), shade=1 + 4 * v)
    _paint_guide(canvas)


def _paint_guide(canvas: Canvas) -> None:
    """The guide's front lip, screwed down, over the lower edge of what slides behind it."""
    half = (_LIP + _FOOT) / 2
    with canvas.part(0.0, TABLE + (_LIP - _FOOT) / 2, reach=(0.65, half + 0.01)) as guide:
        x, y = guide.x, guide.y
        edge = np.abs(y) - np.float32(half)
        # The lip's shadow on the counterpart, which goes on down behind it.
        guide.fill(np.abs(y - half) - 0.007, (0.0, 0.0, 0.0), opacity=0.75)
        guide.fill(edge, (0.10, 0.11, 0.13), shade=1.0 + 10 * y)
        guide.fill(np.abs(y - half + 0.004) - 0.003, (1.0, 1.0, 1.0), opacity=0.55)
        at = x - np.round(x / 0.16) * np.float32(0.16)
        paint_screw_head(guide, at, y + 0.002, 0.014)


def _paint_core(canvas: Canvas, unit: Unit, x: object, y: object) -> None:
    """The core, its lower face at ``y``."""
    left, right = unit.poles
    middle = np.asarray(y) + CORE_HEIGHT / 2
    with canvas.part(x, middle, reach=(CORE_HALF + 0.01, CORE_HEIGHT / 2 + 0.01)) as core:
        u, v = core.x, core.y
        body = box(u, v, CORE_HALF, CORE_HEIGHT / 2, 0.006)
        light = 1.0 + 2.0 * v
        if unit.horseshoe:
            arch = np.hypot(u, np.maximum(v - 0.008, 0)) - np.float32(0.036)
            body = np.maximum(body, -arch)
            core.fill(body, left, shade=light)
            tips = np.maximum(body, v + CORE_HEIGHT / 2 - 0.036)
            core.fill(tips, (0.90, 0.91, 0.93), shade=1.0 + 4.0 * v + 0.2)
            return
        core.fill(body, left, shade=light)
        core.fill(np.maximum(body, -u), right, shade=light)
        core.fill(np.maximum(np.abs(u) - 0.004, body), (0.08, 0.08, 0.08), opacity=0.7)
        _paint_letters(core, u, v + 0.026)


def _paint_letters(core: Part, u: Field, v: Field) -> None:
    """N and S, as light strokes, on the two poles."""
    a, b = u + CORE_HALF / 2, u - CORE_HALF / 2
    n = np.minimum(np.abs(np.abs(a) - 0.020), np.abs(a + v) * 0.7)
    s = np.minimum(np.minimum(np.abs(v), np.abs(np.abs(v) - 0.022)), np.abs(b + v) * 1.4)
    n = np.maximum(n - 0.005, np.maximum(np.abs(a), np.abs(v)) - 0.025)
    s = np.maximum(s - 0.005, np.maximum(np.abs(b), np.abs(v) - 0.006) - 0.020)
    core.fill(np.minimum(n, s), (1.0, 1.0, 0.97), opacity=0.9)


def _paint_shell(canvas: Canvas, unit: Unit, x: object, bottom: object) -> None:
    """Two walls, a top and the knob by which the gripper holds it; the walls end at ``bottom``."""
    middle = np.asarray(bottom) + DEPTH / 2
    wide = CORE_HALF + _WALL
    with canvas.part(x, middle, reach=(wide + 0.02, DEPTH / 2 + _TOP + 0.08)) as shell:
        u, v = shell.x, shell.y
        walls = box(np.abs(u) - (CORE_HALF + _WALL / 2), v, _WALL / 2, DEPTH / 2, 0.003)
        top = box(u, v - (DEPTH + _TOP) / 2, wide, _TOP / 2, 0.010)
        knob = box(u, v - DEPTH / 2 - _TOP - 0.035, 0.032, 0.045, 0.008)
        edge = np.minimum(np.minimum(walls, top), knob)
        shell.shadow(edge, (0.010, -0.012), soft=0.03, strength=0.35)
        shell.fill(edge, unit.shell, shade=1.05 - 2.5 * np.abs(u + 0.03))
        shell.fill(np.abs(top + 0.006) - 0.003, (1.0, 1.0, 1.0), opacity=0.3)
