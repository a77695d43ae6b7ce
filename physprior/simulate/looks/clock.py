"""How the clock looks: five cases with their faces, the hands, and the motor behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.shapes import Field, box, circle, polygon
from physprior.simulate.twin import States

_RADIUS = 0.345
"""The face's radius in frame widths, of every case."""
_INK: Colour = (0.08, 0.08, 0.10)
_CHALK: Colour = (0.95, 0.95, 0.92)

CASES: tuple[Colour, ...] = (
    (0.13, 0.14, 0.17),
    (0.62, 0.16, 0.15),
    (0.16, 0.34, 0.56),
    (0.42, 0.27, 0.15),
    (0.86, 0.72, 0.34),
    (0.20, 0.42, 0.32),
)
POINTERS: tuple[Colour, ...] = ((0.90, 0.12, 0.10), (0.97, 0.42, 0.06), (0.88, 0.10, 0.42))
"""None of them is lost on a light face, nor on a dark one."""
FACES = 5


@dataclass(frozen=True)
class Unit:
    """One clock; lengths in frame widths."""

    face: int
    case: Colour
    pointer: Colour
    pulse_hz: float
    full_rad_s: float
    long: float

    @property
    def dark(self) -> bool:
        """Whether the face is dark and its marks are light."""
        return self.face in (1, 4)


def paint_clock(canvas: Canvas, unit: Unit, states: States) -> None:
    """The motor's back, the case with its face, and the hands one above the other."""
    _paint_motor(canvas)
    _paint_case(canvas, unit)
    ink = _CHALK if unit.dark else _INK
    _paint_hand(canvas, states["hour_rad"], 0.17, 0.020, ink)
    _paint_hand(canvas, states["minute_rad"], 0.25, 0.014, ink)
    _paint_pointer(canvas, unit, states["pointer_rad"])
    with canvas.part(reach=(0.04, 0.04)) as cap:
        cap.fill(circle(cap.x, cap.y, 0.026), unit.pointer, shade=1 + 6 * (cap.y - cap.x))
        cap.fill(circle(cap.x, cap.y, 0.009), (0.85, 0.80, 0.62))


def _paint_motor(canvas: Canvas) -> None:
    """The driving motor's housing shows below the case, with its two leads."""
    with canvas.part(0.0, -0.44, reach=(0.13, 0.12)) as motor:
        x, y = motor.x, motor.y
        body = box(x, y, 0.085, 0.07, 0.015)
        motor.shadow(body, strength=0.4)
        motor.fill(body, (0.34, 0.36, 0.39), shade=1.1 - 3 * np.abs(x))
        motor.fill(np.abs(x - 0.03) - 0.006, (0.75, 0.12, 0.10), opacity=0.9 * (y < -0.03))
        motor.fill(np.abs(x + 0.03) - 0.006, (0.08, 0.08, 0.09), opacity=0.9 * (y < -0.03))


def _paint_case(canvas: Canvas, unit: Unit) -> None:
    paint: Callable[[Part, Unit], Field] = (_round, _thin, _square, _alarm, _octagon)[unit.face]
    with canvas.part(reach=(0.46, 0.46)) as case:
        face = paint(case, unit)
        x, y = case.x, case.y
        tone = ((0.95, 0.95, 0.93), (0.12, 0.13, 0.17), (0.93, 0.88, 0.76), (0.97, 0.94, 0.84))
        colour = (*tone, (0.11, 0.20, 0.34))[unit.face]
        case.fill(face, colour, shade=1 + 0.16 * (y - x))
        # The rim throws its shadow on the face from above left.
        case.fill(face, (0.0, 0.0, 0.0), opacity=0.35 * np.clip(1 + 26 * face, 0, 1) * (y > x))
        _paint_dial(case, unit)


def _body(case: Part, unit: Unit, edge: Field) -> None:
    case.shadow(edge, soft=0.05, strength=0.45)
    case.fill(edge, unit.case, shade=1.05 + 0.6 * (case.y - case.x))
    case.fill(np.abs(edge + 0.012) - 0.006, (1.0, 1.0, 1.0), opacity=0.2)


def _round(case: Part, unit: Unit) -> Field:
    _body(case, unit, circle(case.x, case.y, 0.41))
    return circle(case.x, case.y, _RADIUS + 0.01)


def _thin(case: Part, unit: Unit) -> Field:
    _body(case, unit, circle(case.x, case.y, 0.385))
    return circle(case.x, case.y, _RADIUS + 0.018)


