"""The bottled liquid: a gripper holds a clear bottle by its base, cap down, and shakes it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import atan2, cos, hypot, pi, sin, sqrt, tanh
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks import liquid as looks
from physprior.simulate.mechanics import Program
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = looks.FRAME_M
_GRAVITY = 9.81
_SERVO_RAD_S = 30.0
_FASTEST_RAD_S = 5.0
_STEP_S = 1 / 360
_TICK_S = 1 / 120
"""How finely drops are told from one another, however few frames a second are filmed."""
_DAMPING = 0.10
"""Of the slosh, as a share of the critical one."""
_WALL_DRAG = 0.25
"""How much of the bottle's turning its wall hands on to the liquid."""
_ARM_M = 0.025
"""How far below the bottle's centre the liquid's centre of mass lies."""
DEPTH_M = 0.04
"""The bottle is as deep as this everywhere: what shows is a flat flask."""
_FLOW = 0.62
"""What a sharp-edged gap lets through of the ideal flow."""
FILM_M = 2.5e-3
"""How thick water lies in a puddle."""
_DROP_M3 = 8.0e-8
_MAX_DROPS = 56
_SLOTS = 10
_AWAY = 9.0
"""Where a drop waits that is not in the air."""
_TURNS, _SHARES = 60, 24


