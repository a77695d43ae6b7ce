"""What the toothpaste tube looks like: the tube from above, the gripper's fingers, the paste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.props import RUBBER, STEEL, column
from physprior.simulate.shapes import Field, box
from physprior.simulate.twin import States

FRAME_M = 0.18
"""The width of the frame: the tube is about fourteen centimetres long."""
_PAD = 0.045
_FIN = 0.045
"""How long the weld at the tube's end is."""

_TUBES: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((0.80, 0.13, 0.15), (0.95, 0.94, 0.92), (0.93, 0.93, 0.92)),
    ((0.10, 0.30, 0.68), (0.93, 0.93, 0.95), (0.90, 0.20, 0.16)),
    ((0.07, 0.47, 0.40), (0.92, 0.86, 0.30), (0.10, 0.16, 0.20)),
    ((0.95, 0.58, 0.08), (0.16, 0.24, 0.56), (0.16, 0.24, 0.56)),
    ((0.40, 0.20, 0.55), (0.84, 0.92, 0.95), (0.92, 0.92, 0.95)),
    ((0.14, 0.17, 0.22), (0.20, 0.80, 0.74), (0.80, 0.16, 0.16)),
    ((0.93, 0.93, 0.93), (0.10, 0.42, 0.75), (0.10, 0.42, 0.75)),
)
"""The skin, its print and its cap."""
_PASTES: tuple[Colour, ...] = ((0.99, 1.00, 0.99), (0.72, 0.95, 0.90), (0.98, 0.93, 0.82))


@dataclass(frozen=True)
class Unit:
    """One tube; lengths in frame widths. It lies along x, its weld on the left, its cap right."""

    kind: int
    """0 has a long cap, 1 a narrow ribbed one, 2 a flat one as wide as the tube."""
    radius: float
    """Half the width behind the cap."""
    tail: float
    """Half the width at the weld."""
    weld: float
    shoulder: float
    """Where the tube begins, behind its cap."""
    grip: float
    """Where the fingers press."""
    skin: Colour
    print_: Colour
    cap: Colour
    paste: Colour

    @property
    def cap_size(self) -> tuple[float, float]:
        """The cap's length and half its width."""
        return ((0.12, 0.075), (0.09, 0.048), (0.065, 0.105))[self.kind]

    def half(self, x: Any) -> Any:
        """Half the width of the tube at rest."""
        u = np.clip((self.shoulder - x) / (self.shoulder - self.weld), 0, 1)
        neck = self.cap_size[1] - 0.012
        rise = 1 - np.clip((self.shoulder - x) / 0.07, 0, 1)
        wide = self.radius + (self.tail - self.radius) * u - neck
        return neck + wide * np.sqrt(1 - rise * rise)

    def shares(self, x: Any) -> tuple[Any, Any, Any]:
        """How much the wall moves: on the weld's side, on the cap's, and between the fingers."""
        return (
            _hump(x, self.weld, self.grip - 0.05),
            _hump(x, self.grip + 0.05, self.shoulder),
            1 - _smooth((np.abs(x - self.grip) - 0.03) / 0.07),
        )


def _smooth(value: Any) -> Any:
    t = np.clip(value, 0, 1)
    return t * t * (3 - 2 * t)


def _hump(x: Any, low: float, high: float) -> Any:
    t = np.clip((x - low) / (high - low), 0, 1)
    return 4 * t * (1 - t)


def draw_unit(rng: np.random.Generator) -> Unit:
    """A tube of one of three kinds, with its proportions and its print."""
    skin, print_, cap = _TUBES[rng.integers(len(_TUBES))]
    kind = int(rng.integers(3))
    return Unit(
        kind=kind,
        radius=float(rng.uniform(*((0.105, 0.12), (0.09, 0.105), (0.115, 0.13))[kind])),
        tail=float(rng.uniform(*((0.14, 0.155), (0.12, 0.135), (0.15, 0.17))[kind])),
        weld=float(rng.uniform(-0.38, -0.34)),
        shoulder=float(rng.uniform(0.26, 0.29)),
        grip=float(rng.uniform(-0.06, 0.0)),
        skin=skin,
        print_=print_,
        cap=cap,
        paste=_PASTES[rng.integers(len(_PASTES))],
    )


