"""The spring clip: two pads press its handles, the jaws open; they let go, the spring closes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, sin
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.shapes import Field, box, circle, polygon, ring
from physprior.simulate.twin import Defect, Fault, Motion, States, march

_FRAME_M = 0.16
"""The width of the frame: the clip is about eight centimetres long."""
_INERTIA_KG_M2 = 6.0e-5
_PRELOAD_RAD = 0.35
_HINGE_FRICTION_N_M = 0.012
_PAD_MASS_KG = 0.3
_PAD_LIMIT_N = 30.0
_PAD_GAIN_N_M = 2.4e4
_PAD_DAMPING_N_S_M = 150.0
_CONTACT_N_M = 4.0e4
_PAD_ROUND = 0.02
_BOUNCE = 0.2

_BODIES: tuple[Colour, ...] = (
    (0.83, 0.20, 0.16),
    (0.13, 0.38, 0.74),
    (0.92, 0.66, 0.12),
    (0.16, 0.52, 0.33),
    (0.20, 0.21, 0.24),
    (0.90, 0.89, 0.86),
    (0.87, 0.44, 0.13),
    (0.45, 0.28, 0.56),
)
_RUBBERS: tuple[Colour, ...] = ((0.12, 0.12, 0.13), (0.75, 0.30, 0.10), (0.10, 0.30, 0.45))


@dataclass(frozen=True)
class Unit:
    """One clip; lengths in frame widths, upper lever as it lies when the jaws are shut."""

    handle: float
    jaw: float
    flare: float
    thick: float
    open_rad: float
    spring_n_m_rad: float
    body: Colour
    rubber: Colour

    @property
    def grip(self) -> float:
        """How far from the hinge the pads press."""
        return 0.80 * self.handle

    @property
    def outer_edge(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The handle's outer edge, from the hinge to its end."""
        return (0.03, 0.07), (-self.handle, 0.02 + self.handle * self.flare + self.thick)

    def contact(self, angle: float) -> float:
        """How high the pad's lowest point lies when it touches a handle turned by ``angle``."""
        c, s = cos(angle), sin(angle)
        (ax, ay), (bx, by) = self.outer_edge
        x0, y0, x1, y1 = ax * c - ay * s, ax * s + ay * c, bx * c - by * s, bx * s + by * c
        slope = (y1 - y0) / (x1 - x0)
        height = y0 + slope * (-self.grip - x0)
        return float(height + _PAD_ROUND * ((1 + slope * slope) ** 0.5 - 1))


