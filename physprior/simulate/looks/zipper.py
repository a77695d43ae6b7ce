"""What zippers look like: tapes with teeth on a board, the slider, and the gripper at its tab."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.props import paint_gripper
from physprior.simulate.shapes import box, circle, polygon
from physprior.simulate.twin import States

STOP, END = -0.41, 0.44
"""Where the rows begin and where the tapes' open ends are clamped."""
NOSE, REAR = 0.055, 0.050
_BENCH = 256

_TAPES: tuple[tuple[Colour, Colour], ...] = (
    ((0.10, 0.15, 0.30), (0.86, 0.82, 0.70)),
    ((0.60, 0.10, 0.12), (0.88, 0.87, 0.83)),
    ((0.10, 0.10, 0.11), (0.90, 0.74, 0.36)),
    ((0.14, 0.32, 0.20), (0.88, 0.84, 0.74)),
    ((0.86, 0.80, 0.66), (0.16, 0.20, 0.28)),
    ((0.90, 0.90, 0.88), (0.42, 0.12, 0.14)),
    ((0.88, 0.52, 0.10), (0.12, 0.17, 0.22)),
    ((0.34, 0.18, 0.42), (0.86, 0.86, 0.76)),
)
"""Fabric, and the board beneath it, which shows through the gap."""
_METALS: tuple[Colour, ...] = (
    (0.86, 0.88, 0.90),
    (0.86, 0.68, 0.26),
    (0.72, 0.44, 0.26),
    (0.52, 0.54, 0.58),
)


@dataclass(frozen=True)
class Unit:
    """One zipper; lengths in frame widths."""

    pitch: float
    tape: float
    spread: float
    tooth: float
    long: bool
    fabric: Colour
    board: Colour
    teeth: Colour
    slider: Colour

    @property
    def thread(self) -> float:
        """How much brighter the seam's thread is than the fabric."""
        return 0.7 if max(self.fabric) > 0.7 else 1.9

    @property
    def rows(self) -> NDArray[np.float64]:
        """Where each pair of teeth lies, from the stop on."""
        return np.arange(STOP + self.pitch / 2, END, self.pitch)


def draw_unit(rng: np.random.Generator) -> Unit:
    """A zipper with its teeth, its fabric and its slider."""
    fabric, board = _TAPES[rng.integers(len(_TAPES))]
    return Unit(
        pitch=float(rng.uniform(0.034, 0.044)),
        tape=float(rng.uniform(0.085, 0.135)),
        spread=float(rng.uniform(0.11, 0.15)),
        tooth=float(rng.uniform(0.017, 0.025)),
        long=bool(rng.uniform() < 0.5),
        fabric=fabric,
        board=board,
        teeth=_METALS[rng.integers(len(_METALS))],
        slider=_METALS[rng.integers(len(_METALS))],
    )


