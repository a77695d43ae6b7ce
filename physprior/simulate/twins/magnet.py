"""The magnet: a gripper presses it on an iron bar in a guide and moves it to and fro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks import magnet as looks
from physprior.simulate.mechanics import Program, Servo, Table, limited, rubbed
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.30
"""The width of the frame; lengths of the picture are in frame widths."""
_GRAVITY_M_S2 = 9.81
_STEP_S = 1 / 480
_WARM_UP_S = 0.25
_GRIPPER_KG = 0.8
_SERVO = Servo(stiffness=1.0e4, damping=170.0, limit=120.0)
_PRESS_N = 3.0
_PRESS_N_M = 600.0
_CORE_KG = 0.15
_SLIP_1 = 0.15
"""Friction coefficient of the polished core on the iron."""
_GUIDE_1 = 0.30
"""Friction coefficient of the iron in its guide."""
_PLAY_M = 0.002
"""How far the counterpart can rise before the guide stops it."""
_REACH_M = 0.003
"""At this gap the pull has fallen to an eighth."""
_TOUCH_M = 2e-4
_DEPTH_M = looks.DEPTH * _FRAME_M
_ASIDE_S = 0.07
"""In this time a core that is out goes most of its way aside."""


@dataclass(frozen=True)
class _Video:
    """What is asked of the magnet in one video, and what is wrong with it; SI units."""

    across: Program
    height: Program
    pull_n: float
    iron_kg: float
    loose_s: float
    """When the core's seat gives way."""
    slack_m: float
    """How far the core can then slip out, before the shell's rim stops it."""
    aside_m: float
    """How far from the shell's middle a core that is out comes to lie."""

    @property
    def takes_along(self) -> bool:
        """Whether the pull is enough to move the counterpart at all."""
        return self.pull_n > _least_pull_n(self.iron_kg)

    def pull_at(self, gap: float) -> float:
        """The magnetic pull between core and counterpart: it falls steeply with the gap."""
        return float(self.pull_n * (1 + max(0.0, gap) / _REACH_M) ** -3)


def _least_pull_n(iron_kg: float) -> float:
    """The pull at which friction under it can just overcome the guide's friction."""
    return _GUIDE_1 / _SLIP_1 * (_PRESS_N + iron_kg * _GRAVITY_M_S2) - _PRESS_N


