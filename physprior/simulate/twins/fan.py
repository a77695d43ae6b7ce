"""The fan: a geared motor turns a rotor with three or four blades, one of which is marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, copysign, cos, exp, pi, sin, sqrt, tanh
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, View
from physprior.simulate.mechanics import limited
from physprior.simulate.props import paint_corner_screws
from physprior.simulate.shapes import Field, box, circle, ring
from physprior.simulate.twin import Defect, Fault, Motion, States, march

# All torques are per unit of the rotor's inertia: rad/s².
_INERTIA_KG_M2 = 2.0e-3
_VISCOUS_PER_S = 0.6
_COULOMB_RAD_S2 = 3.0
_GAIN_PER_S = 9.0
_INTEGRAL_PER_S2 = 22.0
_MOTOR_LIMIT_RAD_S2 = 40.0
_MOUNT_DAMPING = 0.12
_TICK_S = 1 / 240
_REST = 0.03
"""How far from the frame's centre the mount lies at most."""
_BEND_PER_S2 = 1600.0
_BEND_PER_S = 14.0
"""Stiffness and damping of a blade that is caught."""
_CLEAR_SHAKE, _GROSS_SHAKE = 0.05, 0.088
"""How far a loose fan swings, in frame widths."""

_HOUSINGS: tuple[Colour, ...] = (
    (0.13, 0.14, 0.16),
    (0.86, 0.86, 0.83),
    (0.28, 0.34, 0.42),
    (0.55, 0.47, 0.36),
    (0.36, 0.20, 0.18),
    (0.22, 0.32, 0.27),
)
_BLADES: tuple[Colour, ...] = (
    (0.78, 0.79, 0.80),
    (0.60, 0.66, 0.74),
    (0.74, 0.66, 0.52),
    (0.50, 0.56, 0.58),
    (0.82, 0.80, 0.74),
)
_MARKS: tuple[Colour, ...] = (
    (0.93, 0.33, 0.10),
    (0.85, 0.10, 0.16),
    (0.10, 0.42, 0.85),
    (0.05, 0.58, 0.30),
)


@dataclass(frozen=True)
class Unit:
    """One fan; lengths in frame widths."""

    blades: int
    direction: float
    rate_rad_s: float
    gear_ratio: float
    mount_rad_s: float
    half_side: float
    corner: float
    tip: float
    hub: float
    sweep_rad: float
    fill: float
    housing: Colour
    blade: Colour
    mark: Colour


