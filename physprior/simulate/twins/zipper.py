"""The zipper: a gripper draws the slider along two rows of teeth, to close and to open them."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.zipper import REAR, STOP, Unit, draw_unit, paint_zipper, taut
from physprior.simulate.mechanics import Program, Servo, limited
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.16
"""The width of the frame; lengths of the picture are in frame widths."""
_TICK_S = 1 / 240
"""How finely the rows are followed, or more finely if their pitch asks for it: ``_tick_s``."""
_STEP_S = 1 / 960
_WARM_S = 1.0
"""The station has run this long when the film begins."""

_MOVED_KG = 0.5
_PULL_LIMIT_N = 30.0
_ARM = Servo(stiffness=1500.0, damping=30.0, limit=_PULL_LIMIT_N)
_GLIDE_N = 1.5
_SEAT_N_M = 1.6e4
"""How stiffly teeth and fabric hold the slider before it breaks away."""
_SEAT_N_S_M = 90.0
_CREEP_M_S = 0.10
"""Speed at which friction has fallen from breaking away to sliding."""

_TENSION_N = 8.0
_DRAG_N_S_M2 = 2600.0
_SPREAD_N_M = 150.0
"""What pulls the tapes apart, over their length."""

_UNMESHED = 0.011
"""Half the gap between teeth that stand tip to tip."""


class Zipper:
    """The twin of the category ``zipper``."""

    category = "zipper"
    defects: ClassVar[Mapping[str, Defect]] = {
        "stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Fabric caught in the slider raises the force at which it breaks away. From "
                "clear severity on that is more than the gripper can pull; below, it lags, jerks "
                "and slips."
            ),
        ),
        "unable_to_close": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "A run of deformed teeth does not mesh and holds no load across the rows; "
                "severity raises how many, from a few to all."
            ),
        ),
    }
    wander = 0.02
    physics = (
        "An arm with limited force draws the slider's mass to and fro against friction that gives "
        "elastically, breaks away and then falls, so that it can stick and slip. Ahead of the "
        "slider the taut tapes run straight to their clamps, and behind it their teeth hold them "
        "together, or, where those do not mesh, a load draws them apart like strings with drag."
    )
    leaves_out = "The tapes neither stretch along the rows nor have mass, and no tooth breaks."

    def build(self, rng: np.random.Generator) -> Unit:
        """A zipper with its teeth, its fabric and its slider."""
        return draw_unit(rng)

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Strokes to and fro, and what the rows do behind the slider."""
        program, speed = _program(drive, duration_of(times))
        breakaway, start = _GLIDE_N, program.at(-_WARM_S)
        if fault and fault.id == "stuck":
            breakaway = fault.graded(5.0, 1.06 * _PULL_LIMIT_N, 2.0 * _PULL_LIMIT_N)
            # Anywhere on the way, as often as sound sliders are there, whatever the hour.
            start = _place(program, float(chance.uniform()))
        # What rounding adds to a frame's time is no reason for another tick.
        each = int(np.ceil(times[1] / _tick_s(unit) - 1e-6))
        tick = float(times[1]) / each
        before = round(_WARM_S / tick)
        ticks = np.asarray(np.arange(before + each * (len(times) - 1) + 1) * tick, np.float64)
        path = _pull(ticks, program, start, breakaway)
        sound = np.ones(len(unit.rows), bool)
        if fault and fault.id == "unable_to_close":
            sound = _run_of_bad(unit, fault.graded(0.10, 0.6, 1.0), chance)
        gap = _part(unit, path, tick, sound)
        return Motion(
            states={"slider": path[before::each], "gap": gap[before::each]},
            parameters={
                "speed_m_s": speed * _FRAME_M,
                "pull_limit_n": _PULL_LIMIT_N,
                "breakaway_n": breakaway,
                "teeth_1": float(len(sound)),
                "unmeshed_teeth_1": float((~sound).sum()),
                "tape_tension_n": _TENSION_N,
            },
        )

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Board, tapes with their teeth, slider, gripper."""
        paint_zipper(canvas, unit, states)


def _program(drive: np.random.Generator, duration: float) -> tuple[Program, float]:
    """Where the arm wants the slider (frame widths), and how fast it closes the zipper.

    It closes, and opens faster, over and over; the film begins anywhere in the cycle.
    """
    lengths = [
        float(drive.uniform(low, high)) * duration
        for low, high in ((0.02, 0.05), (0.44, 0.58), (0.02, 0.05), (0.24, 0.32))
    ]
    low, high = float(drive.uniform(-0.28, -0.24)), float(drive.uniform(0.17, 0.22))
    program = Program.of_lengths(lengths, (low, low, high, high, low), drive)
    return program, (high - low) / lengths[1]


def _place(program: Program, share: float) -> float:
    """Where a sound slider is after ``share`` of a cycle: friction stops it short of the ends."""
    short = _GLIDE_N / _ARM.stiffness / _FRAME_M
    wish = program.over(np.asarray(np.linspace(0, program.period, 64), np.float64))
    low, high = float(wish.min()) + short, float(wish.max()) - short
    return min(max(program.at(share * program.period), low), high)


def _pull(
    ticks: NDArray[np.float64], program: Program, start: float, breakaway: float
) -> NDArray[np.float64]:
    """Where the slider is at each tick, which begin ``_WARM_S`` before the film."""
    steps = int(np.ceil(ticks[1] / _STEP_S - 1e-6))
    step = float(ticks[1]) / steps
    when = np.asarray(np.arange(len(ticks) * steps + 2) * step - _WARM_S, np.float64)
    wishes = (program.over(when) * _FRAME_M).tolist()
    sliding = _GLIDE_N + 0.35 * (breakaway - _GLIDE_N)

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        way, speed, give = state
        k = round(t / step)
        pace = (wishes[k + 1] - wishes[k]) / step
        pull = _ARM.force(wishes[k], way, speed, pace)
        # What holds the slider gives like a spring, up to the friction at its present speed.
        most = sliding + (breakaway - sliding) * exp(-min(50.0, (speed / _CREEP_M_S) ** 2))
        given = limited(give + speed * dt, most / _SEAT_N_M)
        hold = _SEAT_N_M * given + _SEAT_N_S_M * (given - give) / dt
        speed += (pull - hold) / _MOVED_KG * dt
        return way + speed * dt, speed, given

    # Whoever pulls has pulled for a while: what gives has given, so that nothing snaps.
    begun = _ARM.force(wishes[0], start * _FRAME_M, 0.0)
    first: tuple[float, ...] = (start * _FRAME_M, 0.0, begun / _SEAT_N_M)
    return np.array([s[0] for s in march(advance, first, ticks, step=step)]) / _FRAME_M


def _run_of_bad(unit: Unit, share: float, chance: np.random.Generator) -> NDArray[np.bool_]:
    """Which pairs of teeth mesh: a run of them, ``share`` of those the slider passes, does not."""
    reach = int((0.15 - STOP) / unit.pitch)
    bad = max(2, round(share * reach))
    first = int(chance.integers(reach - bad + 1))
    sound = np.ones(len(unit.rows), bool)
    sound[first : first + bad if share < 1 else None] = False
    return sound


def _tick_s(unit: Unit) -> float:
    """How long a tick of ``_part`` may be: a tooth then goes at most nine tenths of the way to its
    neighbours' mean. From the whole way on, the explicit steps would be unstable.
    """
    settles_s = _DRAG_N_S_M2 * (unit.pitch * _FRAME_M) ** 2 / _TENSION_N
    return min(_TICK_S, 0.45 * settles_s)


def _part(
    unit: Unit, path: NDArray[np.float64], tick: float, sound: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Half the gap at each pair of teeth, at each tick (frame widths).

    Ahead of the slider the tapes are taut. Behind it meshed teeth hold; each of the others is
    drawn apart by the load and back by the tension of its neighbours, and never less far than
    teeth that stand tip to tip.
    """
    x = unit.rows
    ahead = taut(unit, path[:, None], x[None])
    if sound.all():
        return ahead
    slip = tick * _TENSION_N / (_DRAG_N_S_M2 * (unit.pitch * _FRAME_M) ** 2)
    load = tick * _SPREAD_N_M / (_DRAG_N_S_M2 * _FRAME_M)
    behind = x[None] < path[:, None] - REAR
    free, gap, now = behind & ~sound, ahead.copy(), np.zeros(len(x) + 2)
    for k in range(1, len(path)):
        pulled = now[1:-1] + slip * (now[2:] + now[:-2] - 2 * now[1:-1]) + load
        now[1:-1] = np.where(free[k], np.maximum(pulled, _UNMESHED), 0.0)
        gap[k] += now[1:-1]
    return gap


TWIN = Zipper()
