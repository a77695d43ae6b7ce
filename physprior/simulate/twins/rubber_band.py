"""The rubber band: a gripper draws a loop out into two strands between two pins, and lets it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, pi, sqrt
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks import rubber_band as looks
from physprior.simulate.looks.rubber_band import LEFT
from physprior.simulate.mechanics import Program, Servo
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.20
"""The width of the frame; lengths of the picture are in frame widths."""
_THICK_M = 0.002
_DENSITY_KG_M3 = 950.0
_VISCOSITY_PA_S = 6.0e3
_GRIPPER_KG = 1.0
_SERVO = Servo(stiffness=2.0e4, damping=260.0, limit=250.0)
_GRAVITY_M_S2 = 9.81
_NOTCH = 0.14
"""How much of the strand's width the notch is when it opens."""
_CRAWL_S = 0.05
"""How long a crack takes to grow by its strand's width, driven by its whole strength."""
_BRIDGE = 0.93
"""How deep a crack is when the bridge that is left breaks."""
_SOUND_STRENGTH_J_M2 = 2.0e5
_LINKS = 4
"""A torn strand's rest is a chain of so many links."""
_LINK_RAD_S, _LINK_1_S = 400.0, 160.0
"""How fast a link swings between its length and more, and how fast its rubber calms that."""
_BEND_1_S2, _BEND_1_S = 8.0e3, 25.0
"""How hard the rubber resists a bend between two links, and how fast it calms bending."""
_CALM_1_S = 10.0
"""How fast the air and the rubber take speed from a torn end."""
WHIP_M_S = 1.6
"""The greatest speed across with which a tear lets a free end go."""
_JOLT_S = 0.013
"""How long a strand's middle would go across at the speed that the arm's jerk gains or loses."""
_TEAR_M = 0.0016
"""How far the recoil of the torn strand throws the other one."""
_RINGING_S = 0.11
_STEP_S = 1 / 480
_RECOIL_STEP_S = 1 / 960