class Liquid:
    """The twin of the category ``liquid``."""

    category = "liquid"
    defects: ClassVar[Mapping[str, Defect]] = {
        "foreign_object": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "A solid particle, a little denser than the liquid, is in the bottle and is moved"
                " by weight, buoyancy and drag; severity grades its size."
            ),
        ),
        "leak": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "From the onset on there is a gap under the cap, through which liquid runs out as"
                " fast as the pressure above it drives it; severity grades the gap's area."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "A gripper swings the bottle to and fro, and the liquid's surface follows as a damped "
        "pendulum with the first sloshing frequency of the bottle at its present slant, while "
        "the volume below it is kept. Liquid leaves a gap by Torricelli's law and falls in drops "
        "into a puddle, and a particle is moved by weight, buoyancy, drag and the wall."
    )
    leaves_out = (
        "The bottle is flat and breathes in air as easily as it loses liquid, the surface stays "
        "plane, and the particle does not stir the liquid."
    )

    def build(self, rng: np.random.Generator) -> looks.Unit:
        """A bottle with its shape, its cap and its liquid."""
        return looks.draw_unit(rng)

    def move(
        self,
        unit: looks.Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Strokes to and fro with a rest between them, and what the liquid does meanwhile."""
        duration = duration_of(times)
        wish = _Strokes(drive, duration)
        sway, aside = float(drive.uniform(0.012, 0.026)), float(drive.uniform(-0.02, 0.02))
        gap, onset, size, density = 0.0, 0.0, 0.0, 0.0
        if fault and fault.id == "leak":
            # A longer clip has a smaller gap, so that it shows as much of the bottle run empty.
            gap, onset = fault.graded(1.2e-6, 38e-6, 110e-6) * 2 / duration, fault.onset_s
        elif fault:
            size = fault.graded(0.0026, 0.0064, 0.0105)
            density = float(chance.uniform(1.01, 1.05))
        speck = _start(unit, chance, wish) if size else ()
        each = int(np.ceil(times[1] / _TICK_S - 1e-6))
        # To the clip's end, so that what falls in it is no matter of how many frames it has.
        ticks = np.asarray(np.arange(each * len(times) + 1) * (times[1] / each), np.float64)
        whole = _shake(unit, ticks, wish, sway, (gap, onset), (size, density, *speck))
        path = whole[:-1:each]
        tilt, lean, fill = path[:, 0], path[:, 2], path[:, 4]
        aim = aside - sway / _FRAME_M * wish.middle
        x = aim + sway / _FRAME_M * tilt
        levels = _levels(unit)
        level = [_level(levels, a, f) for a, f in zip((lean - tilt).tolist(), fill, strict=True)]
        states = {"tilt_rad": tilt, "x": x, "surface_rad": lean - tilt, "level": np.array(level)}
        states["fill"] = fill
        lost = unit.volume_m3(DEPTH_M) * (fill[0] - whole[:, 4])
        bottle = {"tilt_rad": whole[:, 0], "x": aim + sway / _FRAME_M * whole[:, 0]}
        states |= _drops(times, ticks, looks.seam_at(unit, bottle), lost)
        states["wet"] = np.clip(lost[:-1:each] / (4 * _DROP_M3), 0, 1)
        states |= {
            "speck_x": path[:, 5] / _FRAME_M + x if size else np.full_like(x, _AWAY),
            "speck_y": path[:, 6] / _FRAME_M + looks.MIDDLE if size else np.full_like(x, _AWAY),
            "speck_rad": path[:, 9] if size else np.zeros_like(x),
            "speck_size": np.full_like(x, size / _FRAME_M),
        }
        parameters = {
            "gap_mm2": gap * 1e6,
            "particle_radius_mm": size * 1e3,
            "particle_density_1": density,
            "swing_rad": wish.swing,
            "strokes_per_s": 1 / wish.stroke_s,
            "fill_ml": unit.fill * unit.volume_m3(DEPTH_M) * 1e6,
            "lost_ml": float(lost[-1]) * 1e6,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: looks.Unit, states: States) -> None:
        """Table, puddle, bottle with its liquid, what is in it, gripper and drops."""
        looks.paint(canvas, unit, states)


class _Strokes(Program):
    """The slant (rad) that the gripper wants: a rest, then three strokes to and fro."""

    def __init__(self, drive: np.random.Generator, duration: float) -> None:
        side, first = (1 if drive.uniform() < 0.5 else -1 for _ in range(2))
        self.middle = side * float(np.deg2rad(drive.uniform(10.0, 24.0)))
        self.stroke_s = float(drive.uniform(0.13, 0.17)) * duration
        # No arm swings a bottle faster than this, however short the clip.
        fast = 0.5 * _FASTEST_RAD_S * self.stroke_s
        self.swing = min(fast, float(np.deg2rad(drive.uniform(30.0, 42.0))))
        rest = float(drive.uniform(0.12, 0.24)) * duration
        halves = np.cumsum([0, 0, 1, 2, 2, 1]) * self.stroke_s / 2
        moments = [0.0, *(rest + halves[1:]).tolist()]
        slants = [self.middle + first * self.swing * k for k in (0, 0, 1, -1, 1, 0)]
        super().__init__(moments, slants, float(drive.uniform(0, moments[-1])))


@lru_cache(maxsize=64)
def _levels(unit: looks.Unit) -> list[list[float]]:
    """How high the surface lies over the bottle's centre, by its slant and by the share filled.

    The bottle is filled with points; the share of them below the surface is the share filled.
    Slants go round a whole turn, in the bottle's frame; heights are in frame widths.
    """
    x, y = np.meshgrid(np.linspace(-unit.wide, unit.wide, 23), np.linspace(-0.5, 0.5, 61))
    y = y * unit.length
    inside = looks.inner(unit, x, y) < 0
    x, y = x[inside], y[inside]
    slants = np.arange(_TURNS + 1)[:, None] * (2 * pi / _TURNS)
    heights = np.sort(y * np.cos(slants) - x * np.sin(slants), axis=1)
    at = np.linspace(0, len(x) - 1, _SHARES + 1).round().astype(int)
    table: list[list[float]] = heights[:, at].tolist()
    return table


def _level(table: list[list[float]], slant: float, fill: float) -> float:
    turn, share = (slant / (2 * pi) % 1.0) * _TURNS, max(0.0, min(0.9999, fill)) * _SHARES
    i, j = int(turn), int(share)
    u, v = turn - i, share - j
    low, high = table[i], table[i + 1]
    below = low[j] + v * (low[j + 1] - low[j])
    return below + u * (high[j] + v * (high[j + 1] - high[j]) - below)


def _start(
    unit: looks.Unit, chance: np.random.Generator, wish: Program
) -> tuple[float, float, float]:
    """Where the particle is when the integration begins (m, from the centre), and its angle."""
    slant = wish.at(-0.5)
    along = -0.5 * unit.length * float(chance.uniform(0.0, 0.5)) * _FRAME_M
    return -along * sin(slant), along * cos(slant), float(chance.uniform(0, 2 * pi))


def _shake(
    unit: looks.Unit,
    times: NDArray[np.float64],
    wish: Program,
    sway: float,
    leak: tuple[float, float],
    speck: tuple[float, ...],
) -> NDArray[np.float64]:
    """Slant and surface (rad, and their rates), share filled; then the particle, if there is one.

    ``sway`` is how far the bottle's centre goes aside with its slant (m/rad), ``leak`` the gap's
    area and when it opens, ``speck`` a particle's radius, relative density, place and angle.
    """
    levels, (gap, onset) = _levels(unit), leak
    volume = unit.volume_m3(DEPTH_M)
    area, seam = volume / DEPTH_M, -unit.seam

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        tilt, turning, lean, rocking, fill = state[:5]
        spin = _SERVO_RAD_S**2 * (wish.at(t) - tilt) - 1.8 * _SERVO_RAD_S * turning
        # What the liquid feels: gravity and the acceleration of where it is.
        ax, ay = (sway + _ARM_M) * spin, _GRAVITY + _ARM_M * turning * turning
        pull, settled = hypot(ax, ay), atan2(-ax, ay)
        width = unit.across(lean - tilt) * _FRAME_M
        # The first sloshing mode of a basin that is as wide as the surface.
        stiff = pull * pi / width * tanh(pi * fill * area / width / width)
        # Steep waves break, which costs them far more than rubbing along the wall.
        steep = _DAMPING * (1 + 8 * (lean - settled) ** 2)
        drag = 2 * steep * sqrt(stiff) * (rocking - _WALL_DRAG * turning)
        rocking += (-stiff * sin(lean - settled) - drag) * dt
        lean += rocking * dt
        turning += spin * dt
        tilt += turning * dt
        if gap and t >= onset:
            slant = lean - tilt
            # The seam's lowest point leaks; its depth below the surface drives the liquid out.
            low = -abs(sin(slant)) * unit.neck - seam * -cos(slant)
            head = (_level(levels, slant, fill) - low) * _FRAME_M
            if head > 0:
                fill -= _FLOW * gap * sqrt(2 * pull * head) / volume * dt
        if len(state) == 5:
            return tilt, turning, lean, rocking, fill
        surface = _level(levels, lean - tilt, fill) * _FRAME_M
        carried = _carry(
            unit, speck, state[5:], (tilt, turning, spin, sway, lean, rocking, surface), dt
        )
        return tilt, turning, lean, rocking, fill, *carried

    start = wish.at(-0.5)
    state: tuple[float, ...] = (start, 0.0, 0.0, 0.0, unit.fill)
    if speck[0]:
        state += (speck[2], speck[3], 0.0, 0.0, speck[4])
    return np.array(march(advance, state, times, step=_STEP_S, warm_up=0.5))


def _carry(
    unit: looks.Unit,
    speck: tuple[float, ...],
    state: tuple[float, ...],
    bottle: tuple[float, ...],
    dt: float,
) -> tuple[float, ...]:
    """The particle's place and velocity (m, from the bottle's centre, upright) and its angle."""
    size, density = speck[:2]
    x, y, vx, vy, angle = state
    tilt, turning, spin, sway, lean, rocking, surface = bottle
    # Seen from the bottle's centre, which is itself pushed aside.
    ax, ay = -sway * spin, -_GRAVITY
    rate = turning + 0.5 * (rocking - turning)
    if y * cos(lean) - x * sin(lean) < surface:
        # Buoyancy is the pressure's gradient: the liquid about it is borne by it, it is not.
        ax, ay = ax * (1 - 1 / density), ay * (1 - 1 / density)
        ux, uy = -rate * y - vx, rate * x - vy
        ax, ay = ax - rate * rate * x / density, ay - rate * rate * y / density
        grip = 0.375 * 0.8 / (size * density) * hypot(ux, uy) + 2.0
        share = grip * dt / (1 + grip * dt)
        vx, vy = vx + share * ux, vy + share * uy
    vx, vy = vx + ax * dt, vy + ay * dt
    x, y, angle = x + vx * dt, y + vy * dt, angle + rate * dt
    # The wall: in the bottle's own frame, where it stands.
    c, s = cos(tilt), sin(tilt)
    u, v = c * x + s * y, c * y - s * x
    wx, wy = vx + turning * y, vy - turning * x
    wu, wv = c * wx + s * wy, c * wy - s * wx
    floor = -unit.seam * _FRAME_M + size
    top = unit.length / 2 * _FRAME_M - size
    if not floor < v < top:
        v, wv = max(floor, min(top, v)), -0.2 * wv
    room, slope = unit.room(v / _FRAME_M)
    room = max(1e-4, room * _FRAME_M - size * sqrt(1 + slope * slope))
    if abs(u) > room:
        side = 1.0 if u > 0 else -1.0
        nu, nv = side / sqrt(1 + slope * slope), -slope / sqrt(1 + slope * slope)
        out = wu * nu + wv * nv
        if out > 0:
            wu, wv = wu - 1.2 * out * nu, wv - 1.2 * out * nv
        # Along the wall it rolls.
        angle += (wv * side) / size * dt
        u = side * room
    x, y, wx, wy = c * u - s * v, s * u + c * v, c * wu - s * wv, s * wu + c * wv
    return x, y, wx - turning * y, wy + turning * x, angle


def _drops(
    times: NDArray[np.float64],
    ticks: NDArray[np.float64],
    seam: tuple[NDArray[np.float64], NDArray[np.float64]],
    lost: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:
    """What has run out, at each time: drops in free fall, as slots that are used again, the puddle.

    ``seam`` is where it drips and ``lost`` the volume (m3) that has left the bottle, at each tick.
    """
    shape, g = (len(times), _SLOTS), _GRAVITY / _FRAME_M
    x, y = np.full(shape, _AWAY), np.full(shape, _AWAY)
    angle, streak = np.zeros(shape), np.zeros(shape)
    count = min(_MAX_DROPS, int(lost[-1] / _DROP_M3))
    each = max(_DROP_M3, float(lost[-1]) / _MAX_DROPS)
    path = (*seam, *(np.gradient(one, ticks) for one in seam))
    landed, places = np.zeros_like(times), []
    for k in range(count):
        leave = float(np.interp((k + 0.5) * each, lost, ticks))
        px, py, vx, vy = (float(np.interp(leave, ticks, one)) for one in path)
        age, slot = times - leave, k % _SLOTS
        down = (vy + sqrt(vy * vy + 2 * g * max(0.0, py - looks.FLOOR))) / g
        flying = (age >= 0) & (age < down)
        x[flying, slot] = px + vx * age[flying]
        y[flying, slot] = py + (vy - g / 2 * age[flying]) * age[flying]
        fall = vy - g * age[flying]
        angle[flying, slot] = np.arctan2(vx, -fall)
        # The camera's shutter is open for a sixtieth of a second.
        streak[flying, slot] = np.hypot(vx, fall) / 120
        landed += np.where(age >= down, each, 0.0)
        places.append(px + vx * down)
    return {
        "drop_x": x,
        "drop_y": y,
        "drop_rad": angle,
        "drop_streak": streak,
        "drop_size": np.full_like(times, (0.75 * each / pi) ** (1 / 3) / _FRAME_M),
        "puddle": np.sqrt(landed / (pi * FILM_M)) / _FRAME_M,
        "puddle_x": np.full_like(times, np.mean(places) if places else 0.0),
    }


TWIN = Liquid()
