"""The rolling bearing: a motor turns the inner ring, and the balls roll round with their cage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, pi
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.mechanics import limited, rubbed
from physprior.simulate.props import column, paint_corner_screws, paint_mount, paint_screw_head
from physprior.simulate.shapes import Field, box, circle
from physprior.simulate.twin import Defect, Fault, Motion, States, march

_FRAME_M = 0.12
"""The width of the frame: the bearing is about ten centimetres across."""
_STEP_S = 1 / 960
_PRELOAD_N = 12.0
"""What presses all balls between the races."""
_SLIDING = 0.10
_STICKING = 0.12
_STRIBECK_M_S = 0.02
"""At this speed of sliding, friction has fallen most of the way from sticking to sliding."""
_RING_KG_M2 = 1.5e-4
_RING_N_M_S = 5.0e-4
_SHAFT_N_M_RAD = 0.12
"""The shaft and its coupling give: a ring that sticks winds them up."""
_SHAFT_N_M_S = 6.0e-4
_MOTOR_KG_M2 = 2.0e-3
_STALL_N_M = 0.13
_BALL_KG_M3 = 7800.0
_SOUND_POCKET = 0.01
"""Friction of a sound ball in its pocket, over what the races' traction could overcome."""
_SOUND_GREASE = 0.02
_OLD_GREASE = 0.3

_STEELS: tuple[Colour, ...] = (
    (0.82, 0.84, 0.86),
    (0.58, 0.61, 0.65),
    (0.30, 0.31, 0.34),
    (0.76, 0.70, 0.58),
)
_CAGES: tuple[Colour, ...] = (
    (0.76, 0.55, 0.18),
    (0.20, 0.42, 0.66),
    (0.62, 0.20, 0.16),
    (0.18, 0.46, 0.32),
)
_MARKS: tuple[Colour, ...] = (
    (0.97, 0.85, 0.10),
    (0.98, 0.42, 0.08),
    (0.15, 0.85, 0.80),
    (0.45, 0.88, 0.20),
)
_INKS: tuple[Colour, ...] = ((0.10, 0.11, 0.14), (0.62, 0.08, 0.10), (0.08, 0.16, 0.55))
_MOUNTS: tuple[Colour, ...] = (
    (0.16, 0.19, 0.23),
    (0.14, 0.27, 0.38),
    (0.17, 0.28, 0.20),
    (0.22, 0.20, 0.18),
)


@dataclass(frozen=True)
class Unit:
    """One bearing; lengths in frame widths."""

    balls: int
    direction: float
    rate_rad_s: float
    pitch: float
    """Radius of the circle on which the balls' centres lie."""
    ball: float
    outer: float
    bore: float
    pillow: bool
    steel: Colour
    cage: Colour
    mark: Colour
    ink: Colour
    mount: Colour

    @property
    def race(self) -> float:
        """Radius of the raceway of the inner ring."""
        return self.pitch - self.ball

    @property
    def share(self) -> float:
        """How fast the cage goes round, over the inner ring, when the balls roll."""
        return self.race / (2 * self.pitch)

    @property
    def train_kg_m2(self) -> float:
        """Inertia of all balls on their way round, spinning as they roll."""
        mass = self.balls * 4 / 3 * pi * (self.ball * _FRAME_M) ** 3 * _BALL_KG_M3
        return mass * (1 + 0.4) * (self.pitch * _FRAME_M) ** 2


@dataclass(frozen=True)
class Grease:
    """What holds the balls, as moments on their way round (N m), and how the races grip them."""

    yield_n_m: float
    viscous_n_m_s: float
    sticking: float


