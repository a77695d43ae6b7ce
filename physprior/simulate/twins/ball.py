"""The ball: an air-filled rubber ball on a table, squeezed by a press of constant force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi, sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.props import column
from physprior.simulate.shapes import Field, box, smoothstep
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.54
"""The width of the frame; lengths of the picture are in frame widths."""
_AIR_PA = 101_325.0
_PRESS_KG = 14.0
_LIFT_N = 900.0
_BALL_WEIGHT_N = 3.5
_GUIDE_N_S_M = 160.0
_WALL_N_S_M = 420.0
"""Internal friction of the rubber wall, which decides how fast a released ball recovers."""
_TABLE = -0.34

_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((0.86, 0.41, 0.13), (0.16, 0.09, 0.06)),
    ((0.80, 0.16, 0.18), (0.93, 0.91, 0.87)),
    ((0.16, 0.42, 0.76), (0.92, 0.92, 0.90)),
    ((0.93, 0.72, 0.15), (0.15, 0.25, 0.50)),
    ((0.25, 0.58, 0.33), (0.93, 0.92, 0.86)),
    ((0.90, 0.89, 0.86), (0.16, 0.17, 0.20)),
    ((0.52, 0.32, 0.62), (0.95, 0.80, 0.30)),
)
_TABLES: tuple[Colour, ...] = (
    (0.47, 0.36, 0.26),
    (0.36, 0.38, 0.41),
    (0.30, 0.36, 0.33),
    (0.56, 0.50, 0.42),
)


@dataclass(frozen=True)
class Unit:
    """One ball: its size, its nominal pressure and its looks."""

    radius_m: float
    gauge_pa: float
    table: Colour
    skin: Colour
    seam: Colour
    stripes: int

    @property
    def radius(self) -> float:
        """The radius in frame widths."""
        return self.radius_m / _FRAME_M


class Ball:
    """The twin of the category ``ball``."""

    category = "ball"
    defects: ClassVar[Mapping[str, Defect]] = {
        "leak": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "A tear opens at the onset and lets gas out, the faster the higher the pressure"
                " inside, until its lips close. Severity widens the tear and lowers the amount of"
                " gas at which it closes."
            ),
        ),
        "unfull": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "The ball was filled with too little gas, at first a lower pressure and then less"
                " than fills it; severity lowers the amount."
            ),
        ),
    }
    wander = 0.04
    physics = (
        "The skin hardly stretches, so the pressure of the gas inside, which rises as the ball "
        "is flattened, carries the press. A press of constant force comes down on it, holds and "
        "goes back up, and mass, wall friction and gas decide how deep it sinks and how fast it "
        "recovers."
    )
    leaves_out = (
        "The skin has no inertia, the gas keeps its temperature, a tear lets no air back in, and "
        "the ball never rolls away."
    )

    def build(self, rng: np.random.Generator) -> Unit:
        """A ball with its size, its pressure and its colours."""
        skin, seam = _COLOURS[rng.integers(len(_COLOURS))]
        return Unit(
            radius_m=float(rng.uniform(0.098, 0.112)),
            gauge_pa=float(rng.uniform(55e3, 75e3)),
            table=_TABLES[rng.integers(len(_TABLES))],
            skin=skin,
            seam=seam,
            stripes=int(rng.integers(2)),
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The press comes down, holds with its force and goes back up; the ball answers."""
        duration = duration_of(times)
        down = float(drive.uniform(0.03, 0.09)) * duration
        up = float(drive.uniform(0.66, 0.74)) * duration
        force = float(drive.uniform(440.0, 520.0))
        ready = 2 * unit.radius + float(drive.uniform(0.10, 0.14))
        # How much gas there is: the share of the ball's volume it would fill at air pressure.
        full = gas = 1 + unit.gauge_pa / _AIR_PA
        least, onset, leak = gas, np.inf, 0.0
        # A ball with 0.6 of its pressure is a little softer; below 1 its gas does not fill it.
        soft = 1 + 0.6 * (full - 1)
        if fault and fault.id == "unfull":
            gas = fault.graded(1 + 0.7 * (full - 1), 0.955, 0.88)
        elif fault:
            least, onset = fault.graded(soft, 0.82, 0.72), fault.onset_s
            # At the nominal pressure all would be out within this share of the clip.
            leak = (gas - least) / (0.17 * duration * float(chance.uniform(0.8, 1.2)))
        path = _squeeze(unit, times, (down, up, force, ready), gas, (onset, leak, least))
        parameters = {
            "gas_volumes_1": gas,
            "gauge_pa": max(0.0, (gas - 1) * _AIR_PA),
            "press_n": force,
            "press_s": down,
            "release_s": up,
            "radius_m": unit.radius_m,
            "leak_rate_volumes_s": leak,
            "gas_left_volumes_1": float(path[-1, 2]),
        }
        return Motion(
            states={
                "height": path[:, 0],
                "press": path[:, 1],
                "volume": np.minimum(1.0, path[:, 2]),
                "load": path[:, 3],
            },
            parameters=parameters,
        )

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Table, ball and press."""
        _paint_table(canvas, unit)
        _paint_ball(canvas, unit, {name: column(values) for name, values in states.items()})
        _paint_press(canvas, states["press"])


def gauge_pa(unit: Unit, height_m: float, gas: float) -> float:
    """The pressure of ``gas`` above the air's, in a ball flattened to a height (m)."""
    flattening = 1 - height_m / (2 * unit.radius_m)
    # A flattened ball holds less: its skin hardly stretches, its volume falls with the square.
    volume = max(0.05, 1 - 0.8 * flattening * flattening)
    return _AIR_PA * (gas / volume - 1)