def _square(case: Part, unit: Unit) -> Field:
    _body(case, unit, box(case.x, case.y, 0.41, 0.41, 0.05))
    return box(case.x, case.y, 0.36, 0.36, 0.03)


def _alarm(case: Part, unit: Unit) -> Field:
    x, y = np.abs(case.x), case.y
    bell = np.maximum(circle(x - 0.21, y - 0.35, 0.10), -0.5 * (x - 0.21) - (y - 0.33))
    foot = polygon(x, y, [(0.22, -0.30), (0.29, -0.43), (0.33, -0.42), (0.30, -0.26)], 0.008)
    handle = box(case.x, y - 0.405, 0.05, 0.014, 0.01)
    parts = np.minimum(np.minimum(bell, foot), handle)
    case.shadow(parts, strength=0.4)
    case.fill(parts, (0.80, 0.78, 0.70), shade=1 + 1.5 * (y - 0.33))
    case.fill(np.abs(bell) - 0.005, _INK, opacity=0.5)
    _body(case, unit, circle(case.x, case.y, 0.385))
    return circle(case.x, case.y, _RADIUS)


def _octagon(case: Part, unit: Unit) -> Field:
    x, y = np.abs(case.x), np.abs(case.y)
    flat = np.maximum(np.maximum(x, y), (x + y) * np.float32(0.7071))
    _body(case, unit, flat - 0.40)
    return np.asarray(flat - (_RADIUS + 0.012))


def _paint_dial(case: Part, unit: Unit) -> None:
    """Twelve marks around the face, of another kind on each of the five."""
    x, y = case.x, case.y
    r = circle(x, y, 0.0)
    bearing = np.arctan2(x, y)
    ink = _CHALK if unit.dark else _INK
    hour = np.round(bearing * (6 / pi))
    off = bearing - hour * np.float32(pi / 6)
    across, quarter = r * np.abs(off), np.mod(hour, 3) == 0
    if unit.face == 0:
        marks = _bar(r, across, np.where(quarter, 0.018, 0.009), 0.25, 0.335)
    elif unit.face == 1:
        marks = circle(across, r - 0.31, np.where(quarter, 0.022, 0.012))
    elif unit.face == 2:
        bars = _bar(r, np.abs(across - 0.013 * quarter), 0.007, 0.25, 0.325)
        marks = np.minimum(bars, np.abs(r - 0.335) - 0.004)
    elif unit.face == 3:
        dots = circle(across, r - 0.30, 0.010)
        marks = np.where(quarter, _bar(r, across, 0.022, 0.27, 0.325), dots)
    else:
        wedge = _bar(r, across, np.where(quarter, 0.10, 0.05) * (r - 0.16), 0.22, 0.33)
        marks = wedge
    case.fill(marks, ink)


def _bar(r: Field, across: Field, half: Any, low: float, high: float) -> Field:
    return np.asarray(np.maximum(across - half, np.maximum(low - r, r - high)))


def _paint_hand(
    canvas: Canvas, angle: NDArray[np.float64], long: float, half: float, colour: Colour
) -> None:
    """A straight hand that points ``angle`` clockwise from twelve."""
    middle = long / 2 - 0.02
    x, y = middle * np.sin(angle), middle * np.cos(angle)
    with canvas.part(x, y, -angle, reach=(half + 0.01, long / 2 + 0.02)) as hand:
        edge = box(hand.x, hand.y, half, long / 2 + 0.02, 0.006)
        hand.fill(edge, colour)


def _paint_pointer(canvas: Canvas, unit: Unit, angle: NDArray[np.float64]) -> None:
    """The long pointer with its counterweight, in the colour that nothing else has."""
    tail, tip = 0.10, unit.long
    middle, half = (tip - tail) / 2, (tip + tail) / 2
    x, y = middle * np.sin(angle), middle * np.cos(angle)
    with canvas.part(x, y, -angle, reach=(0.03, half + 0.01)) as pointer:
        u, v = np.abs(pointer.x), pointer.y
        width = 0.0125 - 0.006 * (v / np.float32(half))
        blade = np.maximum(u - width, np.abs(v) - half)
        weight = box(u, v + half - 0.035, 0.024, 0.035, 0.012)
        both = np.minimum(blade, weight)
        pointer.shadow(both, (0.008, -0.014), soft=0.02, strength=0.35)
        pointer.fill(both, unit.pointer)