class RubberBand:
    """The twin of the category ``rubber_band``."""

    category = "rubber_band"
    defects: ClassVar[Mapping[str, Defect]] = {
        "crack": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "A notch opens in one strand at the onset, and the aged rubber resists tearing "
                "less. Severity lowers its tear strength, until the strand tears through."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "A servo draws one pin away against the pull of two strands of neo-Hookean, viscous "
        "rubber, which keep their volume and tremble across. A crack grows while the energy it "
        "sets free exceeds what tearing on needs, which rises with the square of its depth, and "
        "torn ends recoil and hang from the pins as chains."
    )
    leaves_out = (
        "The band does not slip round the pins. Torn ends recoil more softly than rubber does, and "
        "do not meet the other strand."
    )

    def build(self, rng: np.random.Generator) -> looks.Unit:
        """A band with its lengths, its rubber and its printed marks."""
        return looks.Unit(
            length=float(rng.uniform(0.29, 0.32)),
            width=float(rng.uniform(0.066, 0.092)),
            spread=float(rng.uniform(0.085, 0.125)),
            modulus_pa=float(rng.uniform(3.0e5, 5.0e5)),
            marks=int(rng.integers(4, 8)),
            colour=looks.RUBBERS[rng.integers(len(looks.RUBBERS))],
            post=looks.POSTS[rng.integers(len(looks.POSTS))],
        )

    def move(
        self,
        unit: looks.Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Stretch and release, over and over; a crack that grows, perhaps until it tears."""
        program, peak, jerks = _program(unit, drive, times)
        strength, onset = _SOUND_STRENGTH_J_M2, np.inf
        side, outer, place = 1.0, 1.0, 0.5
        if fault:
            # At full stretch the crack comes to rest at this share of the strand's width.
            reach = fault.graded(0.24, 0.85, 1.8)
            strength, onset = tearing_j_m2(unit, peak) / reach, fault.onset_s
            side, outer = float(chance.choice([-1.0, 1.0])), float(chance.choice([-1.0, 1.0]))
            place = float(chance.uniform(0.36, 0.64))
        band = _stretch(unit, times, program, strength, onset)
        stretch = band.length_m / (unit.length * _FRAME_M)
        torn = band.depth >= 1.0
        blows = [*jerks, (band.torn_s, _TEAR_M)]
        states = {
            "length": band.length_m / _FRAME_M,
            "width": unit.width / np.sqrt(stretch),
            "sway": _sway(unit, times, stretch, blows),
            "depth": np.where(torn, 0.0, band.depth),
            "gape": 2.4 * band.depth * unit.width * np.maximum(0.0, stretch - stretch**-0.5),
            "torn": torn.astype(np.float64),
        }
        states |= {"side": np.full_like(times, side), "outer": np.full_like(times, outer)}
        states |= {"place": np.full_like(times, place)}
        states |= _tails(unit, times, states, band, chance)
        parameters = {
            "rest_length_m": unit.length * _FRAME_M,
            "strand_area_m2": _section(unit),
            "shear_modulus_pa": unit.modulus_pa,
            "peak_stretch_1": peak,
            "period_s": program.period,
            "tear_strength_j_m2": strength,
            "notch_m": _NOTCH * unit.width * _FRAME_M if fault else 0.0,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: looks.Unit, states: States) -> None:
        """Post, band, pins, what hangs of a torn strand, and the gripper that draws."""
        looks.paint_station(canvas, unit)
        looks.paint_band(canvas, unit, states)
        looks.paint_pins(canvas, unit, states)
        if states["torn"].any():
            looks.paint_torn(canvas, unit, states)
        looks.paint_hand(canvas, states)


@dataclass(frozen=True)
class Band:
    """What the strands do: frame by frame, and at every step where that matters."""

    length_m: NDArray[np.float64]
    depth: NDArray[np.float64]
    """How deep the crack is, as a share of its strand's width."""
    torn_s: float
    trace: list[tuple[float, float]]
    """Time and length (m) at every step."""


def _section(unit: looks.Unit) -> float:
    """A strand's section at rest, in square metres."""
    return unit.width * _FRAME_M * _THICK_M


def pull_n(unit: looks.Unit, stretch: float) -> float:
    """What one strand pulls with (neo-Hookean rubber), at ``stretch`` times its length."""
    return unit.modulus_pa * _section(unit) * max(0.0, stretch - stretch**-2)


def tension_n(unit: looks.Unit, stretch: float, rate: float) -> float:
    """What one strand pulls with while it stretches at a ``rate`` (1/s): viscous, it lags."""
    return pull_n(unit, stretch) + _VISCOSITY_PA_S * _section(unit) * rate


def energy_j_m3(unit: looks.Unit, stretch: float) -> float:
    """What a cubic metre of the rubber has stored."""
    return unit.modulus_pa / 2 * max(0.0, stretch * stretch + 2 / stretch - 3)


def tearing_j_m2(unit: looks.Unit, stretch: float) -> float:
    """What a crack as deep as the strand is wide would set free (Rivlin and Thomas)."""
    return 2 * pi / sqrt(stretch) * energy_j_m3(unit, stretch) * unit.width * _FRAME_M


def _program(
    unit: looks.Unit, drive: np.random.Generator, times: NDArray[np.float64]
) -> tuple[Program, float, list[tuple[float, float]]]:
    """How long (m) the strands are to be, the greatest stretch, and the arm's jerks.

    A jerk has its time (s) and how far (m) it throws a strand across.
    """
    duration = duration_of(times)
    low, peak = float(drive.uniform(1.14, 1.28)), float(drive.uniform(1.92, 2.12))
    period = float(drive.uniform(0.5, 0.72)) * duration
    shares = drive.uniform([0.9, 0.15, 0.7, 0.08], [1.3, 0.35, 1.1, 0.25])
    moments = np.concatenate([[0.0], np.cumsum(shares / shares.sum())]) * period
    lengths = np.array([low, peak, peak, low, low]) * unit.length * _FRAME_M
    phase = float(drive.uniform(0, period))
    speeds = np.diff(lengths) / np.diff(moments)
    throws = np.tile(_JOLT_S * (speeds - np.roll(speeds, 1)), 3)
    jerks = np.add.outer(np.arange(3) * period, moments[:-1]).ravel() - phase
    blows = [(t, far) for t, far in zip(jerks.tolist(), throws.tolist(), strict=True) if t > 0]
    return Program(moments.tolist(), lengths.tolist(), phase), peak, blows


def _stretch(
    unit: looks.Unit,
    times: NDArray[np.float64],
    program: Program,
    strength: float,
    onset: float,
) -> Band:
    """How the strands are drawn out, and how a crack of one grows from ``onset`` (s) on.

    ``strength`` (J/m²) is what a crack through the whole width has to bring up; the deeper it is,
    the blunter its tip and the more it needs, as the square of its depth.
    """
    rest, wide = unit.length * _FRAME_M, unit.width / unit.length
    trace: list[tuple[float, float]] = []
    tear: list[float] = []

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        length, speed, depth = state
        stretch = length / rest
        trace.append((t, length))
        tension = tension_n(unit, stretch, speed / rest)
        # The narrow place beside the crack gives more than the rest of its strand.
        share = 0.0 if depth >= 1 else 1 / (1 + wide * depth / (1.02 - depth))
        push = _SERVO.force(program.at(t), length, speed) - (1 + share) * max(0.0, tension)
        speed += push / _GRIPPER_KG * dt
        lasts = min(dt, t + dt - onset)
        if lasts > 0 and depth < 1:
            before = depth = max(depth, _NOTCH)
            most = tearing_j_m2(unit, stretch) / strength
            if most > depth:
                # The speed is what is spare, most * depth - depth^2: this is its closed solution.
                depth = most / (1 + (most / depth - 1) * exp(-most * lasts / _CRAWL_S))
            # The last bridge breaks at once.
            if depth >= _BRIDGE:
                tear.append(t + dt - lasts * (depth - _BRIDGE) / (depth - before))
                depth = 1.0
        return length + speed * dt, speed, depth

    start: tuple[float, ...] = (program.at(-0.3), 0.0, 0.0)
    path = np.array(march(advance, start, times, step=_STEP_S, warm_up=0.3))
    return Band(path[:, 0], path[:, 2], tear[0] if tear else np.inf, trace)


def _sway(
    unit: looks.Unit,
    times: NDArray[np.float64],
    stretch: NDArray[np.float64],
    blows: list[tuple[float, float]],
) -> NDArray[np.float64]:
    """How far the strands' middles are across (frame widths): strings, and each blow dies away.

    A blow has its time (s) and how far (m) it throws them.
    """
    length, mass = stretch * unit.length * _FRAME_M, _DENSITY_KG_M3 * _section(unit) / stretch
    pull = np.array([pull_n(unit, one) for one in stretch.tolist()])
    rate = pi / length * np.sqrt(pull / mass)
    turned = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(times))])
    sway = np.zeros_like(times)
    for blow, far in blows:
        since = np.maximum(0, times - blow)
        ringing = np.sin(turned - np.interp(blow, times, turned)) * np.exp(-since / _RINGING_S)
        sway += far / _FRAME_M * np.where(times >= blow, ringing, 0.0)
    return sway


