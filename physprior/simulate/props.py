"""What stands around more than one mechanism: the robot's gripper, a table, a round motor shaft."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.shapes import Field, box, circle

STEEL: Colour = (0.66, 0.68, 0.71)
"""Bare steel."""
RUBBER: Colour = (0.11, 0.12, 0.13)
"""A gripper's pads, tyres."""


def column(values: NDArray[np.float64]) -> Field:
    """A state, one value per frame, as float32 (frames, 1, 1), beside a part's ``x`` and ``y``."""
    return values.astype(np.float32)[:, None, None]


def paint_gripper(
    canvas: Canvas,
    x: Any,
    y: Any,
    angle: Any = 0.0,
    *,
    gap: Any = 0.06,
    reach: float = 0.5,
    body: Colour = (0.30, 0.32, 0.36),
) -> None:
    """A parallel gripper, its two fingertips at (x, y) and ``gap`` apart, coming from above.

    It comes from +y in its own frame, turned by ``angle``, and is ``reach`` frame widths long.
    ``gap`` is a number or one per frame.
    """
    gaps = np.atleast_1d(np.asarray(gap, np.float64))
    half = column(gaps) / 2
    wide = float(gaps.max()) / 2 + 0.06
    # The window is laid about the arm's middle: below the fingertips there is nothing to paint.
    rise = (reach - 0.04) / 2
    turn = np.asarray(angle, np.float64) + np.pi / 2
    middle = np.asarray(x) + rise * np.cos(turn), np.asarray(y) + rise * np.sin(turn)
    with canvas.part(*middle, angle, reach=(max(0.11, wide), reach / 2 + 0.04)) as window:
        u, v = np.abs(window.x), window.y + np.float32(rise)
        fingers = box(u - half - 0.016, v - 0.075, 0.016, 0.095, 0.006)
        palm = box(window.x, v - 0.20, 0.10, 0.035, 0.012)
        wrist = box(window.x, v - 0.23 - reach / 2, 0.045, reach / 2, 0.006)
        window.shadow(np.minimum(np.minimum(fingers, palm), wrist), soft=0.035, strength=0.3)
        window.fill(wrist, STEEL, shade=1.08 - 6.0 * np.abs(window.x + 0.012))
        window.fill(fingers, STEEL, shade=0.85 + 1.2 * v)
        pads = np.maximum(box(u - half - 0.004, v, 0.006, 0.03, 0.003), -v - 0.03)
        window.fill(pads, RUBBER)
        window.fill(palm, body, shade=1.0 + 3.0 * (v - 0.2))


def paint_table(canvas: Canvas, top: float, colour: Colour) -> None:
    """A table whose upper edge lies at the height ``top``, down to the frame's lower edge."""
    with canvas.part(0.0, top - 0.35, reach=(0.95, 0.37)) as bench:
        y = bench.y - 0.35
        edge = np.abs(y + 0.35) - 0.35
        bench.shadow(edge, (0.0, 0.012), soft=0.03, strength=0.25)
        bench.fill(edge, colour, shade=1 + 0.3 * y)
        bench.fill(np.abs(y + 0.007) - 0.007, (1.0, 1.0, 1.0), opacity=0.16)


def paint_mount(part: Part, edge: Field, colour: Colour, gloss: float) -> None:
    """A plate that other things are mounted on, lit from the upper left, up to its ``edge``.

    Along the edge its chamfer shines, as strongly as ``gloss`` says.
    """
    part.shadow(edge, soft=0.05, strength=0.4)
    part.fill(edge, colour, shade=1 + 0.5 * (part.y - part.x))
    part.fill(np.abs(edge + 0.012) - 0.005, (1.0, 1.0, 1.0), opacity=gloss)


def paint_screw_head(part: Part, x: Field, y: Field, radius: float, rim: float = 0.0) -> None:
    """A small round screw head with a slot, at the origin of ``x`` and ``y``.

    With a ``rim`` it has a round hollow instead, within a rim so wide.
    """
    edge = circle(x, y, radius)
    part.fill(edge, (0.62, 0.62, 0.60), shade=1 + 6 * y)
    slot = edge + rim if rim else box(x, y, 0.7 * radius, 0.16 * radius)
    part.fill(slot, (0.1, 0.1, 0.1), opacity=0.8)


def paint_corner_screws(part: Part, at: float, radius: float, rim: float = 0.0) -> None:
    """Four screw heads, as far as ``at`` from the part's middle to the sides, up and down."""
    for u, v in ((-at, -at), (-at, at), (at, -at), (at, at)):
        paint_screw_head(part, part.x - u, part.y - v, radius, rim)