def _force(unit: Unit, height_m: float, gauge: float) -> float:
    """What the ball pushes upwards with (N) at a height (m), with a pressure (Pa) inside."""
    radius = unit.radius_m
    flattening = 1 - height_m / (2 * radius)
    # The work of the pressure: force = gauge pressure times the volume lost per metre. Below the
    # air's pressure it is negative, and the ball sinks until its gas fills it.
    swept = pi * radius * radius * (16 / 15) * flattening
    # The rubber's own stiffness is small beside the gas's.
    return gauge * swept + 60.0 * max(0.0, flattening)


def _squeeze(
    unit: Unit,
    times: NDArray[np.float64],
    program: tuple[float, float, float, float],
    gas: float,
    tear: tuple[float, float, float],
) -> NDArray[np.float64]:
    """Height of the ball, of the press (frame widths), gas left and load, at each time.

    ``tear`` is when it opens (s), what it lets out at the nominal pressure (volumes per second),
    and at how much gas it closes.
    """
    down, up, force, ready = program
    onset, leak, least = tear
    pace = (ready - 2 * unit.radius) * _FRAME_M / 0.12

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        height, press, speed, left, _ = state
        gauge = gauge_pa(unit, height, left)
        if t >= onset and gauge > 0:
            # Through a hole gas flows with the square root of the pressure behind it.
            left = max(least, left - leak * sqrt(gauge / unit.gauge_pa) * dt)
        push = _force(unit, height, gauge)
        if press > height + 1e-9:
            # Nothing on the ball: its light wall creeps back to its own height.
            height += (push - _BALL_WEIGHT_N) / _WALL_N_S_M * dt
            wish = pace if t >= up else -pace if t >= down else 0.0
            press = min(ready * _FRAME_M, press + wish * dt)
            return height, max(press, height), wish, left, 0.0
        drive = -force if t < up else _LIFT_N
        speed = (speed + (drive + push) / _PRESS_KG * dt) / (
            1 + (_WALL_N_S_M + _GUIDE_N_S_M) / _PRESS_KG * dt
        )
        if t >= up:
            speed = min(speed, pace)
        free = (push - _BALL_WEIGHT_N) / _WALL_N_S_M
        press += speed * dt
        # The ball follows the press only as fast as its own wall lets it.
        height = min(press, height + free * dt) if speed > 0 else press
        return height, press, speed, left, min(1.0, max(0.0, push / force))

    # A ball that its gas does not fill has sunk to the height that it does fill.
    rest = 2 * unit.radius_m * (1 - max(0.0, (1 - gas) / 0.8) ** 0.5)
    start: tuple[float, ...] = (rest, ready * _FRAME_M, 0.0, gas, 0.0)
    path = march(advance, start, times, step=1 / 960, warm_up=0.3)
    table = np.array(path)[:, (0, 1, 3, 4)]
    table[:, :2] /= _FRAME_M
    return table


def _paint_table(canvas: Canvas, unit: Unit) -> None:
    with canvas.part(0.0, _TABLE - 0.3, reach=(0.9, 0.32)) as bench:
        y = bench.y - 0.3
        top = np.abs(y + 0.3) - 0.3
        bench.shadow(top, (0.0, 0.012), soft=0.03, strength=0.25)
        grain = 0.02 * np.sin(70 * y + 3 * np.sin(6 * bench.x)) + 0.02 * np.sin(31 * y)
        bench.fill(top, unit.table, shade=1 + 0.25 * y + grain)
        bench.fill(np.abs(y + 0.008) - 0.008, (1.0, 1.0, 1.0), opacity=0.16)