def wall_at(unit: Unit, states: States, x: float) -> NDArray[np.float64]:
    """Half the tube's width at ``x`` in every frame."""
    rear, front, dent = unit.shares(x)
    half = unit.half(x) + rear * states["rear"] + front * states["front"]
    return np.asarray(half - dent * states["dent"], np.float64)


def paint(canvas: Canvas, unit: Unit, states: States) -> None:
    """Cap and weld, the paste outside, the tube, and the fingers."""
    _paint_ends(canvas, unit)
    if states["heap"].any():
        _paint_paste(canvas, unit, states)
    _paint_tube(canvas, unit, states)
    if states["heap"].any():
        _paint_smear(canvas, unit, states)
    _paint_fingers(canvas, unit, states)


def _paint_ends(canvas: Canvas, unit: Unit) -> None:
    long, wide = unit.cap_size
    with canvas.part(unit.shoulder + long / 2, reach=(long / 2 + 0.03, wide + 0.03)) as window:
        x, y = window.x, window.y
        cap = box(x + 0.006, y, long / 2 + 0.006, wide, 0.012)
        window.shadow(cap, soft=0.04, strength=0.45)
        light = 1.05 - 0.45 * (y / wide) ** 2 + 0.25 * y / wide
        if unit.kind != 2:
            ribs = np.abs(np.mod(y, np.float32(0.024)) - np.float32(0.012))
            light = light - 0.25 + 40 * ribs
        window.fill(cap - 0.004, (0.10, 0.11, 0.13), opacity=0.8)
        window.fill(cap, unit.cap, shade=light)
        if unit.kind != 1:
            lid = np.maximum(cap, np.abs(x - 0.2 * long) - 0.004)
            window.fill(lid, (0.0, 0.0, 0.0), opacity=0.4)
    with canvas.part(unit.weld - _FIN / 2, reach=(_FIN / 2 + 0.04, unit.tail + 0.03)) as window:
        x, y = window.x, window.y
        fin = box(x, y, _FIN / 2 + 0.01, unit.tail + 0.003, 0.004)
        window.shadow(fin, soft=0.04, strength=0.45)
        ridges = np.abs(np.mod(x, np.float32(0.015)) - np.float32(0.0075))
        window.fill(fin - 0.004, (0.10, 0.11, 0.13), opacity=0.8)
        window.fill(fin, unit.skin, shade=0.75 + 70 * ridges)


def _paint_tube(canvas: Canvas, unit: Unit, states: States) -> None:
    middle, long = (unit.shoulder + unit.weld) / 2, (unit.shoulder - unit.weld) / 2
    bulge = float(max(states["rear"].max(), states["front"].max(), 0.0))
    reach = (long + 0.01, max(unit.radius, unit.tail) + bulge + 0.02)
    with canvas.part(middle, reach=reach) as window:
        # The tube lies still: all that changes in time is how far its wall is out.
        x, y = window.x + np.float32(middle), window.y
        rear, front, dent = unit.shares(x)
        half = unit.half(x) + column(states["rear"]) * rear + column(states["front"]) * front
        half = half - column(states["dent"]) * dent
        ends = np.maximum(unit.weld - x, x - unit.shoulder)
        edge = np.maximum(0.95 * (np.abs(y) - half), ends)
        out = np.clip(y / half, -1, 1)
        # Round at the cap, flat at the weld; a tube that has run empty is flat all over.
        round_ = np.clip((x - unit.weld) * 2.2 + 0.15, 0.15, 1)
        light = 1.02 + round_ * (0.16 - 0.50 * out * out + 0.30 * out)
        light = light - 1.6 * column(states["dent"]) * dent * (0.4 + np.abs(out))
        window.shadow(edge, (0.014, -0.02), soft=0.04, strength=0.4)
        window.fill(edge, (0.08, 0.08, 0.10))
        window.fill(edge + 0.009, unit.skin, shade=light)
        window.fill(np.maximum(edge + 0.009, _printed(unit, x, out)), unit.print_, shade=light)
        shine = np.maximum(np.abs(out - 0.52) - 0.09, edge + 0.02) * 0.1
        window.fill(shine, (1.0, 1.0, 1.0), opacity=0.45 * round_)