class Magnet:
    """The twin of the category ``magnet``."""

    category = "magnet"
    defects: ClassVar[Mapping[str, Defect]] = {
        "degaussing": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The core has lost magnetisation, and with it the pull that presses it on the "
                "counterpart; severity lowers the pull that is left, until friction in the guide "
                "outweighs it and the counterpart stays where it is."
            ),
        ),
        "drop": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "The core's seat in the shell gives way at the onset. Severity raises how far it "
                "can slip, until it drops out, and how far aside it comes to lie."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "A servo moves the magnet along, at a height that a program prescribes, on an iron bar in "
        "a guide: the pull, which falls steeply with the gap, makes the bar snap up against the "
        "core, and friction under pull and pressure takes it along against the guide's friction. A "
        "core that is loose falls, clings to the iron and stays behind when the shell is lifted."
    )
    leaves_out = (
        "The guide holds the bar down, so that it is drawn along but never lifted off the table, "
        "and a core that is out does not find its way back into the shell. How fast and how far a "
        "core that drops out slides aside is prescribed, not integrated from forces."
    )

    def build(self, rng: np.random.Generator) -> looks.Unit:
        """A magnet of one of two kinds, and its bar of iron."""
        return looks.Unit(
            horseshoe=bool(rng.integers(2)),
            half=float(rng.uniform(0.26, 0.31)),
            thick=float(rng.uniform(0.075, 0.105)),
            holes=int(rng.integers(4, 8)),
            pull_n=float(rng.uniform(36.0, 50.0)),
            iron_kg=float(rng.uniform(0.26, 0.36)),
            shell=looks.SHELLS[rng.integers(len(looks.SHELLS))],
            poles=looks.POLES[rng.integers(len(looks.POLES))],
            iron=looks.IRONS[rng.integers(len(looks.IRONS))],
            table=looks.TABLES[rng.integers(len(looks.TABLES))],
        )

    def move(
        self,
        unit: looks.Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Strokes to and fro, pressed on the counterpart; on the way the magnet is lifted."""
        across, height = _programs(drive, times)
        station, iron = drive.uniform([-0.04, -0.08], [0.04, 0.08]) * _FRAME_M
        # Where else in its cycle the magnet could have been when the counterpart was laid down.
        # A moving bar lies at iron + across(t) and the magnet at station + other + across(t); one
        # that stays lies at iron + other. The two offsets have one law, so that a single frame
        # shows any pair of places as often with a bar that is taken along as with one that is not.
        other = across.at(float(drive.uniform(0, across.period)))
        pull, loose, slack, aside = unit.pull_n, inf, 0.0, 0.0
        if fault and fault.id == "degaussing":
            pull = _least_pull_n(unit.iron_kg) * fault.graded(1.3, 0.9, 0.0)
        elif fault:
            loose, slack = fault.onset_s, looks.DEPTH * _FRAME_M * fault.graded(0.2, 1.0, 2.0)
            aside = fault.graded(0.0, 0.02, 0.07) * float(chance.choice([-1.0, 1.0])) * _FRAME_M
        video = _Video(across, height, pull, unit.iron_kg, loose, slack, aside)
        bar = float(iron) + (across.at(-_WARM_UP_S) if video.takes_along else other)
        path = _integrate(video, times, float(station) + other, bar)
        parameters = {
            "pull_n": pull,
            "press_n": _PRESS_N,
            "iron_kg": unit.iron_kg,
            "core_friction_1": _SLIP_1,
            "guide_friction_1": _GUIDE_1,
            "seat_slack_m": slack,
            "period_s": across.period,
            "horseshoe_1": float(unit.horseshoe),
        }
        return Motion(states=_seen(path), parameters=parameters)

    def paint(self, canvas: Canvas, unit: looks.Unit, states: States) -> None:
        """Table, counterpart, magnet and gripper."""
        looks.paint_magnet(canvas, unit, states)


def _programs(drive: np.random.Generator, times: NDArray[np.float64]) -> tuple[Program, Program]:
    """Where the magnet is to be along the guide, and how high (m), over and over."""
    duration = duration_of(times)
    left, right = drive.uniform([-0.115, 0.065], [-0.065, 0.115]) * _FRAME_M
    period, lift = float(drive.uniform(0.62, 0.92)) * duration, float(drive.uniform(0.11, 0.14))
    # Stroke, rest, up, rest, down, rest, the stroke goes on, a short rest; then the same back. The
    # lift comes anywhere on the way, so that no place of the magnet goes with its being lifted.
    there, back = drive.uniform(0.02, 0.98, 2)
    stops = left + (right - left) * np.array([there, 1 - back])
    shares = []
    for way in (there, back):
        rests = drive.uniform([0.2, 0.4, 0.15, 0.4, 0.2], [0.5, 0.55, 0.4, 0.55, 0.5])
        shares += [1.9 * way, *rests.tolist(), 1.9 * (1 - way), float(drive.uniform(0.1, 0.3))]
    moments = np.concatenate([[0.0], np.cumsum(shares) / np.sum(shares)]) * period
    low, high, phase = -0.006, lift * _FRAME_M, float(drive.uniform(0, period))
    x = [left, *[stops[0]] * 6, right, right, *[stops[1]] * 6, left, left]
    y = [low, low, low, high, high, low, low, low] * 2 + [low]
    return Program(moments.tolist(), x, phase), Program(moments.tolist(), y, phase)


def _integrate(
    video: _Video, times: NDArray[np.float64], place: float, bar: float
) -> NDArray[np.float64]:
    """Integrate magnet, counterpart and core.

    Columns (m, m/s): magnet, its speed; bar, its speed; bar's height, its speed; core's lower
    face, its speed; whether the core is out; shell's height (as the lower face of a seated core);
    core's place along the guide, and how much of its way aside it has gone.
    """
    weight = video.iron_kg * _GRAVITY_M_S2
    ticks = np.arange(-_WARM_UP_S, times[-1] + 3 * _STEP_S, _STEP_S)
    across = Table((place + video.across.over(ticks)).tolist(), _STEP_S, _WARM_UP_S)
    heights = video.height.over(ticks).tolist()
    ahead = Table(heights, _STEP_S, _WARM_UP_S, first=1)

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        x, v, bar, along, up, rising, core, sinking, out, before, core_x, slid = state
        wish = ahead.at(t)
        floor = core + _DEPTH_M if out else 0.0
        height, press = max(wish, floor), limited(_PRESS_N_M * max(0.0, floor - wish), _PRESS_N)
        lifting = (height - before) / dt
        if t < video.loose_s:
            core, sinking = height, lifting
        else:
            core, sinking, out = _loose(video, (core, sinking, out), (height, lifting), up, dt)
        pull = video.pull_at(core - up)
        touching = core - up < _TOUCH_M
        # A core that nothing holds up cannot lift the bar it lies on: what it pulls, it presses.
        alone = touching and 1e-9 < height - core < (inf if out else video.slack_m - 1e-9)
        lifted = (0.0 if alone else pull) - weight
        rising += lifted / video.iron_kg * dt
        up += rising * dt
        if up < 0:
            up, rising = 0.0, 0.0
        if up > core:
            up, rising = core, sinking
        if up > _PLAY_M:
            up, rising = _PLAY_M, 0.0
        # The servo takes the magnet along; friction takes the bar along with it, as far as it can.
        v += _SERVO.force(across.at(t), x, v) / _GRIPPER_KG * dt
        hold = _SLIP_1 * (press + (0.0 if out else pull)) if touching else 0.0
        # The bar rubs on the guide where it lies on it, and where the pull holds it to its top.
        rub = _GUIDE_1 * (press + weight) if up < _TOUCH_M else 0.0
        if up >= _PLAY_M:
            rub = _GUIDE_1 * max(0.0, lifted)
        way = 1.0 if v > 0 else -1.0 if v < 0 else 0.0
        drawn = limited((v - along) * video.iron_kg / dt + way * rub, hold)
        v -= drawn / _GRIPPER_KG * dt
        along = rubbed(along + drawn / video.iron_kg * dt, rub / video.iron_kg * dt)
        x, bar = x + v * dt, bar + along * dt
        if out:
            slide = (video.aside_m - slid) / _ASIDE_S
            slid, core_x = slid + slide * dt, core_x + (along + slide) * dt
        else:
            core_x = x
        return x, v, bar, along, up, rising, core, sinking, out, height, core_x, slid

    begin = across.at(-_WARM_UP_S)
    speed = (across.at(_STEP_S - _WARM_UP_S) - begin) / _STEP_S
    height = max(0.0, heights[0])
    start: tuple[float, ...] = (
        begin,
        speed,
        bar,
        speed if video.takes_along else 0.0,
        0.0,
        0.0,
        height,
        0.0,
        0.0,
        height,
        begin,
        0.0,
    )
    return np.array(march(advance, start, times, step=_STEP_S, warm_up=_WARM_UP_S))


def _loose(
    video: _Video,
    core: tuple[float, float, float],
    shell: tuple[float, float],
    iron: float,
    dt: float,
) -> tuple[float, float, float]:
    """Lower face, speed and whether it is out, of a core that only gravity and iron hold.

    In the shell it can slip down as far as its rim lets it; once it is out it is on its own.
    """
    (low, speed, out), (height, lifting) = core, shell
    speed -= (_GRAVITY_M_S2 + video.pull_at(low - iron) / _CORE_KG) * dt
    low += speed * dt
    if low < iron:
        low, speed = iron, -0.15 * speed if speed < -0.2 else 0.0
    if out:
        return low, speed, out
    if low > height:
        return height, lifting, out
    if height - low > _DEPTH_M <= video.slack_m:
        return low, speed, 1.0
    if height - low > video.slack_m:
        return height - video.slack_m, lifting, out
    return low, speed, out


def _seen(path: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The states to be painted, in frame widths."""
    columns = {"x": 0, "height": 9, "iron_x": 2, "iron_y": 4, "core_x": 10, "core": 6}
    return {name: path[:, column] / _FRAME_M for name, column in columns.items()}


TWIN = Magnet()
