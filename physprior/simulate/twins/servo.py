"""The hobby servo: a gripper holds its case, and its horn follows commands before a dial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import copysign, pi, radians
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.mechanics import Program, Table, limited, rubbed, ticks
from physprior.simulate.props import RUBBER, paint_gripper, paint_screw_head
from physprior.simulate.shapes import Field, box, circle, polygon, ring
from physprior.simulate.sweeps import chained, out_and_back
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_STEP_S = 1 / 480
_WARM_UP_S = 0.6
_INERTIA_KG = 1.6e-4
"""A horn's inertia over the square of its length in frame widths (kg m²)."""
# The loop's gains, the torque limit and friction are per unit of inertia: 1/s², 1/s, rad/s².
_STIFFNESS_PER_S2 = 4500.0
_DAMPING_PER_S = 110.0
"""What the loop's electronics give; they saturate together with the motor."""
_DRAG_PER_S = 24.0
"""The viscous drag of motor and gears, which is always there."""
_TORQUE_RAD_S2 = 330.0
_FRICTION_RAD_S2 = 5.0
_SENSOR_S = 0.016
"""How late the position sensor tells the angle."""
_STOP_RAD = radians(82)
"""Where every servo of this kind has its end stops, a little beyond its range."""
_BOUNCE = 0.35
_FULL_RAD = radians(80)
_REST = 0.50
"""The share of its time that a sound horn stands at targets."""
_SHORT = 0.85
"""No clearly limited horn comes beyond this share of its target."""
_SHAFT = -0.10
"""The height of the output shaft."""

_CASES: tuple[Colour, ...] = (
    (0.10, 0.24, 0.58),
    (0.12, 0.12, 0.14),
    (0.30, 0.10, 0.34),
    (0.06, 0.34, 0.33),
    (0.42, 0.10, 0.10),
    (0.20, 0.26, 0.12),
)
_HORNS: tuple[Colour, ...] = (
    (0.96, 0.96, 0.94),
    (0.98, 0.62, 0.10),
    (0.93, 0.24, 0.16),
    (0.66, 0.88, 0.22),
)
_KINDS = ("arm", "double", "disc", "cross")
_DIAL: Colour = (0.17, 0.18, 0.20)


@dataclass(frozen=True)
class Unit:
    """One servo; lengths in frame widths."""

    kind: str
    length: float
    root: float
    half_width: float
    tail: float
    side: float
    case: Colour
    horn: Colour
    mark: Colour


