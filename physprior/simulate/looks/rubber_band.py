"""How the rubber band and its station look."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.props import RUBBER, STEEL, column, paint_gripper
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.twin import States

LEFT = -0.33
"""Where the fixed pin stands."""

RUBBERS: tuple[Colour, ...] = (
    (0.80, 0.16, 0.14),
    (0.12, 0.34, 0.74),
    (0.10, 0.50, 0.26),
    (0.93, 0.70, 0.12),
    (0.90, 0.44, 0.10),
    (0.20, 0.19, 0.20),
    (0.55, 0.20, 0.52),
    (0.72, 0.50, 0.28),
)
POSTS: tuple[Colour, ...] = ((0.20, 0.22, 0.26), (0.16, 0.26, 0.30), (0.32, 0.22, 0.18))


@dataclass(frozen=True)
class Unit:
    """One band; lengths in frame widths, of the band at rest."""

    length: float
    """From pin to pin, when it is not stretched."""
    width: float
    spread: float
    """How far the middle of each strand lies from the line through the pins."""
    modulus_pa: float
    marks: int
    colour: Colour
    post: Colour


def paint_station(canvas: Canvas, unit: Unit) -> None:
    """The post with the fixed pin, without the pin."""
    with canvas.part(LEFT, -0.35, reach=(0.10, 0.45)) as post:
        x, y = post.x, post.y - 0.35
        edge = np.minimum(box(x, y + 0.4, 0.05, 0.42, 0.02), circle(x, y, 0.085))
        post.shadow(edge, soft=0.04, strength=0.35)
        post.fill(edge, unit.post, shade=1.15 - 6.0 * np.abs(x + 0.015))


def paint_band(canvas: Canvas, unit: Unit, states: States) -> None:
    """Both strands, round the pins and between them, with printed marks, and the crack."""
    length, width = column(states["length"]), column(states["width"])
    with canvas.part(-0.02, reach=(0.48, unit.spread + unit.width / 2 + 0.01)) as window:
        x, y = window.x - np.float32(0.02 + LEFT), window.y
        along = np.clip(x, 0, length)
        beyond = x - along
        share = along / length
        off = np.sqrt(beyond * beyond + y * y) - np.float32(unit.spread)
        off -= column(4 * states["sway"]) * share * (1 - share) * np.sign(y)
        edge = np.abs(off) - width / 2
        mouth: Field | None = None
        inside: Field | None = None
        if (states["depth"] + states["torn"]).any():
            gap = _gap(states, share, off, y)
            mouth = np.maximum(edge, gap - np.float32(0.020)) + column(states["torn"])
            inside = np.maximum(edge, gap) + column(states["torn"])
            edge = np.maximum(edge, -gap)
        window.shadow(edge, (0.014, -0.022), soft=0.03, strength=0.4)
        window.fill(edge, unit.colour, shade=_sheen(off / width))
        # The ink lies on the rubber, and is drawn out with it.
        marks = share * np.float32(unit.marks)
        line = np.abs(marks - np.round(marks)) - 0.006 * unit.marks / unit.length
        line = np.maximum(line * (length / unit.marks), np.abs(beyond) - np.float32(0.001))
        ink = (1.0, 1.0, 1.0) if sum(unit.colour) < 1.4 else (0.1, 0.08, 0.08)
        window.fill(np.maximum(line, edge + np.float32(0.004)), ink, opacity=0.55)
        if mouth is not None and inside is not None:
            # One looks into the cleft, at faces that lie in the shade, and at its torn rim.
            window.fill(inside, (0.05, 0.03, 0.03), opacity=0.6)
            window.fill(np.maximum(mouth, edge), (0.05, 0.03, 0.03), opacity=0.8)


def _gap(states: States, share: Field, off: Field, y: Field) -> Field:
    """Distance to where the rubber gapes: a parabola open to one edge, or the whole strand."""
    depth, length = column(states["depth"] * states["width"]), column(states["length"])
    inward = column(states["width"]) / 2 - column(states["outer"]) * off
    opening = np.sqrt(np.clip(1 - inward / np.maximum(depth, 1e-4), 0, 2))
    along = np.abs(share - column(states["place"])) * length
    gap = np.maximum(along - column(states["gape"]) / 2 * opening, inward - depth)
    gap += np.where(depth > 0, np.float32(0), np.float32(1))
    whole = np.where(np.abs(share - np.float32(0.5)) < 0.4999, np.float32(-1), np.float32(1))
    gap = np.where(column(states["torn"]) > 0, whole, gap)
    return np.asarray(np.maximum(gap, -column(states["side"]) * y))


def _sheen(bulge: Field) -> Field:
    """Light on a strand: ``bulge`` runs from -0.5 at one edge to 0.5 at the other."""
    lit = bulge - np.float32(0.12)
    return np.asarray(1.12 - 1.9 * lit * lit - 0.25 * bulge)


def paint_torn(canvas: Canvas, unit: Unit, states: States) -> None:
    """What hangs of a torn strand: each end a string of capsules."""
    for end in ("left", "right"):
        x, y = states[f"{end}_x"], states[f"{end}_y"]
        # Before the strand tears, its ends are out of sight.
        root = np.where(states["torn"] > 0, x[:, 0], 9.0)
        reach = 0.62 * unit.length + unit.width / 2
        with canvas.part(root, y[:, 0], reach=(reach, reach)) as window:
            edge: Field | None = None
            for k in range(x.shape[1] - 1):
                u = window.x - column(x[:, k] - x[:, 0])
                v = window.y - column(y[:, k] - y[:, 0])
                dx, dy = column(x[:, k + 1] - x[:, k]), column(y[:, k + 1] - y[:, k])
                square = np.maximum(dx * dx + dy * dy, np.float32(1e-6))
                run = np.clip(u * (dx / square) + v * (dy / square), 0, 1)
                u -= run * dx
                v -= run * dy
                near = u * u + v * v
                edge = near if edge is None else np.minimum(edge, near)
            assert edge is not None
            edge = np.sqrt(edge) - np.float32(unit.width / 2)
            window.shadow(edge, (0.014, -0.022), soft=0.03, strength=0.4)
            window.fill(edge, unit.colour, shade=_sheen(edge / unit.width + np.float32(0.5)))


def paint_pins(canvas: Canvas, unit: Unit, states: States) -> None:
    """Both pins."""
    for x in (LEFT, LEFT + states["length"]):
        with canvas.part(x, reach=(0.07, 0.07)) as pin:
            edge = circle(pin.x, pin.y, min(0.06, unit.spread - unit.width / 2))
            pin.shadow(edge, (0.006, -0.01), soft=0.02, strength=0.4)
            pin.fill(edge, STEEL, shade=0.95 + 5.0 * (pin.y - pin.x))
            pin.fill(circle(pin.x, pin.y, 0.014), RUBBER)


def paint_hand(canvas: Canvas, states: States) -> None:
    """The gripper that holds the right pin."""
    paint_gripper(canvas, LEFT + states["length"] + 0.035, 0.0, -pi / 2, gap=0.07, reach=0.38)
