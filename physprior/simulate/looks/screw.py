"""What screws look like: thread and head from the side, the driver above, the block cut open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.props import STEEL, column
from physprior.simulate.shapes import Field, box

SURFACE = -0.16
"""The height of the block's upper face."""

_METALS: tuple[Colour, ...] = (
    (0.80, 0.82, 0.85),
    (0.86, 0.68, 0.28),
    (0.34, 0.35, 0.39),
    (0.74, 0.48, 0.30),
    (0.64, 0.70, 0.80),
)
_BLOCKS: tuple[Colour, ...] = (
    (0.72, 0.50, 0.28),
    (0.50, 0.32, 0.18),
    (0.20, 0.34, 0.42),
    (0.32, 0.42, 0.26),
    (0.78, 0.68, 0.50),
    (0.30, 0.30, 0.34),
)
_CHUCKS: tuple[Colour, ...] = (
    (0.16, 0.17, 0.20),
    (0.12, 0.26, 0.50),
    (0.55, 0.14, 0.12),
    (0.13, 0.36, 0.24),
)
_MARKS: tuple[Colour, ...] = ((0.98, 0.85, 0.10), (1.0, 0.45, 0.10), (0.95, 0.95, 0.92))
_DARK: Colour = (0.05, 0.05, 0.06)
_TURN = np.float32(2 * np.pi)

Place = tuple[NDArray[np.float64], NDArray[np.float64]]
"""How far beside the hole the tip stands, and how far the axis leans (rad), in every frame."""


@dataclass(frozen=True)
class Look:
    """A screw's and its station's shape and colours; lengths in frame widths."""

    length: float
    """From the tip to the underside of the head."""
    core: float
    thread: float
    """The thread's outer radius."""
    head: float
    head_height: float
    flange: float
    """How far a flange reaches out under the head; none where it is zero."""
    metal: Colour
    block: Colour
    grained: bool
    chuck: Colour
    mark: Colour


def draw_look(rng: np.random.Generator) -> Look:
    """A screw with its proportions and colours."""
    core = float(rng.uniform(0.042, 0.056))
    block = int(rng.integers(len(_BLOCKS)))
    return Look(
        length=float(rng.uniform(0.245, 0.285)),
        core=core,
        thread=core + float(rng.uniform(0.022, 0.030)),
        head=float(rng.uniform(0.095, 0.125)),
        head_height=float(rng.uniform(0.060, 0.085)),
        flange=float(rng.choice((0.0, 0.03))),
        metal=_METALS[rng.integers(len(_METALS))],
        block=_BLOCKS[block],
        grained=block in (0, 1, 4),
        chuck=_CHUCKS[rng.integers(len(_CHUCKS))],
        mark=_MARKS[rng.integers(len(_MARKS))],
    )


def paint_block(canvas: Canvas, look: Look) -> None:
    """The block, cut open so that the hole is seen in its front."""
    half = 0.35
    with canvas.part(0.0, SURFACE - half, reach=(0.42, half + 0.02)) as block:
        x, y = block.x, block.y - half
        edge = box(block.x, block.y, 0.40, half, 0.008)
        block.shadow(edge, (0.014, -0.004), soft=0.04, strength=0.35)
        block.fill(edge, look.block, shade=1.0 + 0.35 * (y + 0.15))
        if look.grained:
            lines = np.sin(42 * y + 5 * np.sin(3.1 * x) + 1.3)
            block.fill(np.maximum(edge, 0.55 - lines), _DARK, opacity=0.12)
        block.fill(np.maximum(edge, -0.016 - y), (1.0, 1.0, 1.0), opacity=0.28)
        hole = np.maximum(np.abs(x) - look.core - 0.008, -y - look.length - 0.03)
        hole = np.maximum(np.minimum(hole, np.abs(x) - y - look.core - 0.026), y)
        block.fill(hole - 0.007, (1.0, 1.0, 1.0), opacity=0.22)
        block.fill(hole, (0.10, 0.09, 0.09), shade=1.0 + 4.0 * x)


def _origin(look: Look, depth: NDArray[np.float64], place: Place) -> Place:
    """Where the underside of the head is, for an axis that leans about the tip."""
    beside, lean = place
    up = look.length
    x = beside + up * np.sin(lean)
    y = SURFACE - depth + up * np.cos(lean)
    return x, y


