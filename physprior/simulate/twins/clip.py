"""The spring clip: two pads press its handles, the jaws open; they let go, the spring closes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, sin
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.clip import PAD_ROUND, Look, draw_look, paint_clip, paint_fingers
from physprior.simulate.mechanics import Program, Table, limited, rubbed, ticks
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.16
"""The width of the frame: the clip is about eight centimetres long."""
_STEP_S = 1 / 960
_INERTIA_KG_M2 = 6.0e-5
_PRELOAD_RAD = 0.35
_HINGE_FRICTION_N_M = 0.012
_HINGE_DRAG_N_M_S = 2.0e-3
_PAD_MASS_KG = 0.3
_PAD_LIMIT_N = 24.0
_PAD_GAIN_N_M = 2.4e4
_PAD_DAMPING_N_S_M = 150.0
_CONTACT_N_M = 4.0e4
_BOUNCE = 0.2
_HOLDER_N_M = 1600.0
"""The holder in which the hinge pin sits gives way to whichever pad presses harder."""
_WANDER = 0.04
_STAYING = 0.26
"""The share of videos in which the pads stay on the handles and press again and again.

With it, jaws are ajar in as many frames of sound videos as there are videos of the kind: see
``_left_at``.
"""


@dataclass(frozen=True)
class Unit:
    """One clip; lengths in frame widths, upper lever as it lies when the jaws are shut."""

    look: Look
    open_rad: float
    spring_n_m_rad: float

    @property
    def grip(self) -> float:
        """How far from the hinge the pads press."""
        return 0.80 * self.look.handle

    def contact(self, angle: float) -> float:
        """How high the pad's lowest point lies when it touches a handle turned by ``angle``."""
        c, s = cos(angle), sin(angle)
        (ax, ay), (bx, by) = self.look.outer_edge
        x0, y0, x1, y1 = ax * c - ay * s, ax * s + ay * c, bx * c - by * s, bx * s + by * c
        slope = (y1 - y0) / (x1 - x0)
        height = y0 + slope * (-self.grip - x0)
        return float(height + PAD_ROUND * ((1 + slope * slope) ** 0.5 - 1))


@dataclass(frozen=True)
class Hinge:
    """What turns the levers and what holds them."""

    spring_n_m_rad: float
    friction_n_m: float = _HINGE_FRICTION_N_M
    binding: float = 0.0
    """Friction that comes with the load: the share of the pads' torque that it takes."""
    left_rad: float | None = None
    """Where it has seized, if it has: that is how far open the station finds the clip."""