class RollingBearing:
    """The twin of the category ``rolling_bearing``."""

    category = "rolling_bearing"
    defects: ClassVar[Mapping[str, Defect]] = {
        "ball_stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Dirt and hardened grease raise the friction of the balls in their pockets and on "
                "the dry races; severity raises both, until the races cannot turn the balls."
            ),
        )
    }
    wander = 0.03
    physics = (
        "A motor whose torque falls with its speed turns the inner ring through a springy shaft, "
        "and friction at the inner race drives the balls, which roll on the outer race and carry "
        "the cage. Grease in the pockets holds them back by a yield stress and by its viscosity, "
        "and where traction is too weak the ring sticks and slips over them."
    )
    leaves_out = "All balls are held back alike, and none of them slides on the outer race."

    def build(self, rng: np.random.Generator) -> Unit:
        """A bearing with its balls, its rings and its colours."""
        balls = int(rng.integers(7, 10))
        pitch = float(rng.uniform(0.245, 0.265))
        ball = min(0.085, float(rng.uniform(0.74, 0.82)) * pi * pitch / balls)
        share = (pitch - ball) / (2 * pitch)
        # Eight frames spread over two seconds lie 0.25 s apart. In that time the cage goes round
        # by less than half the way from ball to ball, so that the eye follows each of them.
        fastest = pi / balls / (0.25 * 1.1 * share)
        race = pitch - ball
        cage = _CAGES[rng.integers(len(_CAGES))]
        marks = [mark for mark in _MARKS if np.linalg.norm(np.subtract(mark, cage)) > 0.5]
        return Unit(
            balls=balls,
            direction=float(rng.choice((-1.0, 1.0))),
            rate_rad_s=fastest * float(rng.uniform(0.78, 0.98)),
            pitch=pitch,
            ball=ball,
            outer=pitch + ball + float(rng.uniform(0.045, 0.065)),
            bore=race * float(rng.uniform(0.50, 0.62)),
            pillow=bool(rng.integers(2)),
            steel=_STEELS[rng.integers(len(_STEELS))],
            cage=cage,
            mark=marks[rng.integers(len(marks))],
            ink=_INKS[rng.integers(len(_INKS))],
            mount=_MOUNTS[rng.integers(len(_MOUNTS))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The inner ring under its motor, and the balls between the races.

        Ring, cage and each ball begin at angles of their own: one frame shows three angles that
        are as likely as any others, whether or not they change together.
        """
        rate = unit.rate_rad_s * float(drive.uniform(0.9, 1.08))
        ring, train = (float(v) for v in drive.uniform(0, 2 * pi, 2))
        spins = drive.uniform(0, 2 * pi, unit.balls)
        grease = _grease(unit, rate, fault, float(chance.uniform(0.96, 1.04)))
        turned, rolled = _roll(unit, rate, times, grease)
        ways = -unit.direction * rolled * unit.pitch / unit.ball
        lever = unit.balls * (unit.pitch + unit.ball) / unit.ball
        return Motion(
            states={
                "ring_rad": ring + unit.direction * turned,
                "cage_rad": train + unit.direction * rolled,
                "ball_rad": spins + ways[:, None],
            },
            parameters={
                "rate_rad_s": unit.direction * rate,
                "cage_share_1": unit.share,
                "pocket_friction_n_m": grease.yield_n_m / lever,
                "pocket_viscosity_n_m_s": grease.viscous_n_m_s / lever,
                "sticking_friction_1": grease.sticking,
            },
        )

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Mount and rings, whatever looks the same at every angle first; cage and balls; marks."""
        _paint_mount(canvas, unit)
        _paint_outer(canvas, unit)
        _paint_inner(canvas, unit)
        _paint_train(canvas, unit, states)
        _paint_marks(canvas, unit, states["ring_rad"])


def _grease(unit: Unit, rate: float, fault: Fault | None, dirt: float = 1.0) -> Grease:
    """How the balls are held: their pockets' friction is measured by what traction can do."""
    sticking, pocket, grease = _STICKING, _SOUND_POCKET, _SOUND_GREASE
    if fault:
        sticking = dirt * fault.graded(0.125, 0.20, 0.27)
        pocket, grease = fault.graded(0.06, 1.1, 2.0), _OLD_GREASE
    # The point where the inner race touches a ball moves twice as fast as the ball's centre.
    most = sticking * _PRELOAD_N * 2 * unit.pitch * _FRAME_M
    return Grease(pocket * most, grease * most / (rate * unit.share), sticking)


def _roll(
    unit: Unit, rate: float, times: NDArray[np.float64], grease: Grease
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far ring and cage have turned (rad) at each time, counted in the sense of rotation."""
    race, twice, inertia = unit.race * _FRAME_M, 2 * unit.pitch * _FRAME_M, unit.train_kg_m2
    # The motor is set for a sound bearing: with one, the ring turns at ``rate``.
    sound = _grease(unit, rate, None)
    load = sound.yield_n_m + sound.viscous_n_m_s * rate * unit.share
    load = load * race / twice + _RING_N_M_S * rate
    idle = rate / (1 - load / _STALL_N_M)

    def advance(state: tuple[float, ...], _: float, dt: float) -> tuple[float, ...]:
        ring, turning, train, going, wound, motor = state
        shaft = _SHAFT_N_M_RAD * wound + _SHAFT_N_M_S * (motor - turning)
        motor += (_STALL_N_M * (1 - motor / idle) - shaft) / _MOTOR_KG_M2 * dt
        turning += (shaft - _RING_N_M_S * turning) / _RING_KG_M2 * dt
        held = grease.yield_n_m + grease.viscous_n_m_s * abs(going)
        going = rubbed(going, held / inertia * dt)
        slip = turning * race - going * twice
        friction = _SLIDING + (grease.sticking - _SLIDING) * exp(-abs(slip) / _STRIBECK_M_S)
        grip = friction * _PRELOAD_N * dt
        # Balls at rest stay so if the pockets bear what the ring can exert on them.
        push = limited(slip * _RING_KG_M2 / race**2, grip)
        if going != 0 or abs(push) * twice > grease.yield_n_m * dt:
            push = limited(slip / (race**2 / _RING_KG_M2 + twice**2 / inertia), grip)
            going += push * twice / inertia
        turning -= push * race / _RING_KG_M2
        wound += (motor - turning) * dt
        return ring + turning * dt, turning, train + going * dt, going, wound, motor

    going = rate * unit.share if grease == sound else 0.0
    start: tuple[float, ...] = (0.0, rate, 0.0, going, load / _SHAFT_N_M_RAD, rate)
    path = np.array(march(advance, start, times, step=_STEP_S, warm_up=0.5))
    return path[:, 0], path[:, 2]


def _paint_mount(canvas: Canvas, unit: Unit) -> None:
    side = unit.outer + 0.03
    with canvas.part(reach=(0.5, 0.5)) as mount:
        x, y = mount.x, mount.y
        if unit.pillow:
            edge = np.minimum(circle(x, y, side), box(x, y + 0.24, side - 0.01, 0.24, 0.02))
            edge = np.minimum(edge, box(x, y + 0.42, 0.47, 0.045, 0.015))
        else:
            edge = box(x, y, side, side, 0.05)
        paint_mount(mount, edge, unit.mount, gloss=0.12)
        if unit.pillow:
            for u in (-0.415, 0.415):
                paint_screw_head(mount, x - u, y + 0.405, 0.026)
        else:
            paint_corner_screws(mount, side - 0.055, 0.026)


def _paint_outer(canvas: Canvas, unit: Unit) -> None:
    with canvas.part(reach=(unit.outer + 0.02, unit.outer + 0.02)) as ring:
        x, y = ring.x, ring.y
        edge = circle(x, y, unit.outer)
        ring.fill(edge - 0.008, (0.03, 0.03, 0.04), opacity=0.8)
        _paint_steel(ring, edge, unit.steel, x, y)
        groove = circle(x, y, unit.pitch + unit.ball + 0.003)
        ring.fill(groove, (0.045, 0.05, 0.06), shade=1 + 1.5 * np.maximum(x - y, 0))


def _paint_steel(part: Part, edge: Field, colour: Colour, x: Field, y: Field) -> None:
    """Turned steel: light lies on it in two fans, whichever way the ring has turned."""
    r = np.sqrt(x * x + y * y) + np.float32(1e-3)
    gleam = (y - x) / r
    part.fill(edge, colour, shade=0.86 + 0.22 * gleam * gleam + 0.10 * gleam)


def _paint_inner(canvas: Canvas, unit: Unit) -> None:
    """The inner ring and the shaft in it without their marks: they look alike at every angle."""
    race = unit.race - 0.003
    with canvas.part(reach=(race, race)) as ring:
        x, y = ring.x, ring.y
        edge = circle(x, y, race)
        _paint_steel(ring, edge, unit.steel, x, y)
        ring.fill(np.abs(edge + 0.008) - 0.004, (0.0, 0.0, 0.0), opacity=0.35)
        ring.fill(circle(x, y, unit.bore + 0.008), (0.03, 0.03, 0.04))
        ring.fill(circle(x, y, unit.bore), (0.60, 0.62, 0.65), shade=0.85 + 2.2 * (y - x))


def _paint_train(canvas: Canvas, unit: Unit, states: States) -> None:
    size, half = unit.ball, unit.pitch + unit.ball
    cage = column(states["cage_rad"])
    with canvas.part(reach=(half, half)) as window:
        x, y = window.x, window.y
        # Each pixel belongs to the ball that is nearest to it on the way round.
        gap = np.float32(2 * pi / unit.balls)
        which = np.round((np.arctan2(y, x) - cage) / gap)
        at = cage + which * gap
        u, v = x - unit.pitch * np.cos(at), y - unit.pitch * np.sin(at)
        ball = circle(u, v, 0.97 * size)
        middle = np.abs(circle(x, y, unit.pitch))
        band = np.maximum(np.minimum(middle - 0.036, ball - 0.2 * size), middle - 0.96 * size)
        window.fill(band, unit.cage, shade=0.95 + 0.6 * (y - x))
        # One pocket of the cage is painted, and each ball bears a line.
        first = np.abs(which - unit.balls * np.round(which / unit.balls))
        window.fill(np.maximum(band, first - 0.5), unit.mark)
        light = 0.82 + 0.2 / size * (v - u)
        light *= np.clip(-7 / size * ball, 0.1, 1)
        window.fill(ball - 0.1 * size, (0.93, 0.94, 0.96), shade=light)
        c, s = _looked_up(states["ball_rad"], which)
        line = np.maximum(np.abs(v * c - u * s) - 0.17 * size, ball + 0.06 * size)
        window.fill(np.maximum(line, -0.1 * size - u * c - v * s), unit.ink)


def _looked_up(spin: NDArray[np.float64], which: Field) -> tuple[Field, Field]:
    """Cosine and sine of the angle of the ``which``-th ball, counted on from turn to turn."""
    least = int(which.min())
    turns = spin[:, np.arange(least, int(which.max()) + 1) % spin.shape[1]].astype(np.float32)
    rows = np.arange(len(spin))[:, None, None] * turns.shape[1]
    index = (which - least).astype(np.int64) + rows
    return np.cos(turns).take(index), np.sin(turns).take(index)


def _paint_marks(canvas: Canvas, unit: Unit, ring: NDArray[np.float64]) -> None:
    """What shows that the inner ring turns: a painted stripe, and the key of the shaft."""
    race = unit.race - 0.011
    with canvas.part(reach=(race, race)) as marks:
        c, s = np.cos(column(ring)), np.sin(column(ring))
        x, y = marks.x * c + marks.y * s, marks.y * c - marks.x * s
        stripe = box(x - (race + unit.bore) / 2, y, (race - unit.bore) / 2 - 0.006, 0.036)
        key = box(x - unit.bore + 0.004, y, 0.024, 0.024, 0.004)
        marks.fill(np.minimum(stripe - 0.007, key), (0.07, 0.07, 0.08))
        marks.fill(np.maximum(stripe, 0.012 - key), unit.mark)


TWIN = RollingBearing()