def _printed(unit: Unit, x: Field, out: Field) -> Field:
    """Distance to the print; ``out`` is how far aside of the middle a point is, from -1 to 1."""
    y = 0.11 * out
    if unit.kind == 0:
        wave = np.abs(x - 0.16 - 0.9 * y) - 0.035
        return np.asarray(np.minimum(wave, box(x + 0.20, y, 0.075, 0.040, 0.02)))
    if unit.kind == 1:
        rings = np.abs(np.abs(x - 0.14) - 0.045) - 0.012
        return np.asarray(np.minimum(rings, box(x + 0.21, y, 0.09, 0.028)))
    half = 0.13 + 0.5 * y - x
    dot = np.sqrt((x + 0.20) ** 2 + y * y) - 0.05
    return np.asarray(np.minimum(half, dot))


def _paint_paste(canvas: Canvas, unit: Unit, states: States) -> None:
    """What has come out: a thick strand that lies beside the tube, a thin one leads to the split.

    ``turn_rad`` says how the thick one lies and winds.
    """
    side, at = float(states["side"][0]), float(states["mouth"][0])
    heap, away = states["heap"], states["heap_y"]
    largest, farthest = float(heap.max()), float(away.max())
    near = float(wall_at(unit, states, at).min()) - 0.02
    reach = (1.95 * largest + 0.03, (farthest + 1.5 * largest - near) / 2 + 0.02)
    centre = (farthest + 1.5 * largest + near) / 2
    turn = float(states["turn_rad"][0])
    c, s = np.float32(np.cos(0.35 * np.sin(turn))), np.float32(np.sin(0.35 * np.sin(turn)))
    with canvas.part(at, side * centre, reach=reach) as window:
        x, y = window.x, side * window.y + np.float32(centre)
        v, r = y - column(away), np.maximum(column(heap), 1e-4)
        along, across = (x * c + v * s) / r, (v * c - x * s) / r
        run = np.clip(along, -1.15, 1.15)
        across = across - 0.24 * np.sin(2.1 * run + np.float32(turn))
        # It is thickest in the middle, and its ends are blunt.
        thick = 0.70 - 0.16 * run * run
        edge = 0.85 * r * (np.sqrt((along - run) ** 2 + across * across) - thick)
        thin = np.minimum(0.5 * r, np.float32(0.024))
        strand = np.maximum(np.abs(x) - thin, np.maximum(v, near - y))
        edge = np.where(column(heap) > 0, np.minimum(edge, strand), np.float32(1))
        window.shadow(edge, soft=0.03, strength=0.4)
        window.fill(edge - 0.006, (0.13, 0.16, 0.18), opacity=0.85)
        bulge = np.clip(across / thick, -1, 1) * np.float32(side)
        light = 0.98 + 0.10 * bulge - 0.22 * bulge * bulge
        window.fill(edge, unit.paste, shade=light)


def _paint_smear(canvas: Canvas, unit: Unit, states: States) -> None:
    """What of the paste clings to the tube's wall, about the split."""
    side, at, heap = float(states["side"][0]), float(states["mouth"][0]), states["heap"]
    wall, largest = side * (wall_at(unit, states, at) - 0.020), float(heap.max())
    with canvas.part(at, wall, reach=(1.3 * largest + 0.01, 0.032)) as window:
        long = np.maximum(column(heap), 1e-4)
        x = window.x - 0.25 * long
        high = np.float32(0.018) * (1 - (x / long) ** 2) + 0.003 * np.sin(x * 90)
        edge = np.where(column(heap) > 0, np.abs(window.y) - high, np.float32(1))
        window.fill(edge, unit.paste, opacity=0.8, shade=0.94 + 6 * window.y, soft=0.01)


def _paint_fingers(canvas: Canvas, unit: Unit, states: States) -> None:
    # One finger is the other's mirror image: the lower half is folded onto the upper.
    with canvas.part(unit.grip, reach=(0.085, 0.6)) as window:
        x, y = window.x, np.abs(window.y) - column(states["pad"])
        metal = np.minimum(
            box(x, y - 0.45, 0.040, 0.40, 0.006), box(x, y - 0.045, 0.062, 0.020, 0.006)
        )
        rubber = box(x, y - 0.016, _PAD + 0.008, 0.018, 0.012)
        window.shadow(np.minimum(metal, rubber), (0.016, -0.022), soft=0.04, strength=0.35)
        window.fill(metal - 0.004, (0.15, 0.16, 0.18))
        window.fill(rubber, RUBBER)
        window.fill(metal, STEEL, shade=1.05 - 5.0 * np.abs(x + 0.012))
        window.fill(np.maximum(np.abs(y - 0.085) - 0.004, metal), (0.0, 0.0, 0.0), opacity=0.4)