def taut(unit: Unit, slider: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the gap at ``x`` where the tapes run straight from the slider's nose to the clamps."""
    # A slider that is thrown as far as the clamps still leaves the tapes a length to span.
    nose = np.minimum(slider + 0.4 * NOSE, END - 2 * unit.pitch)
    share = (x - nose) / (END - nose)
    return np.asarray(unit.spread * np.maximum(share, 0.0))


def paint_zipper(canvas: Canvas, unit: Unit, states: States) -> None:
    """Board, stop and clamps, tapes with their teeth, slider, gripper."""
    _paint_board(canvas, unit)
    _paint_ends(canvas, unit)
    _paint_rows(canvas, unit, states)
    _paint_slider(canvas, unit, states["slider"])
    paint_gripper(canvas, states["slider"], 0.155, gap=0.034, reach=0.42)


def _paint_board(canvas: Canvas, unit: Unit) -> None:
    with canvas.part(reach=(0.50, 0.36)) as board:
        edge = box(board.x, board.y, 0.475, 0.335, 0.02)
        board.shadow(edge, soft=0.04, strength=0.3)
        board.fill(edge, unit.board, shade=1 + 0.25 * board.y)


def _paint_rows(canvas: Canvas, unit: Unit, states: States) -> None:
    with canvas.part(reach=(0.47, unit.spread + unit.tape + 0.03)) as window:
        x, y = window.x, window.y
        at = np.clip(((x[0] + 0.5) * _BENCH).astype(np.int64), 0, _BENCH - 1)
        gap = _profile(unit, states)[:, at]
        within = np.maximum(STOP - 0.005 - x, x - END + 0.01)
        inner = np.abs(y) - gap
        band = np.abs(inner - np.float32(0.6 * unit.tooth + unit.tape / 2)) - unit.tape / 2
        dash = np.abs(np.mod(x, np.float32(0.045)) - np.float32(0.0225)) - 0.014
        seam = np.abs(inner - np.float32(unit.tape - 0.01)) - 0.0035
        sewn = np.where(np.maximum(seam, dash) < 0, np.float32(unit.thread), np.float32(1))
        window.fill(np.maximum(band, within), unit.fabric, shade=sewn)
        teeth, light = [], []
        for side in (1, -1):
            # The rows stand half a pitch apart: closed, each tooth reaches between two others.
            u = np.mod(x + side * unit.pitch / 4, np.float32(unit.pitch)) - unit.pitch / 2
            along = np.maximum(np.abs(u) - 0.27 * unit.pitch, within)
            reach = np.abs((side * y - np.float32(0.45 * unit.tooth)) - gap) - unit.tooth
            teeth.append(np.maximum(reach, along))
            light.append(1 + 8 * side * u)
        shade = np.where(y > 0, *light).astype(np.float32)
        window.fill(np.minimum(*teeth), unit.teeth, shade=shade)


def _profile(unit: Unit, states: States) -> NDArray[np.float32]:
    """Half the gap all along the zipper, finely, for each frame: (frames, ``_BENCH``)."""
    x = (np.arange(_BENCH) + 0.5) / _BENCH - 0.5
    slider = states["slider"][:, None]
    teeth = np.where(unit.rows < slider - REAR, states["gap"], 0.0)
    behind = np.array([np.interp(x, unit.rows, row) if row.any() else 0 * x for row in teeth])
    return np.asarray(taut(unit, slider, x[None]) + behind, np.float32)


def _paint_ends(canvas: Canvas, unit: Unit) -> None:
    with canvas.part(STOP - 0.012, reach=(0.03, 0.06)) as stop:
        edge = box(stop.x, stop.y, 0.018, 0.042, 0.006)
        stop.fill(edge, (0.08, 0.08, 0.09))
        stop.fill(edge + 0.007, unit.slider, shade=1 + 5 * stop.y)
    for side in (1, -1):
        middle = side * (unit.spread + 0.6 * unit.tooth + unit.tape / 2)
        with canvas.part(END, middle, reach=(0.04, unit.tape / 2 + 0.03)) as clamp:
            edge = box(clamp.x, clamp.y, 0.022, unit.tape / 2 + 0.016, 0.006)
            clamp.fill(edge, (0.13, 0.14, 0.16), shade=1 - 8 * clamp.x)
            clamp.fill(circle(clamp.x, clamp.y, 0.010), (0.66, 0.68, 0.71))


def _paint_slider(canvas: Canvas, unit: Unit, at: NDArray[np.float64]) -> None:
    long = 0.012 if unit.long else 0.0
    shape = [
        (-REAR - long, -0.030),
        (0.0, -0.052),
        (NOSE, -0.056),
        (NOSE, 0.056),
        (0.0, 0.052),
        (-REAR - long, 0.030),
    ]
    with canvas.part(at, 0.05, reach=(0.085, 0.125)) as body:
        x, y = body.x, body.y + np.float32(0.05)
        plate = polygon(x, y, shape, 0.010)
        body.shadow(plate, soft=0.03, strength=0.45)
        body.fill(plate, (0.06, 0.06, 0.07))
        body.fill(plate + 0.010, unit.slider, shade=0.9 + 3.5 * y)
        notch = polygon(x, y, [(0.02, 0.0), (NOSE + 0.02, -0.022), (NOSE + 0.02, 0.022)])
        body.fill(notch, (0.05, 0.05, 0.06), opacity=0.9)
        tab = box(x, y - 0.085, 0.019, 0.085, 0.010)
        body.fill(tab, (0.06, 0.06, 0.07))
        body.fill(tab + 0.007, unit.slider, shade=1.1 - 10 * np.abs(x + 0.004))
        body.fill(box(x, y, 0.034, 0.011, 0.008), (0.10, 0.10, 0.11), opacity=0.75)
