"""How the door lock looks: door and strike, bolt, case, the belt from the motor, the knob."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.props import STEEL, column, paint_screw_head
from physprior.simulate.shapes import Field, box, circle, polygon
from physprior.simulate.twin import States

_KNOB_X = -0.15
"""Where the knob's axis is; the bolt slides along the line y = 0."""
_CASE_EDGE = 0.13
_DOOR_EDGE = 0.17
_MOTOR = (-0.15, -0.36)
_PULLEY = 0.055
_NOSE = 0.05
_OUT = 0.024
"""How far the nose of a bolt that is wholly drawn in still stands out of the case."""
_POST = 0.38
"""Where the frame begins, beyond the reach of every bolt."""

DOORS: tuple[Colour, ...] = (
    (0.36, 0.21, 0.12),
    (0.20, 0.28, 0.38),
    (0.88, 0.87, 0.83),
    (0.27, 0.35, 0.27),
    (0.46, 0.17, 0.15),
)
CASES: tuple[Colour, ...] = (
    (0.80, 0.63, 0.28),
    (0.15, 0.16, 0.18),
    (0.74, 0.76, 0.79),
    (0.93, 0.92, 0.88),
    (0.52, 0.33, 0.20),
)
KNOBS: tuple[Colour, ...] = ((0.12, 0.13, 0.15), (0.88, 0.87, 0.84), (0.72, 0.55, 0.22))
MARKS: tuple[Colour, ...] = ((0.95, 0.20, 0.10), (0.10, 0.72, 0.35), (0.98, 0.62, 0.05))
STYLES = 3


@dataclass(frozen=True)
class Unit:
    """One lock; lengths in frame widths. ``side`` is -1 where the bolt comes out to the left."""

    side: int
    style: int
    knob_radius: float
    case_half: float
    bolt_half: float
    stroke: float
    turns: float
    brass_bolt: bool
    door: Colour
    case: Colour
    knob: Colour
    mark: Colour


def paint_lock(canvas: Canvas, unit: Unit, states: States) -> None:
    """What stands still, from the door up to the knob's disc; then the bolt and the grip."""
    _paint_door(canvas, unit)
    _paint_case(canvas, unit)
    _paint_belt(canvas, unit)
    _paint_disc(canvas, unit)
    _paint_bolt(canvas, unit, states["out"])
    _paint_grip(canvas, unit, states["knob_rad"])


def _paint_door(canvas: Canvas, unit: Unit) -> None:
    """The door's leaf with the lock on it, and across the gap the frame with its strike."""
    with canvas.part(reach=(0.8, 0.8)) as scene:
        x, y = scene.x * np.float32(unit.side), scene.y
        leaf = x - _DOOR_EDGE
        scene.shadow(leaf, (0.014 * unit.side, -0.012), soft=0.04, strength=0.45)
        grain = 1 + 0.05 * np.sin(38 * x + 3 * np.sin(4 * y))
        scene.fill(leaf, unit.door, shade=grain)
        scene.fill(np.abs(leaf + 0.010) - 0.008, (1.0, 1.0, 1.0), opacity=0.22)
        post = _POST - x
        scene.fill(post, unit.door, shade=0.85 * grain)
        scene.fill(box(x - _POST - 0.025, y, 0.028, 0.19, 0.010), STEEL, shade=1 + 0.6 * y)
        high = unit.bolt_half + 0.018
        scene.fill(box(x - _POST - 0.025, y, 0.032, high, 0.004), (0.04, 0.04, 0.05))
        paint_screw_head(scene, x - _POST - 0.027, np.abs(y) - 0.150, 0.013)


def _paint_bolt(canvas: Canvas, unit: Unit, out: NDArray[np.float64]) -> None:
    """The latch bolt with its slanted nose, ``out`` frame widths out of where it is drawn in.

    What of it is still in the case is cut off instead of painted over: the case stands still.
    """
    side, half = unit.side, unit.bolt_half
    reach = (unit.stroke + _OUT + 0.026) / 2
    mouth = _CASE_EDGE + 0.026
    tip = mouth + _OUT + out
    colour = (0.86, 0.68, 0.28) if unit.brass_bolt else (0.83, 0.85, 0.88)
    with canvas.part(side * (tip - reach), reach=(reach, half)) as bolt:
        u, v = bolt.x * np.float32(side) - np.float32(reach), bolt.y
        corners = [(-0.34, -half), (-_NOSE, -half), (0.0, 0.55 * half), (0.0, half)]
        edge = polygon(u, v, [*corners, (-0.34, half)])
        outside = column(mouth - tip) - u
        seen = np.maximum(edge, outside)
        bolt.shadow(seen, (0.008 * side, -0.018), soft=0.025, strength=0.5)
        bolt.fill(seen, colour, shade=1.08 - 4.5 * np.abs(v - 0.3 * half))
        dark = np.abs(edge + 0.005) - 0.004
        lines = np.abs(np.abs(u + 0.11) - 0.025) - 0.005
        dark = np.minimum(dark, np.maximum(lines, edge + 0.012))
        bolt.fill(np.maximum(dark, outside), (0.0, 0.0, 0.0), opacity=0.4)