class Fan:
    """The twin of the category ``fan``."""

    category = "fan"
    defects: ClassVar[Mapping[str, Defect]] = {
        "stuck": Defect(
            onset="intermittent",
            evidence="motion",
            cause=(
                "An obstacle grips a blade at the onset, which bends like a stiff spring; severity "
                "raises its grip from a rub that slows the rotor to a hold that stops it dead."
            ),
        ),
        "uneven": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "A tight spot in the bearing adds viscous friction once a turn; severity raises it."
            ),
        ),
        "vibration": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The mount is loose, and the imbalance of the geared motor shakes the housing; "
                "severity raises the amplitude."
            ),
        ),
    }
    wander = 0.0  # The fan's own position wanders instead: a loose mount moves it.
    physics = (
        "A motor with a speed controller and a limited torque turns the rotor against viscous "
        "and dry friction. A loose housing is a sprung mass in two directions that the imbalance"
        " of the fast motor drives close to resonance."
    )
    leaves_out = "No air is moved, and all blades are drawn flat and unbent, even one that is held."

    def build(self, rng: np.random.Generator) -> Unit:
        """A fan with its blades, its gear and its colours."""
        blades = int(rng.integers(3, 5))
        # Eight frames spread over two seconds lie 0.25 s apart. In that time the rotor turns less
        # than half a blade pitch, so that the eye follows each blade and is not misled.
        slow, fast = (130, 195) if blades == 3 else (105, 150)
        rate = float(np.deg2rad(rng.uniform(slow, fast)))
        half_side = float(rng.uniform(0.315, 0.345))
        # The motor turns faster than the rotor; so does its imbalance, and the mount feels that.
        gear_ratio = float(np.round(2 * pi * rng.uniform(2.4, 3.0) / rate))
        return Unit(
            blades=blades,
            direction=float(rng.choice((-1.0, 1.0))),
            rate_rad_s=rate,
            gear_ratio=gear_ratio,
            mount_rad_s=gear_ratio * rate * float(rng.uniform(1.05, 1.2)),
            half_side=half_side,
            corner=float(rng.choice((0.04, 0.09, half_side - 0.005))),
            tip=half_side * float(rng.uniform(0.80, 0.86)),
            hub=float(rng.uniform(0.075, 0.10)),
            sweep_rad=float(rng.uniform(0.15, 0.7)),
            fill=float(rng.uniform(0.27, 0.34)),
            housing=_HOUSINGS[rng.integers(len(_HOUSINGS))],
            blade=_BLADES[rng.integers(len(_BLADES))],
            mark=_MARKS[rng.integers(len(_MARKS))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The rotor under its speed-controlled motor, and the housing on its mount."""
        rate = unit.rate_rad_s * float(drive.uniform(0.93, 1.07))
        start = float(drive.uniform(0, 2 * pi))
        tight = grip = amplitude = 0.0
        if fault and fault.id == "uneven":
            tight = fault.graded(4.0, 55.0, 100.0)
        elif fault and fault.id == "stuck":
            grip = fault.graded(5.0, 52.0, 160.0)
        elif fault:
            amplitude = fault.graded(0.010, _CLEAR_SHAKE, _GROSS_SHAKE)
        ahead = float(chance.uniform(0.5, 1.5))
        onset = fault.onset_s if fault else 0.0
        turned = np.array(_turn(rate, times, tight, ahead, grip, onset))
        x, y = _place(unit, rate, times, amplitude, drive)
        return Motion(
            states={"angle_rad": start + unit.direction * turned, "x": x, "y": y},
            parameters={
                "rate_rad_s": unit.direction * rate,
                "inertia_kg_m2": _INERTIA_KG_M2,
                "start_angle_rad": start,
                "imbalance_rate_rad_s": unit.gear_ratio * rate,
                "tight_spot_friction_per_s": tight,
                "obstacle_grip_rad_s2": grip,
                "shake_frame_widths": amplitude,
            },
        )

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """The housing, which is one picture wherever its mount lets it be, and the rotor in it."""
        x, y = canvas.snap(states["x"], states["y"])
        canvas.overlay(*_picture_housing(unit, canvas.view), x, y)
        _paint_rotor(canvas, unit, x, y, states["angle_rad"].astype(np.float32)[:, None, None])


def _turn(
    rate: float,
    times: NDArray[np.float64],
    tight: float,
    ahead: float,
    grip: float,
    onset_s: float,
) -> list[float]:
    """The angle turned at each time, counted in the sense of rotation.

    ``tight`` is the extra viscous friction (1/s) at the tight spot of the bearing, which the rotor
    first meets ``ahead`` rad after its start; from ``onset_s`` on an obstacle catches a blade and
    slips along it where it would have to hold it with more than ``grip``.
    """

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        angle, speed, wound, bend = state
        error = rate - speed
        torque = _GAIN_PER_S * error + wound
        torque = limited(torque, _MOTOR_LIMIT_RAD_S2)
        wound = limited(wound + _INTEGRAL_PER_S2 * error * dt, 25.0)
        drag = _VISCOUS_PER_S
        if tight:
            off = (angle - ahead + pi) % (2 * pi) - pi
            drag += tight * exp(-((off / 0.28) ** 2))
        # tanh stands for Coulomb's step, which no fixed time step can resolve.
        acceleration = torque - _COULOMB_RAD_S2 * tanh(speed / 0.05)
        if grip and t >= onset_s:
            hold = _BEND_PER_S2 * bend + _BEND_PER_S * speed
            acceleration -= limited(hold, grip)
        speed = (speed + acceleration * dt) / (1 + drag * dt)
        if grip and t >= onset_s:
            bend = limited(bend + speed * dt, grip / _BEND_PER_S2)
        return angle + speed * dt, speed, wound, bend

    wound = _VISCOUS_PER_S * rate + copysign(_COULOMB_RAD_S2, rate)
    start: tuple[float, ...] = (0.0, rate, wound, 0.0)
    return [state[0] for state in march(advance, start, times)]


def _place(
    unit: Unit,
    rate: float,
    times: NDArray[np.float64],
    amplitude: float,
    drive: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the housing is: a loose one swings by ``amplitude``, a sound one stands.

    A sound one stands where a loose one on the same mount would pass, at a moment at random: no
    single frame shows a fan where another could not be just as well.
    """
    rest = drive.uniform(-_REST, _REST, 2)
    phase, bearing = float(drive.uniform(0, 2 * pi)), float(drive.uniform(0, 2 * pi))
    away = float(drive.uniform(_CLEAR_SHAKE, _GROSS_SHAKE))
    turn_s = 2 * pi / (unit.gear_ratio * rate)
    moment_s = float(drive.uniform(0, turn_s))
    # Ticks of their own: where a sound fan stands hangs on no frame's time.
    ticks = np.arange(ceil(max(times[-1], turn_s) / _TICK_S) + 1) * _TICK_S
    shake = _shake(unit, rate, ticks, phase, bearing)
    # The less it swings, the more it stands aside: together they reach as far in every video.
    aside = max(0.0, 1 - amplitude / _CLEAR_SHAKE) * away
    x, y = (
        rest[k]
        + aside * np.interp(moment_s, ticks, shake[:, k])
        + amplitude * np.interp(times, ticks, shake[:, k])
        for k in (0, 1)
    )
    return x, y


def _shake(
    unit: Unit, rate: float, times: NDArray[np.float64], phase: float, bearing: float
) -> NDArray[np.float64]:
    """The loose mount, (times, 2): a sprung mass in two directions, driven by the imbalance.

    The imbalance is as great as it takes for the weaker direction to swing by 1.
    """
    omega = unit.gear_ratio * rate
    weak, strong = unit.mount_rad_s**2, (1.35 * unit.mount_rad_s) ** 2
    damping = 2 * _MOUNT_DAMPING * unit.mount_rad_s
    push = sqrt((weak - omega * omega) ** 2 + (damping * omega) ** 2)

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        x, vx, y, vy = state
        vx += (push * cos(omega * t + phase) - weak * x - damping * vx) * dt
        vy += (push * sin(omega * t + phase) - strong * y - damping * vy) * dt
        return x + vx * dt, vx, y + vy * dt, vy

    rest: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    path = np.array(march(advance, rest, times, step=_TICK_S, warm_up=2.0))[:, (0, 2)]
    c, s = cos(bearing), sin(bearing)
    return np.asarray(path @ np.array([[c, s], [-s, c]]))


@lru_cache(maxsize=1)
def _picture_housing(unit: Unit, view: View) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The housing at the origin on black, and how much of what lies beneath shows through."""
    empty = np.zeros((1, 3, view.size, view.size), np.float32)
    on_black, on_white = Canvas(view, empty), Canvas(view, empty + 1)
    _paint_housing(on_black, unit)
    _paint_housing(on_white, unit)
    return on_black.pixels, on_white.pixels - on_black.pixels


def _paint_housing(canvas: Canvas, unit: Unit) -> None:
    side = unit.half_side
    with canvas.part(reach=(side + 0.05, side + 0.05)) as body:
        x, y = body.x, body.y
        edge = box(x, y, side, side, unit.corner)
        body.shadow(edge, soft=0.05, strength=0.4)
        slope = 1 + 0.35 * (y - x)
        body.fill(edge, unit.housing, shade=slope)
        body.fill(np.abs(edge + 0.012) - 0.006, (1.0, 1.0, 1.0), opacity=0.10)
        r = circle(x, y, 0.0)
        bore = r - (unit.tip + 0.018)
        body.fill(np.abs(bore - 0.008) - 0.007, (1.0, 1.0, 1.0), opacity=0.16)
        body.fill(bore, (0.055, 0.06, 0.07), shade=1 + 1.2 * np.maximum(y - x, 0))
        # Three struts carry the motor; they stand still behind the blades.
        for k in range(3):
            a = 0.5 + 2 * pi * k / 3
            along, across = x * cos(a) + y * sin(a), y * cos(a) - x * sin(a)
            strut = np.maximum(np.maximum(np.abs(across) - 0.014, -along), bore)
            body.fill(strut, unit.housing, opacity=0.55, shade=0.7 * slope)
        if unit.corner < 0.2:
            paint_corner_screws(body, side - 0.045, 0.02, rim=0.012)


def _paint_rotor(
    canvas: Canvas, unit: Unit, x: NDArray[np.float64], y: NDArray[np.float64], angle: Field
) -> None:
    with canvas.part(x, y, reach=(unit.tip, unit.tip)) as window:
        r = circle(window.x, window.y, 0.0)
        out = r / np.float32(unit.tip)
        bearing = np.arctan2(window.y, window.x) + unit.direction * unit.sweep_rad * out * out
        turned = bearing - angle
        pitch = 2 * pi / unit.blades
        off = turned - np.round(turned / pitch) * np.float32(pitch)
        half = np.float32(pitch * unit.fill) * (0.85 + 0.25 * out)
        across = off / half
        blade = np.maximum(r * (np.abs(off) - half), r - unit.tip * (1 - 0.05 * across * across))
        # A blade is pitched: the leading edge catches the light, the trailing edge lies in shade.
        slope = 0.86 + np.float32(0.26 * unit.direction) * np.clip(across, -1, 1)
        window.fill(blade, unit.blade, shade=slope)
        whole = turned - np.round(turned / (2 * pi)) * np.float32(2 * pi)
        bar = np.maximum(r * (np.abs(whole) - 0.72 * half), np.abs(out - 0.72) * unit.tip - 0.05)
        window.fill(bar, unit.mark, shade=slope + 0.12)
    with canvas.part(x, y, reach=(unit.hub + 0.03, unit.hub + 0.03)) as hub:
        edge = circle(hub.x, hub.y, unit.hub)
        hub.shadow(edge, (0.006, -0.01), soft=0.03, strength=0.4)
        hub.fill(edge, unit.blade, shade=0.78 + 2.2 * (hub.y - hub.x))
        hub.fill(edge + 0.022, unit.housing, shade=0.9 + 2.0 * (hub.y - hub.x))
        hub.fill(ring(hub.x, hub.y, unit.hub - 0.024, 0.006), (1.0, 1.0, 1.0), opacity=0.25)


TWIN = Fan()