class Clip:
    """The twin of the category ``clip``."""

    category = "clip"
    defects: ClassVar[Mapping[str, Defect]] = {
        "unable_to_press": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Rust binds the hinge: its friction grows with the load of the pads, takes a "
                "growing share of their torque with severity, and from the middle on holds more "
                "than both pads can bring about. It then holds the jaws where they were left: "
                "shut, or, in a quarter of the videos, ajar between the pads."
            ),
        ),
        "unable_to_rebound": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "The spring has lost most of its stiffness, so that friction holds the jaws "
                "open; with severity less is left of it, and they stay open further."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "Two levers turn about a hinge against a preloaded torsion spring and dry friction. Two "
        "pads with limited force follow a program, touch the handles through a stiff contact and"
        " let go, and the holder of the hinge gives way a little to the one that presses harder."
    )
    leaves_out = "Both levers move alike, the jaws hold nothing, and the metal does not bend."

    def build(self, rng: np.random.Generator) -> Unit:
        """A clip with its levers, its spring and its colours."""
        return Unit(
            look=draw_look(rng),
            open_rad=float(np.deg2rad(rng.uniform(15.0, 18.0))),
            spring_n_m_rad=float(rng.uniform(0.6, 0.9)),
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The gripper's program over and over: approach, touch, press, let go, retreat."""
        duration = duration_of(times)
        stays = bool(drive.uniform() < _STAYING)
        opening, phase = _opening(unit, drive, duration, stays)
        rest, uneven = float(drive.uniform(-1, 1)), float(drive.uniform(-0.25, 0.25))
        hinge = _hinge(unit, fault, duration, stays, chance)
        start = _found(opening, phase, hinge)
        states, push = _press(unit, times, opening, hinge, start)
        strain = uneven * push / _HOLDER_N_M / _FRAME_M
        # Its rest leaves room for the strain: no frame shows a clip where no other could lie.
        states["y"] = rest * (_WANDER - float(np.abs(strain).max())) + strain
        parameters = {
            "spring_n_m_rad": hinge.spring_n_m_rad,
            "hinge_friction_n_m": hinge.friction_n_m,
            "binding_share_1": hinge.binding,
            "left_open_rad": hinge.left_rad or 0.0,
            "pad_limit_n": _PAD_LIMIT_N,
            "period_s": opening.period,
            "pads_stay_1": float(stays),
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Both levers, the spring between them, and the gripper's two fingers."""
        paint_clip(canvas, unit.look, states["angle_rad"], states["y"])
        paint_fingers(canvas, unit.grip, states["pad"], states["y"])


def _opening(
    unit: Unit, drive: np.random.Generator, duration: float, stays: bool
) -> tuple[Program, float]:
    """How far the pads are to open the jaws (rad); below zero, how far they keep away.

    The unit of the way to be kept away is a frame width. The film begins anywhere in the cycle:
    the second value says how many seconds after its start.
    """
    deep = [unit.open_rad * float(v) for v in drive.uniform(0.72, 1.03, 2)]
    away = -float(drive.uniform(0.07, 0.11))
    spread = drive.uniform(0.8, 1.2, 8)
    if stays:
        shares = [0.27, 0.08, 0.05, 0.08, 0.27, 0.08, 0.05, 0.08] * spread
        values = [0.0, 0.0, deep[0], deep[0], 0.0, 0.0, deep[1], deep[1], 0.0]
    else:
        shares = [0.19, 0.12, 0.18, 0.065, 0.08, 0.065, 0.18, 0.12] * spread
        values = [away, away, 0.0, 0.0, deep[0], deep[0], 0.0, 0.0, away]
    period = duration * float(drive.uniform(0.75, 0.98))
    moments = np.cumsum([0.0, *shares]) / sum(shares) * period
    phase = float(drive.uniform(0, period))
    return Program(moments.tolist(), values, phase), phase


def _hinge(
    unit: Unit, fault: Fault | None, duration: float, stays: bool, chance: np.random.Generator
) -> Hinge:
    spring = unit.spring_n_m_rad
    if fault is None:
        return Hinge(spring)
    if fault.id == "unable_to_press":
        most = _PAD_LIMIT_N * unit.grip * _FRAME_M
        if fault.severity >= 0.5:
            left = _left_at(unit, duration, chance) if stays else 0.0
            return Hinge(spring, most * fault.graded(0.0, 1.3, 3.0), 1.0, left)
        # What the rust leaves of the pads' greatest torque opens the jaws so far and no further.
        reach = unit.open_rad * fault.graded(0.90, 0.05, 0.0)
        return Hinge(spring, binding=1 - spring * (reach + _PRELOAD_RAD) / most)
    # Closing, the jaws stop where what is left of the spring's torque equals the friction.
    rest = unit.open_rad * fault.graded(0.22, 0.65, 0.92)
    return Hinge(_HINGE_FRICTION_N_M / (rest + _PRELOAD_RAD))


def _left_at(unit: Unit, duration: float, chance: np.random.Generator) -> float:
    """Where the hinge seized: as far open as a sound clip is at some moment of its work.

    Pads that stay on the handles find it there. Over many videos the jaws are then ajar as far,
    and as often, as those of sound clips, and no frame tells a seized one.
    """
    # Pads and their faces give way under the spring's force: the wish is not quite reached.
    give = (1 / _PAD_GAIN_N_M + 1 / _CONTACT_N_M) / (unit.grip * _FRAME_M) ** 2
    while True:
        stays = bool(chance.uniform() < _STAYING)
        wish = _opening(unit, chance, duration, stays)[0].at(0.0)
        angle = wish - give * unit.spring_n_m_rad * (wish + _PRELOAD_RAD)
        if angle > 0:
            return angle


def _press(
    unit: Unit, times: NDArray[np.float64], opening: Program, hinge: Hinge, start: float
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Opening of a lever (rad) and height of its pad (frame widths), and the pad's force (N)."""
    zero = unit.contact(hinge.left_rad or 0.0)
    targets = [
        zero - wish if wish < 0 else zero + unit.contact(wish) - unit.contact(0.0)
        for wish in opening.over(ticks(float(times[-1]), _STEP_S)).tolist()
    ]
    target = Table(targets, _STEP_S)
    arm, contact = unit.grip * _FRAME_M, unit.contact

    def pushed(angle: float, pad: float) -> float:
        return _CONTACT_N_M * _FRAME_M * max(0.0, contact(angle) - pad)

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        angle, turning, pad, speed = state
        push = pushed(angle, pad)
        pull = _PAD_GAIN_N_M * _FRAME_M * (target.at(t) - pad)
        drive = limited(pull, _PAD_LIMIT_N)
        speed += (drive + push - _PAD_DAMPING_N_S_M * speed) / _PAD_MASS_KG * dt
        torque = push * arm - hinge.spring_n_m_rad * (angle + _PRELOAD_RAD)
        turning += (torque - _HINGE_DRAG_N_M_S * turning) / _INERTIA_KG_M2 * dt
        friction = hinge.friction_n_m + hinge.binding * push * arm
        turning = rubbed(turning, friction / _INERTIA_KG_M2 * dt)
        angle += turning * dt
        if angle < 0:
            angle, turning = 0.0, -_BOUNCE * turning
        return angle, turning, pad + speed / _FRAME_M * dt, speed

    pad = max(target.at(0.0), contact(start))
    begun: tuple[float, ...] = (start, 0.0, pad, 0.0)
    path = np.array(march(advance, begun, times, step=_STEP_S))
    push = np.array([pushed(*row) for row in path[:, [0, 2]].tolist()])
    # The pad's rubber face gives by a third of a millimetre; it is drawn where the handle is.
    touched = [contact(turned) for turned in path[:, 0].tolist()]
    return {"angle_rad": path[:, 0], "pad": np.maximum(path[:, 2], touched)}, push


def _found(opening: Program, phase: float, hinge: Hinge) -> float:
    """How far open the film finds the jaws: the station has been at work since its cycle began."""
    if hinge.left_rad is not None:
        return hinge.left_rad
    at_rest = hinge.friction_n_m / hinge.spring_n_m_rad - _PRELOAD_RAD
    before = np.linspace(-phase, 0.0, 50, dtype=np.float64)
    deepest = float(opening.over(before).max())
    return max(opening.at(0.0), min(deepest, at_rest), 0.0)


TWIN = Clip()
