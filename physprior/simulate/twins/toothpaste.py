"""The toothpaste tube: a gripper pinches the closed tube and presses; paste gives way inside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import pi
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks import toothpaste as looks
from physprior.simulate.mechanics import Program, Servo
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = looks.FRAME_M
DEPTH_M = 0.035
"""How thick the tube is, seen from its side: the same everywhere."""
_STEP_S = 1 / 480
_FINGER_KG = 0.3
_SERVO_N_M = 1.2e4
_SERVO_N_S_M = 110.0
_PAD_M2 = 7.0e-4
_WALL_PA_M = 2.0e6
"""Pressure for each metre that the wall bulges; the pinched wall pulls out half as strongly."""
_PINCHED_PA_M = 1.0e6
_FLOW_M3_S_PA = 1.1e-8
"""How easily paste passes from between the fingers to either side."""
_YIELD_PA = 600.0
"""Below this pressure paste stands still in a split: it is a Bingham fluid."""


class Toothpaste:
    """The twin of the category ``toothpaste``."""

    category = "toothpaste"
    defects: ClassVar[Mapping[str, Defect]] = {
        "leak": Defect(
            onset="intermittent",
            evidence="frame",
            cause=(
                "From the onset on the seam has a split, through which paste is driven by the"
                " pressure inside; severity grades how easily it passes."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "Two fingers with limited force dent an elastic tube, and the paste between them flows "
        "with friction to both sides, where its volume stretches the wall. Bulge and dent set "
        "the pressure, which carries the fingers, drives paste through a split, and brings the "
        "wall back when the fingers open."
    )
    leaves_out = (
        "The tube is equally thick everywhere, its wall moves in given shapes and does not crease,"
        " and paste that has come out lies as one heap."
    )

    def build(self, rng: np.random.Generator) -> looks.Unit:
        """A tube of one of three kinds."""
        return looks.draw_unit(rng)

    def move(
        self,
        unit: looks.Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """The fingers pinch, press, hold and open, over and over."""
        duration = duration_of(times)
        force, wish = float(drive.uniform(15.0, 19.0)), _program(unit, drive, duration)
        split, onset, mouth, side, rear = 0.0, 0.0, 0.0, 1.0, False
        if fault:
            # A longer clip has a narrower split, so that as much comes out.
            split, onset = fault.graded(3e-11, 1.6e-9, 6.0e-9) * 2 / duration, fault.onset_s
            rear, side = bool(chance.uniform() < 0.5), 1.0 if chance.uniform() < 0.5 else -1.0
            mouth = _mouth(unit, rear, float(chance.uniform()))
        # One time more, the clip's end: what it has come to by then is no matter of its frames.
        whole = _press(unit, np.append(times, duration), wish, force, (split, onset, rear))
        path, end = whole[:-1], whole[-1]
        lost = path[:, 5]
        states = {name: path[:, k] / _FRAME_M for k, name in ((0, "pad"), (2, "dent"), (3, "rear"))}
        states["front"] = path[:, 4] / _FRAME_M
        # Paste keeps its shape: it lies as half a ball, where the wall has pushed it.
        heap = (1.5 * lost / pi) ** (1 / 3) / _FRAME_M
        wall = looks.wall_at(unit, states, mouth)
        states |= {
            "heap": heap,
            "heap_y": np.maximum.accumulate(np.where(heap > 0, wall + 0.7 * heap, wall.min())),
            "mouth": np.full_like(times, mouth),
            "side": np.full_like(times, side),
            "turn_rad": np.full_like(times, float(chance.uniform(0, 2 * pi))),
        }
        parameters = {
            "split_mm3_per_s_kpa": split * 1e12,
            "press_limit_n": force,
            "pressure_max_kpa": float(end[6]) / 1e3,
            "lost_ml": float(end[5]) * 1e6,
            "split_near_weld_1": float(split > 0 and rear),
            "split_near_cap_1": float(split > 0 and not rear),
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: looks.Unit, states: States) -> None:
        """Cap and weld, the paste outside, the tube, and the fingers."""
        looks.paint(canvas, unit, states)


def _program(unit: looks.Unit, drive: np.random.Generator, duration: float) -> Program:
    """Half the gap (m) that the gripper wants between its pads."""
    wall = float(unit.half(unit.grip))
    away, pinch, deep = wall + float(drive.uniform(0.03, 0.06)), 0.86 * wall, 0.15 * wall
    lengths = (
        drive.uniform(0.03, 0.07),  # wait
        drive.uniform(0.05, 0.07),  # approach and pinch
        drive.uniform(0.03, 0.06),  # hold lightly
        drive.uniform(0.10, 0.14),  # press
        drive.uniform(0.20, 0.28),  # hold
        drive.uniform(0.10, 0.13),  # open
    )
    gaps = [gap * _FRAME_M for gap in (away, away, pinch, pinch, deep, deep, away)]
    return Program.of_lengths(lengths, gaps, drive, scale_s=duration)


def _mouth(unit: looks.Unit, rear: bool, where: float) -> float:
    """Where the split is: beside the weld, or in the side between fingers and cap."""
    if rear:
        return unit.weld + 0.03 + 0.08 * where
    return unit.grip + 0.12 + where * (unit.shoulder - 0.06 - unit.grip - 0.12)


@lru_cache(maxsize=64)
def _widths(unit: looks.Unit) -> tuple[float, float, float]:
    """How much volume (m3) both walls take for each metre: rear, front and between the fingers."""
    x = np.linspace(unit.weld, unit.shoulder, 400)
    step = float(x[1] - x[0]) * _FRAME_M
    rear, front, dent = (2 * DEPTH_M * float(share.sum()) * step for share in unit.shares(x))
    return rear, front, dent


def _press(
    unit: looks.Unit,
    times: NDArray[np.float64],
    wish: Program,
    force: float,
    leak: tuple[float, float, bool],
) -> NDArray[np.float64]:
    """Half gap, its rate, dent, bulges rear and front (m), volume lost (m3), greatest pressure
    since the film began (Pa)."""
    rear_m2, front_m2, dent_m2 = _widths(unit)
    wall = float(unit.half(unit.grip)) * _FRAME_M
    split, onset, at_rear = leak
    fingers = Servo(_SERVO_N_M, _SERVO_N_S_M, force)

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        pad, speed, dent, rear, front, lost, most = state
        p_rear, p_front = _WALL_PA_M * rear, _WALL_PA_M * front
        # The fingers, against the pressure under the pads.
        pull = fingers.force(wish.at(t), pad, speed)
        touching = wall - dent >= pad - 1e-6
        if touching:
            pull += _PAD_M2 * max(0.0, (p_rear + p_front) / 2 + _PINCHED_PA_M * dent)
        speed += pull / _FINGER_KG * dt
        if touching and speed < 0:
            # The paste has to leave first: that brakes them, stably however long the step.
            speed /= 1 + _PAD_M2 * dent_m2 / (2 * _FLOW_M3_S_PA * _FINGER_KG) * dt
        pad += speed * dt
        # Free, the pinched wall pulls paste back; under the pads it is where they are.
        free = -_FLOW_M3_S_PA * (2 * _PINCHED_PA_M * dent + p_rear + p_front) / dent_m2
        gain = max(free, (wall - pad - dent) / dt)
        dent += gain * dt
        middle = (dent_m2 * gain / _FLOW_M3_S_PA + p_rear + p_front) / 2
        out_rear = out_front = 0.0
        if split and t >= onset:
            out_rear = split * max(0.0, p_rear - _YIELD_PA) if at_rear else 0.0
            out_front = 0.0 if at_rear else split * max(0.0, p_front - _YIELD_PA)
        rear += (_FLOW_M3_S_PA * (middle - p_rear) - out_rear) / rear_m2 * dt
        front += (_FLOW_M3_S_PA * (middle - p_front) - out_front) / front_m2 * dt
        lost += (out_rear + out_front) * dt
        return pad, speed, dent, rear, front, lost, max(most, middle) if t >= 0 else 0.0

    start: tuple[float, ...] = (wish.at(-0.5), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return np.array(march(advance, start, times, step=_STEP_S, warm_up=0.5))


TWIN = Toothpaste()
