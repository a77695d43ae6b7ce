"""How the gear assembly looks: plate, gears with their marks, covers of the meshes, motor."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.props import paint_screw_head
from physprior.simulate.shapes import box, circle
from physprior.simulate.twin import States

_TOOTH = 0.020
"""A tooth's height in frame widths."""
_STEPS = 16
"""How many places of a tooth, from one to the next, are told apart in the picture."""
PLATES: tuple[Colour, ...] = (
    (0.17, 0.19, 0.23),
    (0.90, 0.90, 0.87),
    (0.24, 0.17, 0.13),
    (0.14, 0.24, 0.22),
    (0.84, 0.80, 0.70),
)
GEARS: tuple[Colour, ...] = (
    (0.85, 0.22, 0.18),
    (0.16, 0.42, 0.80),
    (0.93, 0.70, 0.14),
    (0.18, 0.58, 0.36),
    (0.90, 0.48, 0.14),
    (0.52, 0.34, 0.66),
    (0.70, 0.56, 0.30),
    (0.36, 0.60, 0.68),
)
_DARK: Colour = (0.07, 0.07, 0.09)
_LIGHT: Colour = (0.97, 0.97, 0.94)


@dataclass(frozen=True)
class Unit:
    """One assembly; lengths in frame widths, gears in the order in which they are driven."""

    teeth: tuple[int, ...]
    at: tuple[tuple[float, float], ...]
    module: float
    idle_rad_s: float
    plate: Colour
    gears: tuple[Colour, ...]
    motor_bearing: float

    @property
    def radii(self) -> list[float]:
        """Pitch radii."""
        return [n * self.module / 2 for n in self.teeth]

    @property
    def tips(self) -> list[float]:
        """Radii of the wheels in front: they clear each other, whatever their angles."""
        return [r - 0.001 for r in self.radii]


def paint_gears(canvas: Canvas, unit: Unit, states: States) -> None:
    """The plate, the gears with their marks, the covers of the meshes, and the motor."""
    _paint_plate(canvas, unit)
    for at, tip, colour in zip(unit.at, unit.tips, unit.gears, strict=True):
        _paint_disc(canvas, at, tip, colour)
    for k, (at, tip) in enumerate(zip(unit.at, unit.tips, strict=True)):
        angle = states["angle_rad"][:, k]
        _paint_teeth(canvas, at, tip, unit.teeth[k], unit.gears[k], angle)
        _paint_mark(canvas, at, tip, unit.gears[k], angle)
    for k in range(3):
        _paint_cover(canvas, unit, k)
    _paint_motor(canvas, unit)


def _paint_plate(canvas: Canvas, unit: Unit) -> None:
    with canvas.part(reach=(0.48, 0.48)) as plate:
        edge = box(plate.x, plate.y, 0.455, 0.455, 0.04)
        plate.shadow(edge, soft=0.05, strength=0.4)
        plate.fill(edge, unit.plate, shade=1 + 0.2 * (plate.y - plate.x))
        plate.fill(np.abs(edge + 0.008) - 0.005, (1.0, 1.0, 1.0), opacity=0.14)
        corner_x, corner_y = np.abs(plate.x) - 0.425, np.abs(plate.y) - 0.425
        paint_screw_head(plate, corner_x, corner_y, 0.014)


def _paint_disc(canvas: Canvas, at: tuple[float, float], tip: float, colour: Colour) -> None:
    """What of a gear looks the same at every angle."""
    root = tip - _TOOTH
    with canvas.part(*at, reach=(tip + 0.03, tip + 0.03)) as disc:
        edge = circle(disc.x, disc.y, root + 0.002)
        disc.shadow(edge - 0.6 * _TOOTH, (0.012, -0.018), soft=0.035, strength=0.45)
        slope = 1 + 1.2 * (disc.y - disc.x)
        disc.fill(edge, colour, shade=slope)
        disc.fill(edge + 0.028, colour, shade=0.72 * slope)
        disc.fill(circle(disc.x, disc.y, 0.038), colour, shade=1.05 * slope)
        disc.fill(circle(disc.x, disc.y, 0.016), _DARK)