def _paint_ball(canvas: Canvas, unit: Unit, states: dict[str, Field]) -> None:
    half, volume, load = states["height"] / 2, states["volume"], states["load"]
    flat = np.maximum(np.pi * (volume * unit.radius**2 - half * half) / (4 * half), 0)
    reach = (1.5 * float(flat.max()) + float(half.max()) + 0.03, float(half.max()))
    with canvas.part(0.0, _TABLE + reach[1], reach=reach) as window:
        x, y = window.x, window.y + reach[1] - half
        pool = np.sqrt((x / (flat + half + 0.02)) ** 2 + ((y + half + 0.012) / 0.04) ** 2) - 1
        window.fill(0.05 * pool, (0.0, 0.0, 0.0), opacity=0.55, soft=0.07)
        # Between plates a ball is flat above and below; left alone it rests on a flat foot.
        up = np.clip(y / half, -1, 1)
        base = flat * (1 + 0.55 * (1 - load) * (-up) * (1 - 0.25 * up * up))
        edge = np.sqrt(np.maximum(np.abs(x) - base, 0) ** 2 + y * y) - half
        # How far out a point lies, from -1 to 1: the skin's pattern follows its deformation.
        out = np.clip(x / (base + half), -1, 1)
        depth = np.sqrt(np.clip(1 - out * out - 0.85 * up * up, 0, 1))
        light = 0.42 + 0.55 * depth + 0.22 * (up - out) * (1 - 0.3 * depth)
        window.fill(edge, unit.skin, shade=light)
        seam = np.maximum(_seam(unit, out, up) * half, edge + 0.004)
        window.fill(seam, unit.seam, opacity=0.85, shade=light + 0.1)
        _paint_creases(window, out, up, edge, volume)
        gloss = (np.sqrt((out + 0.36) ** 2 + (up - 0.48) ** 2) - 0.12) * half
        taut = smoothstep(volume, 0.85, 1.0)
        window.fill(gloss, (1.0, 1.0, 1.0), opacity=0.45 * taut, soft=0.05)


def _seam(unit: Unit, out: Field, up: Field) -> Field:
    """Distance to the pattern on the skin, in half heights of the ball."""
    if unit.stripes:
        bow = np.abs(np.abs(out) - 0.42 * np.sqrt(1.02 - up * up))
        return np.asarray(np.minimum(np.abs(up - 0.02), bow) - 0.05)
    ribs = np.minimum(np.abs(out - 0.04), np.abs(np.abs(out) - 0.42 - 0.35 * up * up))
    return np.asarray(np.minimum(ribs, np.abs(up)) - 0.032)


def _paint_creases(window: Part, out: Field, up: Field, edge: Field, volume: Field) -> None:
    # A skin that its gas no longer fills folds along the way it was squeezed.
    slack = smoothstep(1 - volume, 0.03, 0.20)
    if not slack.any():
        return
    for k, (low, bow, wave) in enumerate(((0.34, -0.3, 9.0), (-0.08, 0.1, 7.0), (-0.46, 0.3, 8.0))):
        fold = up - low - bow * out * out - 0.07 * np.sin(wave * out + 2.0 * k)
        line = np.maximum(np.abs(fold) - 0.055, edge * 12 + 0.2)
        window.fill(0.08 * line, (0.05, 0.03, 0.03), opacity=0.75 * slack)
        line = np.maximum(np.abs(fold + 0.12) - 0.04, edge * 12 + 0.2)
        window.fill(0.08 * line, (1.0, 1.0, 1.0), opacity=0.22 * slack)


def _paint_press(canvas: Canvas, press: NDArray[np.float64]) -> None:
    with canvas.part(0.0, 0.20, reach=(0.06, 0.45)) as window:
        rod = np.maximum(np.abs(window.x) - 0.045, _TABLE + 0.04 + column(press) - window.y - 0.2)
        window.shadow(rod, (0.012, -0.022), soft=0.04, strength=0.3)
        window.fill(rod, (0.74, 0.76, 0.78), shade=1.05 - 7.0 * np.abs(window.x + 0.014))
    with canvas.part(0.0, _TABLE + press + 0.06, reach=(0.43, 0.06)) as window:
        x, y = window.x, window.y + 0.06
        plate = box(x, y - 0.03, 0.42, 0.03, 0.01)
        collar = box(x, y - 0.085, 0.09, 0.03, 0.008)
        window.shadow(plate, (0.012, -0.022), soft=0.04, strength=0.3)
        window.fill(collar, (0.34, 0.36, 0.39), shade=1.1 - 3.0 * np.abs(x + 0.02))
        window.fill(plate, (0.56, 0.58, 0.61), shade=0.8 + 6.0 * y)
        window.fill(np.maximum(np.abs(y - 0.052) - 0.005, plate), (1.0, 1.0, 1.0), opacity=0.35)


TWIN = Ball()