def paint_screw(
    canvas: Canvas,
    look: Look,
    turns: float,
    depth: NDArray[np.float64],
    turned: NDArray[np.float64],
    place: Place,
) -> None:
    """The screw ``depth`` in the hole and ``turned`` clockwise, as seen from above (rad)."""
    x0, y0 = _origin(look, depth, place)
    turn = column(turned)
    with canvas.part(x0, y0, -place[1], reach=(look.head + look.flange, look.length)) as screw:
        x, y = screw.x, screw.y
        _paint_shank(screw, look, turns, x, y, turn)
        head = box(x, y - look.head_height / 2, look.head, look.head_height / 2, 0.008)
        screw.shadow(head, (0.010, -0.014), soft=0.025, strength=0.35)
        theta = np.arcsin(np.clip(x / look.head, -1, 1))
        # Six flats: each is lit by where it faces, and one of them is painted.
        flat = np.floor(np.mod(theta + turn, _TURN) * (6 / _TURN))
        facing = (flat + 0.5) * (_TURN / 6) - turn
        light = 0.72 + 0.34 * np.cos(facing + 0.5)
        screw.fill(head, look.metal, shade=light)
        screw.fill(np.maximum(head + 0.010, np.abs(flat) - 0.5), look.mark, shade=light)
        screw.fill(np.abs(head + 0.004) - 0.004, _DARK, opacity=0.55)
        if look.flange:
            flange = box(x, y - 0.010, look.head + look.flange, 0.010, 0.006)
            screw.fill(flange, look.metal, shade=0.9 - 3.0 * np.abs(x + 0.03))
            screw.fill(np.abs(flange + 0.003) - 0.003, _DARK, opacity=0.5)


def _paint_shank(part: Part, look: Look, turns: float, x: Field, y: Field, turn: Field) -> None:
    """Core and thread: crests rise to the right, and turning carries them along the axis."""
    taper = np.clip((y + look.length) / np.float32(0.05), 0.12, 1)
    pitch = np.float32(look.length / turns)
    theta = np.arcsin(np.clip(x / (look.thread * taper), -1, 1))
    along = y / pitch - (theta + turn) / _TURN
    # 0 on a crest, 1/2 in the middle of a groove.
    off = np.abs(along - np.round(along))
    swell = np.clip(1 - off / np.float32(0.20), 0, 1)
    half = taper * (look.core + (look.thread - look.core) * np.minimum(1, 1.6 * swell))
    shank = np.maximum(np.abs(x) - half, np.maximum(y, -y - look.length))
    light = 1.0 - 7.0 * np.abs(x + 0.018)
    part.fill(shank - 0.005, _DARK)
    part.fill(shank, look.metal, shade=light * (0.50 + 0.55 * swell))


def paint_arm(
    canvas: Canvas,
    look: Look,
    depth: NDArray[np.float64],
    turned: NDArray[np.float64],
    place: Place,
) -> None:
    """The robot arm's motor, which does not turn, and its chuck and bit, which do."""
    x0, y0 = _origin(look, depth, place)
    lean, turn = place[1], column(turned)
    up = look.head_height + 0.48
    with canvas.part(
        x0 + up * np.sin(lean), y0 + up * np.cos(lean), -lean, reach=(0.14, 0.31)
    ) as arm:
        x, y = arm.x, arm.y
        motor = box(x, y, 0.135, 0.30, 0.02)
        arm.shadow(motor, soft=0.04, strength=0.3)
        arm.fill(motor, (0.86, 0.87, 0.88), shade=1.02 - 3.0 * np.abs(x + 0.03))
        ring = np.maximum(np.abs(y + 0.27) - 0.010, motor)
        arm.fill(np.minimum(np.abs(motor + 0.003) - 0.003, ring), _DARK, opacity=0.6)
    up = look.head_height + 0.09
    with canvas.part(
        x0 + up * np.sin(lean), y0 + up * np.cos(lean), -lean, reach=(0.09, 0.10)
    ) as arm:
        x, y = arm.x, arm.y + np.float32(0.09)
        arm.fill(box(x, y - 0.035, 0.034, 0.045, 0.004), STEEL, shade=1.0 - 9.0 * np.abs(x + 0.008))
        chuck = box(x, y - 0.120, 0.085, 0.056, 0.014)
        arm.fill(chuck, look.chuck, shade=1.15 - 6.0 * np.abs(x + 0.02))
        theta = np.arcsin(np.clip(x / np.float32(0.085), -1, 1))
        mark = np.abs(np.mod(theta + turn, _TURN) - np.float32(np.pi / 6)) - np.float32(0.5)
        arm.fill(np.maximum(chuck + 0.012, mark), look.mark, shade=1.0 - 4.0 * np.abs(x))