def _paint_teeth(
    canvas: Canvas,
    at: tuple[float, float],
    tip: float,
    count: int,
    colour: Colour,
    angle: NDArray[np.float64],
) -> None:
    with canvas.part(*at, reach=(tip, tip)) as rim:
        x, y = rim.x, rim.y
        r = circle(x, y, 0.0)
        bearing = count * np.arctan2(y, x)
        # A rim looks the same again after each tooth: a sixteenth of that way is a fraction of a
        # pixel, so sixteen pictures do for all frames.
        steps = np.round(count * angle * (_STEPS / (2 * np.pi))).astype(np.int64) % _STEPS
        needed, which = np.unique(steps, return_inverse=True)
        turn = (needed * (2 * np.pi / _STEPS)).astype(np.float32)[:, None, None]
        # Above zero is tooth, below is gap; a pitch is 2 pi r / count long.
        flank = (r / np.float32(-count)) * np.cos(bearing - turn)
        edge = flank + np.float32(0.35) * (r - np.float32(tip - 0.5 * _TOOTH))
        root = np.float32(tip - _TOOTH - 0.003) - r
        cover = 0.5 - np.maximum(edge, root) / np.float32(canvas.view.pixel)
        teeth = np.clip(cover, 0, 1)[which]
        rim.fill(r - np.float32(tip), colour, opacity=teeth, shade=0.9 + 1.2 * (y - x))


def _paint_mark(
    canvas: Canvas, at: tuple[float, float], tip: float, colour: Colour, angle: NDArray[np.float64]
) -> None:
    """A stripe from the hub to the rim, dark on a light gear and light on a dark one."""
    mark = _DARK if sum(colour) > 1.45 else _LIGHT
    inner, outer = 0.030, tip - _TOOTH
    middle, half = (inner + outer) / 2, (outer - inner) / 2
    x, y = at[0] + middle * np.cos(angle), at[1] + middle * np.sin(angle)
    with canvas.part(x, y, angle, reach=(half, 0.03)) as stripe:
        width = 0.019 + 0.10 * (stripe.x + half)
        edge = np.maximum(np.abs(stripe.y) - width, np.abs(stripe.x) - half)
        stripe.fill(edge, mark)


def _paint_cover(canvas: Canvas, unit: Unit, k: int) -> None:
    """The small plate screwed over the mesh of gear ``k`` and the next."""
    (ax, ay), (bx, by) = unit.at[k], unit.at[k + 1]
    share = unit.teeth[k] / (unit.teeth[k] + unit.teeth[k + 1])
    x, y = ax + share * (bx - ax), ay + share * (by - ay)
    with canvas.part(x, y, atan2(by - ay, bx - ax), reach=(0.06, 0.085)) as cover:
        edge = box(cover.x, cover.y, 0.030, 0.066, 0.022)
        cover.shadow(edge, (0.008, -0.012), soft=0.025, strength=0.45)
        cover.fill(edge, (0.74, 0.75, 0.76), shade=1 + 2 * (cover.y - cover.x))
        cover.fill(circle(cover.x, np.abs(cover.y) - 0.042, 0.010), _DARK, opacity=0.75)


def _paint_motor(canvas: Canvas, unit: Unit) -> None:
    """The motor sits on the driving gear's shaft, held by an arm from the plate's edge."""
    (x, y), bearing = unit.at[0], unit.motor_bearing
    reach = unit.radii[0] + 0.06
    with canvas.part(x, y, bearing, reach=(reach + 0.03, 0.08)) as motor:
        can = circle(motor.x, motor.y, 0.052)
        arm = box(motor.x - reach / 2, motor.y, reach / 2, 0.016, 0.006)
        both = np.minimum(can, arm)
        motor.shadow(both, (0.010, -0.014), soft=0.03, strength=0.5)
        motor.fill(arm, (0.55, 0.57, 0.60), shade=1 - 8.0 * np.abs(motor.y))
        motor.fill(can, (0.16, 0.17, 0.19), shade=1 + 4 * (motor.y - motor.x))
        motor.fill(np.abs(can + 0.012) - 0.006, (0.92, 0.60, 0.14))
        motor.fill(circle(motor.x, motor.y, 0.014), (0.72, 0.73, 0.75))