class Servo:
    """The twin of the category ``servo``."""

    category = "servo"
    defects: ClassVar[Mapping[str, Defect]] = {
        "angle_limited": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "A stop inside the gear ends the travel to one side before the target, from "
                "severity 0.5 on before 85 % of it. Severity moves it inward on average and "
                "lengthens the stall against it."
            ),
        ),
        "centered_anomaly": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The position sensor's zero is shifted, so that every angle is off by the same "
                "amount; severity raises it."
            ),
        ),
        "vibration": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The loop's damping is too weak for its late sensor, so that the horn oscillates "
                "about its target; severity lowers the damping below zero."
            ),
        ),
    }
    wander = 0.025
    physics = (
        "A position loop with a damped, late sensor and limited torque turns the horn's inertia "
        "after its command against dry friction. Inner stops bound the travel, and the horn "
        "rebounds from them with loss."
    )
    leaves_out = (
        "The gears have no backlash, and the horn and the gripped case do not bend. Programs are "
        "set so that all classes show every angle as often: a limited horn stays on its stop's "
        "side as long as on the other, and the extents of sound sweeps suit shifts of severities "
        "from 0.5 to 1, while milder ones spread their angles a little otherwise."
    )

    def build(self, rng: np.random.Generator) -> Unit:
        """A servo with its case and its horn."""
        horn, mark = rng.choice(len(_HORNS), 2, replace=False)
        return Unit(
            kind=_KINDS[rng.integers(len(_KINDS))],
            length=float(rng.uniform(0.33, 0.39)),
            root=float(rng.uniform(0.040, 0.058)),
            half_width=float(rng.uniform(0.13, 0.165)),
            tail=float(rng.uniform(0.26, 0.30)),
            side=float(rng.uniform(0.78, 0.95)),
            case=_CASES[rng.integers(len(_CASES))],
            horn=_HORNS[horn],
            mark=_HORNS[mark],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Sweeps to both sides, each to its end and back, with a rest at a target each way."""
        program, offset, stops, damping = _program(times, fault, drive, chance)
        angle = _follow(times, program, offset, stops, damping)
        inertia = _INERTIA_KG * unit.length**2
        parameters = {
            "inertia_kg_m2": inertia,
            "torque_limit_n_m": _TORQUE_RAD_S2 * inertia,
            "damping_n_m_s": damping * inertia,
            "stop_left_rad": stops[0],
            "stop_right_rad": stops[1],
            "zero_offset_rad": offset,
            "period_s": program.period,
        }
        return Motion(states={"angle_rad": angle}, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """A dial behind the servo, the gripped case, and the horn before both."""
        _paint_dial(canvas)
        _paint_case(canvas, unit)
        paint_gripper(canvas, 0.0, -0.27, pi, gap=2 * unit.half_width + 0.002, reach=0.35)
        _paint_horn(canvas, unit, states["angle_rad"])


def _program(
    times: NDArray[np.float64],
    fault: Fault | None,
    drive: np.random.Generator,
    chance: np.random.Generator,
) -> tuple[Program, float, tuple[float, float], float]:
    """The commands, the sensor's offset, the stops to the left and right, the loop's damping.

    Every sweep is even, and whatever a fault makes uneven is made up for (see ``sweeps``). A
    shifted sweep reaches ``small`` to one side and ``wide`` to the other, evenly in between; sound
    sweeps reach one of the two, the wide one as much more often as it is wider. A limited sweep is
    on average even up to its amplitude to one side and up to ``_SHORT`` of it to the other; every
    other sweep is shorter by this factor in half of the videos. So all show every angle alike.
    """
    duration = duration_of(times)
    period = duration * float(drive.uniform(0.75, 1.2))
    wide = min(_FULL_RAD, radians(drive.uniform(45, 95)))
    small = wide * _ratio(float(drive.uniform(0.5, 1.0)))
    amplitude = wide if float(drive.uniform()) < wide / (wide + small) else small
    places, outward = drive.uniform(0, 1, 4), drive.integers(0, 2, 2)
    phase, side = float(drive.uniform(0, period)), float(drive.choice((-1.0, 1.0)))
    shorter = _SHORT if float(drive.uniform()) < 0.5 else 1.0
    offset, damping, stop, stall = 0.0, _DAMPING_PER_S, _STOP_RAD, 0.0
    reaches = (amplitude * shorter,) * 2
    if fault and fault.id == "angle_limited":
        stall = fault.graded(0.06, 0.48, 0.62)
        stop = amplitude * fault.graded(1.0, _SHORT, _SHORT) * float(chance.uniform()) ** stall
        reaches = (amplitude, stop)
    elif fault and fault.id == "centered_anomaly":
        reaches = (wide * shorter, wide * shorter * _ratio(fault.severity))
        offset = side * (reaches[0] - reaches[1]) / 2
    elif fault:
        damping = fault.graded(24.0, 4.0, -6.0)
        # Its tremble widens what a sweep shows: the sweep is narrower by as much, and stays within
        # what sound horns show.
        swing = fault.graded(0.05, 0.19, 0.23)
        reach = amplitude * shorter
        spread = max(reach**2 - 1.2 * swing**2, 0.1 * reach**2) ** 0.5
        reaches = (min(spread, _FULL_RAD - swing),) * 2
    total = reaches[0] + reaches[1]
    ways = []
    for k, (reach, lost) in enumerate(zip(reaches, (0.0, stall), strict=True)):
        lasting = period / 2 if stall else period * reach / total
        beyond = max(amplitude - reach, 0.05 * amplitude) if lost else 0.0
        two, first = (float(places[2 * k]), float(places[2 * k + 1])), float(outward[k])
        moving = (1 - _REST) * lasting * (reach / amplitude if stall else 1.0)
        ways.append(
            out_and_back(
                reach, lasting, two, travel_s=moving, stall=lost, beyond=beyond, outward=first
            )
        )
    moments, values = chained(ways, (side, -side))
    program = Program(moments, [value - offset for value in values], phase)
    stops = (-stop, _STOP_RAD) if side > 0 else (-_STOP_RAD, stop)
    return program, offset, stops, damping


def _ratio(severity: float) -> float:
    """The smaller reach of a shifted sweep over its wider one."""
    return Fault("", 0.0, severity).graded(0.90, 0.52, 0.24)


def _follow(
    times: NDArray[np.float64],
    program: Program,
    offset: float,
    stops: tuple[float, float],
    damping: float,
) -> NDArray[np.float64]:
    """The horn's angle (rad, to the right) at each time."""
    wishes = program.over(ticks(float(times[-1]), _STEP_S, _WARM_UP_S))
    target = Table(wishes.tolist(), _STEP_S, _WARM_UP_S)
    pace = Table(np.gradient(wishes, _STEP_S).tolist(), _STEP_S, _WARM_UP_S)
    low, high = stops

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        angle, speed, seen = state
        # The sensor says late, and with its own zero, where the shaft is.
        seen += (angle - offset - seen) * dt / _SENSOR_S
        rate = pace.at(t)
        push = _STIFFNESS_PER_S2 * (target.at(t) - rate * _SENSOR_S - seen)
        push += damping * (rate - speed) + _DRAG_PER_S * rate
        speed += (limited(push, _TORQUE_RAD_S2) - _DRAG_PER_S * speed) * dt
        speed = rubbed(speed, _FRICTION_RAD_S2 * dt)
        angle += speed * dt
        if angle > high and speed > 0:
            angle, speed = high, -_BOUNCE * speed
        elif angle < low and speed < 0:
            angle, speed = low, -_BOUNCE * speed
        return angle, speed, seen

    begin = min(high, max(low, target.at(-_WARM_UP_S) + offset))
    # Switched on a little askew: a loop that cannot settle then trembles from the first frame on.
    begin -= copysign(0.25, begin)
    start: tuple[float, ...] = (begin, 0.0, begin - offset)
    path = march(advance, start, times, step=_STEP_S, warm_up=_WARM_UP_S)
    return np.array([state[0] for state in path])


def _paint_dial(canvas: Canvas) -> None:
    """A round plate with a line every 45 degrees, the one at the centre red."""
    with canvas.part(0.0, _SHAFT, reach=(0.46, 0.46)) as dial:
        x, y = dial.x, dial.y
        r = circle(x, y, 0.0)
        plate = np.maximum(r - 0.455, -y - 0.06)
        dial.shadow(plate, soft=0.04, strength=0.3)
        dial.fill(plate, _DIAL, shade=1.0 + 0.5 * y)
        dial.fill(np.maximum(np.abs(plate + 0.012) - 0.004, -y), (1.0, 1.0, 1.0), opacity=0.35)
        turn = np.arctan2(x, y)
        fine = turn - np.round(turn * (12 / pi)) * np.float32(pi / 12)
        lines = np.maximum(r * np.abs(fine) - 0.004, np.abs(r - 0.418) - 0.016)
        dial.fill(np.maximum(lines, -y - 0.01), (1.0, 1.0, 1.0), opacity=0.5)
        coarse = turn - np.round(turn * (4 / pi)) * np.float32(pi / 4)
        lines = np.maximum(r * np.abs(coarse) - 0.007, np.abs(r - 0.412) - 0.026)
        dial.fill(np.maximum(lines, -y - 0.01), (1.0, 1.0, 1.0), opacity=0.9)
        dial.fill(box(x, y - 0.41, 0.012, 0.034), (1.0, 0.25, 0.12))


def _paint_case(canvas: Canvas, unit: Unit) -> None:
    half, top = unit.half_width, _SHAFT + 0.13
    middle = (top - unit.tail + _SHAFT) / 2
    tall = (top + unit.tail - _SHAFT) / 2
    with canvas.part(0.0, middle, reach=(half + 0.04, tall + 0.08)) as case:
        x, y = case.x, case.y
        body = box(x, y, half, tall, 0.014)
        ears = box(x, y, unit.side * half, tall + 0.06, 0.01)
        wires = box(x - 0.3 * half, y + tall + 0.06, 0.03, 0.06)
        case.shadow(np.minimum(body, ears), soft=0.04, strength=0.45)
        for k, colour in enumerate(((0.45, 0.20, 0.08), (0.85, 0.12, 0.10), (0.95, 0.62, 0.10))):
            lane = box(x - 0.3 * half - 0.02 * (k - 1), y + tall + 0.06, 0.009, 0.06)
            case.fill(np.maximum(lane, wires), colour)
        case.fill(ears, unit.case, shade=0.72 + 0.5 * y)
        holes = circle(np.abs(x) - 0.5 * half, np.abs(y) - tall - 0.03, 0.014)
        case.fill(holes, (0.03, 0.03, 0.03), opacity=0.8)
        case.fill(body, unit.case, shade=1.15 - 0.9 * (x - y) * 0.7)
        case.fill(np.abs(body + 0.012) - 0.004, (1.0, 1.0, 1.0), opacity=0.22)
        label = box(x, y + 0.55 * tall, 0.62 * half, 0.16 * tall, 0.008)
        case.fill(label, (0.92, 0.90, 0.84), shade=1.0 + 0.6 * y)
        case.fill(box(x, y + 0.55 * tall, 0.42 * half, 0.008), unit.case)
        boss = circle(x, y - (_SHAFT - middle), 0.8 * half)
        case.fill(boss, unit.case, shade=1.35 - 0.8 * (x - y))
        case.fill(np.abs(boss) - 0.004, (0.0, 0.0, 0.0), opacity=0.4)


def _paint_horn(canvas: Canvas, unit: Unit, angle: NDArray[np.float64]) -> None:
    back = {"arm": 0.07, "double": 0.20, "disc": 0.12, "cross": 0.16}[unit.kind]
    half, shift = (unit.length + back) / 2, (unit.length - back) / 2
    wide = {"arm": 0.075, "double": 0.075, "disc": 0.12, "cross": 0.16}[unit.kind]
    with canvas.part(
        shift * np.sin(angle), _SHAFT + shift * np.cos(angle), -angle, reach=(wide, half)
    ) as horn:
        x, y = horn.x, horn.y + np.float32(shift)
        edge = _horn_edge(unit, x, y)
        horn.shadow(edge, soft=0.035, strength=0.5)
        horn.fill(edge - 0.006, (0.05, 0.05, 0.06))
        horn.fill(edge, unit.horn, shade=0.98 - 1.6 * np.abs(x) + 0.2 * y)
        tip = np.maximum(edge + 0.004, unit.length - 0.085 - y)
        horn.fill(tip, unit.mark)
        at = y - np.clip(np.round(y / 0.055), 2, 4) * np.float32(0.055)
        horn.fill(circle(x, at, 0.011), RUBBER, opacity=0.8)
        horn.fill(ring(x, y, 0.045, 0.006), (0.0, 0.0, 0.0), opacity=0.35)
        paint_screw_head(horn, x, y, 0.028)


def _horn_edge(unit: Unit, x: Field, y: Field) -> Field:
    thin, root, length = 0.024, unit.root, unit.length - 0.012
    arm = polygon(x, y, [(-root, 0), (root, 0), (thin, length), (-thin, length)], 0.012)
    arm = np.minimum(arm, circle(x, y, root + 0.014))
    if unit.kind == "disc":
        return np.minimum(arm, circle(x, y, 0.115))
    if unit.kind == "double":
        tail = polygon(x, y, [(-thin, -0.18), (thin, -0.18), (root, 0), (-root, 0)], 0.012)
        return np.minimum(arm, tail)
    if unit.kind == "cross":
        return np.minimum(arm, np.minimum(box(x, y, 0.15, 0.026, 0.02), box(x, y, 0.026, 0.15)))
    return arm


TWIN = Servo()