def _tails(
    unit: looks.Unit,
    times: NDArray[np.float64],
    states: States,
    band: Band,
    chance: np.random.Generator,
) -> dict[str, NDArray[np.float64]]:
    """Where the links of a torn strand's two ends are (frame widths): x and y, row by row."""
    ends = ("left", "right")
    # A tear never runs so straight that an end would fly straight back at its pin.
    kicks = (chance.choice([-1.0, 1.0], 2) * chance.uniform(0.5, 1.0, 2)).tolist()
    found = {f"{end}_{axis}": np.zeros((len(times), _LINKS + 1)) for end in ends for axis in "xy"}
    gone = states["torn"] > 0
    if gone.any():
        place, height = float(states["place"][0]), float(states["side"][0]) * unit.spread
        ticks = np.arange(int(times[-1] / _RECOIL_STEP_S) + 3) * _RECOIL_STEP_S
        length = np.interp(ticks, *np.array(band.trace).T) / _FRAME_M
        stretch = float(np.interp(band.torn_s, ticks, length)) / unit.length
        for end, kick in zip(ends, kicks, strict=True):
            left = end == "left"
            roots = np.full_like(length, LEFT) if left else LEFT + length
            natural = (place if left else place - 1) * unit.length / _LINKS
            path = _recoil(times, band.torn_s, roots + 1j * height, natural, stretch, kick)[gone]
            found[f"{end}_x"][gone], found[f"{end}_y"][gone] = path.real, path.imag
    return found