class Clip:
    """The twin of the category ``clip``."""

    category = "clip"
    defects: ClassVar[Mapping[str, Defect]] = {
        "unable_to_press": Defect(onset="persistent", evidence="motion"),
        "unable_to_rebound": Defect(onset="persistent", evidence="frame"),
    }
    wander = 0.04

    def build(self, rng: np.random.Generator) -> Unit:
        """A clip with its levers, its spring and its colours."""
        return Unit(
            handle=float(rng.uniform(0.28, 0.32)),
            jaw=float(rng.uniform(0.29, 0.35)),
            flare=float(rng.uniform(0.34, 0.42)),
            thick=float(rng.uniform(0.055, 0.07)),
            open_rad=float(np.deg2rad(rng.uniform(15.0, 18.0))),
            spring_n_m_rad=float(rng.uniform(0.6, 0.95)),
            body=_BODIES[rng.integers(len(_BODIES))],
            rubber=_RUBBERS[rng.integers(len(_RUBBERS))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """A stroke of the gripper: approach, touch, press, let go, retreat."""
        duration = float(times[-1] + times[1])
        moments, heights = _program(unit, drive, duration)
        spring, friction = unit.spring_n_m_rad, _HINGE_FRICTION_N_M
        if fault and fault.id == "unable_to_press":
            # A seized hinge holds more torque than both pads can bring about.
            friction = _PAD_LIMIT_N * unit.grip * _FRAME_M * (1.5 + fault.severity)
        elif fault:
            # A tired spring: what is left of its torque is less than the hinge's friction well
            # before the jaws are shut.
            spring *= 0.10 - 0.06 * fault.severity
            rest = unit.open_rad * (0.75 + 0.2 * fault.severity + 0.05 * float(chance.uniform()))
            friction = spring * (rest + _PRELOAD_RAD)
        states = _press(unit, times, (moments, heights), spring, friction)
        parameters = {
            "spring_n_m_rad": spring,
            "hinge_friction_n_m": friction,
            "pad_limit_n": _PAD_LIMIT_N,
            "pressed_from_s": moments[4],
            "pressed_until_s": moments[5],
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Both levers, the spring between them, and the gripper's two fingers."""
        _paint_levers(canvas, unit, states["angle_rad"].astype(np.float32)[:, None, None])
        _paint_spring(canvas)
        _paint_fingers(canvas, unit, states["pad"].astype(np.float32)[:, None, None])


def _program(
    unit: Unit, drive: np.random.Generator, duration: float
) -> tuple[list[float], list[float]]:
    """When (seconds) a pad is to be at which height.

    A clip holds one whole interaction, as those of Phys-AD do, at a moment of its own: what one
    frame shows does not say whether the handles ought to be pressed by now.
    """
    touch, away = unit.contact(0.0), unit.contact(0.0) + float(drive.uniform(0.07, 0.11))
    lengths = (
        drive.uniform(0.03, 0.30),  # wait
        drive.uniform(0.05, 0.07),  # approach
        drive.uniform(0.03, 0.06),  # touch
        drive.uniform(0.05, 0.07),  # press
        drive.uniform(0.16, 0.26),  # hold
        drive.uniform(0.05, 0.07),  # let go
        drive.uniform(0.03, 0.06),  # touch
        drive.uniform(0.05, 0.07),  # retreat
    )
    moments = [0.0, *(np.cumsum(lengths) * duration).tolist()]
    pressed = unit.contact(unit.open_rad * float(drive.uniform(0.97, 1.03)))
    heights = [away, away, touch, touch, pressed, pressed, touch, touch, away]
    return moments, heights


def _press(
    unit: Unit,
    times: NDArray[np.float64],
    program: tuple[list[float], list[float]],
    spring: float,
    friction: float,
) -> dict[str, NDArray[np.float64]]:
    """Opening angle of a lever (rad) and height of its pad (frame widths) at each time."""
    moments, heights = program
    step = 1 / 960
    ticks = np.arange(int(times[-1] / step) + 4) * step
    targets = np.interp(ticks, moments, heights).tolist()

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        angle, turning, pad, speed = state
        push = _CONTACT_N_M * _FRAME_M * max(0.0, unit.contact(angle) - pad)
        pull = _PAD_GAIN_N_M * _FRAME_M * (targets[round(t / step)] - pad)
        drive = max(-_PAD_LIMIT_N, min(_PAD_LIMIT_N, pull))
        speed += (drive + push - _PAD_DAMPING_N_S_M * speed) / _PAD_MASS_KG * dt
        torque = push * unit.grip * _FRAME_M - spring * (angle + _PRELOAD_RAD)
        turning += (torque - 2.0e-3 * turning) / _INERTIA_KG_M2 * dt
        # Coulomb friction takes away speed and never adds any: the hinge can stick.
        grip = friction / _INERTIA_KG_M2 * dt
        turning = max(0.0, turning - grip) if turning > 0 else min(0.0, turning + grip)
        angle += turning * dt
        if angle < 0:
            angle, turning = 0.0, -_BOUNCE * turning
        return angle, turning, pad + speed / _FRAME_M * dt, speed

    start: tuple[float, ...] = (0.0, 0.0, heights[0], 0.0)
    path = np.array(march(advance, start, times, step=step))
    # The pad's rubber face gives by a third of a millimetre; it is drawn where the handle is.
    touched = [unit.contact(turned) for turned in path[:, 0].tolist()]
    return {"angle_rad": path[:, 0], "pad": np.maximum(path[:, 2], touched)}


def _paint_levers(canvas: Canvas, unit: Unit, angle: Field) -> None:
    # The levers mirror each other: one is evaluated, with the lower half folded onto the upper.
    with canvas.part(reach=(max(unit.handle, unit.jaw) + 0.02, 0.26)) as window:
        upper, fold = window.y > 0, np.abs(window.y)
        c, s = np.cos(angle), np.sin(angle)
        x, y = window.x * c + fold * s, fold * c - window.x * s
        (ax, ay), (bx, by) = unit.outer_edge
        low = by - unit.thick
        handle = polygon(
            x, y, [(0.03, 0.02), (ax, ay - 0.01), (bx + 0.01, by - 0.01), (bx + 0.01, low)], 0.01
        )
        shape = [
            (0.02, 0.022),
            (0.6, 0.024),
            (0.97, 0.009),
            (0.97, 0.03),
            (0.7, 0.075),
            (0.02, 0.06),
        ]
        jaw = polygon(x, y, [(u * unit.jaw, v) for u, v in shape], 0.008)
        edge = np.minimum(handle, jaw)
        window.shadow(edge, soft=0.04, strength=0.35)
        rise = 0.97 + np.where(upper, np.float32(1.4), np.float32(-1.4)) * (y - 0.06)
        window.fill(edge, unit.body, shade=rise)
        window.fill(np.abs(edge + 0.010) - 0.0045, (1.0, 1.0, 1.0), opacity=0.18)
        window.fill(np.maximum(jaw, np.maximum(0.78 * unit.jaw - x, y - 0.03)), unit.rubber)
        across = np.abs(x + 0.80 * unit.handle)
        ridges = np.abs(across - np.round(across / 0.026) * np.float32(0.026)) - 0.0055
        ridges = np.maximum(np.maximum(ridges, across - 0.06), handle + 0.008)
        window.fill(ridges, (0.0, 0.0, 0.0), opacity=0.22)


def _paint_spring(canvas: Canvas) -> None:
    with canvas.part(reach=(0.075, 0.075)) as coil:
        edge = circle(coil.x, coil.y, 0.062)
        coil.shadow(edge, (0.006, -0.01), soft=0.03, strength=0.4)
        light = 1.0 + 5.0 * (coil.y - coil.x)
        coil.fill(edge, (0.60, 0.61, 0.63), shade=light)
        for radius in (0.052, 0.036):
            coil.fill(ring(coil.x, coil.y, radius, 0.005), (0.12, 0.12, 0.14), opacity=0.75)
        coil.fill(circle(coil.x, coil.y, 0.022), (0.16, 0.16, 0.18))
        coil.fill(circle(coil.x + 0.006, coil.y - 0.006, 0.006), (1.0, 1.0, 1.0), opacity=0.5)


def _paint_fingers(canvas: Canvas, unit: Unit, pad: Field) -> None:
    with canvas.part(-unit.grip, reach=(0.065, 0.6)) as window:
        x, y = window.x, np.abs(window.y) - pad
        metal = np.minimum(
            box(x, y - 0.45, 0.03, 0.4, 0.006), box(x, y - 0.052, 0.052, 0.018, 0.006)
        )
        rubber = box(x, y - 0.02, 0.046, 0.02, _PAD_ROUND)
        window.shadow(np.minimum(metal, rubber), (0.016, -0.022), soft=0.04, strength=0.35)
        window.fill(rubber, (0.10, 0.11, 0.13))
        window.fill(metal, (0.68, 0.70, 0.73), shade=1.0 - 5.0 * np.abs(x + 0.012))
        window.fill(np.maximum(np.abs(y - 0.085) - 0.004, metal), (0.0, 0.0, 0.0), opacity=0.35)


TWIN = Clip()