def _paint_case(canvas: Canvas, unit: Unit) -> None:
    left, right, high = -0.36, _CASE_EDGE, unit.case_half
    middle, half = (left + right) / 2, (right - left) / 2
    with canvas.part(unit.side * middle, reach=(half + 0.03, high + 0.03)) as case:
        x, y = case.x * np.float32(unit.side), case.y
        corner = (0.015, 0.06, 0.12)[unit.style]
        edge = box(x, y, half, high, corner)
        case.shadow(edge, soft=0.05, strength=0.45)
        case.fill(edge, unit.case, shade=1.02 + 0.5 * (y - case.x))
        case.fill(np.abs(edge + 0.012) - 0.005, (1.0, 1.0, 1.0), opacity=0.28)
        # The faceplate at the door's edge, through whose opening the bolt comes.
        face = box(x - half - 0.006, y, 0.022, high - 0.05, 0.006)
        case.fill(face, STEEL, shade=1.1 - 14 * np.abs(x - half))
        mouth = box(x - half - 0.016, y, 0.012, unit.bolt_half + 0.008, 0.002)
        case.fill(mouth, (0.05, 0.05, 0.06), opacity=0.8)
        inset = 0.045 + 0.3 * corner
        screw = np.abs(x) - (half - inset), np.abs(y) - (high - inset)
        paint_screw_head(case, screw[0], screw[1], 0.014)


def _paint_belt(canvas: Canvas, unit: Unit) -> None:
    """The motor below the case, and the belt by which it turns the knob."""
    x, y = unit.side * _MOTOR[0], _MOTOR[1]
    with canvas.part(x, y - 0.03, reach=(0.12, 0.13)) as motor:
        can = box(motor.x, motor.y, 0.088, 0.105, 0.018)
        motor.shadow(can, strength=0.45)
        motor.fill(can, (0.20, 0.21, 0.24), shade=1.15 - 3.5 * np.abs(motor.x))
        motor.fill(np.maximum(np.abs(motor.y + 0.07) - 0.012, can), (0.90, 0.58, 0.12))
    span = -_MOTOR[1]
    with canvas.part(x, y / 2, reach=(0.20, 0.40)) as belt:
        u, v = belt.x, belt.y
        ring = _loop(u, v, span, unit.knob_radius + 0.016, _PULLEY)
        band = np.abs(ring) - 0.008
        belt.fill(band, (0.06, 0.06, 0.07))
        wheel = circle(u, v + span / 2, _PULLEY - 0.008)
        belt.fill(wheel, (0.62, 0.64, 0.67), shade=1 + 3 * (v + span / 2 - u))
        belt.fill(circle(u, v + span / 2, 0.014), (0.1, 0.1, 0.1))


def _loop(u: Field, v: Field, span: float, upper: float, lower: float) -> Field:
    """Distance to a belt around a wheel at the top and a smaller one ``span`` below it."""
    share = np.clip(0.5 - v / np.float32(span), 0, 1)
    radius = upper + (lower - upper) * share
    return np.asarray(circle(u, v - (0.5 - share) * np.float32(span), 0.0) - radius)


def _paint_disc(canvas: Canvas, unit: Unit) -> None:
    r = unit.knob_radius
    with canvas.part(unit.side * _KNOB_X, reach=(r + 0.03, r + 0.03)) as disc:
        edge = circle(disc.x, disc.y, r)
        disc.shadow(edge, soft=0.035, strength=0.5)
        disc.fill(edge, unit.knob, shade=0.92 + 1.6 * (disc.y - disc.x))
        disc.fill(edge + 0.02, unit.knob, shade=0.75 + 1.6 * (disc.x - disc.y))


def _paint_grip(canvas: Canvas, unit: Unit, angle: NDArray[np.float64]) -> None:
    """What is turned: a bar across, a winged thumb-turn or a crank, marked at one end."""
    r = unit.knob_radius
    light = sum(unit.knob) > 1.5
    colour: Colour = (0.20, 0.21, 0.23) if light else (0.86, 0.86, 0.84)
    with canvas.part(unit.side * _KNOB_X, 0.0, angle, reach=(r, r)) as grip:
        u, v = grip.x, grip.y
        if unit.style == 0:
            bar = box(u, v, r - 0.012, 0.034, 0.016)
            marked = np.maximum(bar + 0.008, 0.42 * r - u)
        elif unit.style == 1:
            bar = np.maximum(np.abs(v) - 0.018 - 0.25 * np.abs(u), np.abs(u) - (r - 0.014))
            marked = np.maximum(bar + 0.008, 0.42 * r - u)
        else:
            bar = box(u - 0.2 * r, v, 0.75 * r, 0.026, 0.02)
            marked = circle(u - 0.6 * r, v, 0.040)
        grip.shadow(bar, (0.006, -0.010), soft=0.02, strength=0.4)
        grip.fill(bar, colour)
        grip.fill(marked, unit.mark)