def _recoil(
    times: NDArray[np.float64],
    torn_s: float,
    roots: NDArray[np.complexfloating[Any, Any]],
    natural: float,
    stretch: float,
    kick: float,
) -> NDArray[np.complexfloating[Any, Any]]:
    """The nodes (x + iy, frame widths) of a torn strand's end, whose root is held at ``roots``.

    A chain of equal masses between elastic links, ``natural`` long (to the left if negative), is
    let go at ``torn_s``, drawn out straight: it shortens, whips, and hangs from its root.
    """
    way, link = (1.0 if natural > 0 else -1.0), abs(natural)
    fall, held = -_GRAVITY_M_S2 / _FRAME_M * 1j, roots.tolist()
    spring, last = _LINK_RAD_S * _LINK_RAD_S, len(held) - 1

    def advance(state: tuple[Any, ...], t: float, dt: float) -> tuple[Any, ...]:
        dt = min(dt, t + dt - torn_s)
        if dt <= 0:
            return state
        tick = min(last, round(t / _RECOIL_STEP_S))
        root = held[tick]
        drawn = (held[min(last, tick + 1)] - root) / _RECOIL_STEP_S
        # Before the root lies rubber that is still held: the strand leaves it straight on.
        at = [root - way * link, root, *state[:_LINKS]]
        going = [drawn, drawn, *state[_LINKS:]]
        gains = [0j, 0j] + [fall - _CALM_1_S * v for v in state[_LINKS:]]
        for k in range(1, _LINKS + 1):
            line, parting = at[k + 1] - at[k], going[k + 1] - going[k]
            size = abs(line) + 1e-9
            along = line / size
            pace = parting.real * along.real + parting.imag * along.imag
            pull = (spring * (size - link) + _LINK_1_S * pace) * along
            bend = _BEND_1_S2 * (line - at[k] + at[k - 1])
            bend += _BEND_1_S * (parting - going[k] + going[k - 1])
            gains[k - 1] -= bend
            gains[k] += pull + 2 * bend
            gains[k + 1] -= pull + bend
        speeds = [v + gain * dt for v, gain in zip(state[_LINKS:], gains[2:], strict=True)]
        places = [z + v * dt for z, v in zip(state[:_LINKS], speeds, strict=True)]
        return (*places, *speeds)

    root = complex(np.interp(torn_s, np.arange(len(roots)) * _RECOIL_STEP_S, roots))
    line = [root + way * link * stretch * k for k in range(1, _LINKS + 1)]
    whip = [1j * kick * WHIP_M_S / _FRAME_M * k / _LINKS for k in range(1, _LINKS + 1)]
    start: tuple[Any, ...] = (*line, *whip)
    path = np.array(march(advance, start, times, step=_RECOIL_STEP_S))[:, :_LINKS]
    held_now = np.interp(times, np.arange(len(roots)) * _RECOIL_STEP_S, roots)
    return np.column_stack([held_now, path])


TWIN = RubberBand()
