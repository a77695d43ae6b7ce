"""The gear assembly: a motor's driving gear turns a train of three driven gears, all marked."""

from __future__ import annotations

from collections.abc import Mapping
from math import atan2, cos, hypot, pi, sin
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.gear import GEARS, PLATES, Unit, paint_gears
from physprior.simulate.mechanics import rubbed
from physprior.simulate.twin import Defect, Fault, Motion, States, march

_FRAME_M = 0.20
"""The width of the frame: the plate is about 18 centimetres wide."""
_AREAL_KG_M2 = 30.0
"""Mass of a gear's disc for each square metre of its face."""
_MOTOR_KG_M2 = 4.0e-5
_STALL_N_M = 0.06
"""The motor's torque at rest; it falls in a straight line to nothing at the idle speed."""
_BEARING_N_M = 4.0e-4
"""Dry friction in each gear's bearing."""
_OIL_N_M_S = 4.0e-5
_TOOTH_N_M = 800.0
_TOOTH_N_S_M = 2.4
_BACKLASH_M = 1.5e-4
_STEP_S = 1 / 960


class Gear:
    """The twin of the category ``gear``."""

    category = "gear"
    defects: ClassVar[Mapping[str, Defect]] = {
        "single": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The last gear has slipped along its shaft out of mesh and is only dragged along "
                "by the oil; severity lowers that drag until the bearing's friction holds the gear."
            ),
        ),
        "double": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The third gear has slipped out of mesh, so that it and the last one behind it "
                "are only dragged along by the oil; severity lowers that drag until they stand."
            ),
        ),
        "triple": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The mesh at the driving gear is open, so that the whole branch of three is only "
                "dragged along by the oil; severity lowers that drag until they stand."
            ),
        ),
        "stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "A wedged particle adds dry friction at the driving gear, more at one place of "
                "its turn; severity raises it beyond the torque at which the motor stalls."
            ),
        ),
    }
    wander = 0.02
    physics = (
        "A motor whose torque falls with its speed turns the first of four gears that press on "
        "each other's teeth through stiff contacts with backlash, against dry friction in the "
        "bearings. A gear out of mesh is dragged along by the oil between the wheels, against its "
        "own bearing and the oil in it."
    )
    leaves_out = (
        "The wheels in front clear each other and are clamped to their shafts at any angle; the "
        "teeth that work lie behind them and are not followed one by one."
    )

    def build(self, rng: np.random.Generator) -> Unit:
        """An assembly with its train, its plate and its colours."""
        teeth, at, module = _layout(rng)
        fastest = max(teeth[0] / n for n in teeth)
        colours = rng.choice(len(GEARS), 4, replace=False)
        return Unit(
            teeth=teeth,
            at=at,
            module=module,
            # Eight frames lie 0.25 s apart: even the fastest mark turns by less than 100 degrees.
            idle_rad_s=float(rng.choice((-1.0, 1.0)) * rng.uniform(3.6, 5.2) / fastest),
            plate=PLATES[rng.integers(len(PLATES))],
            gears=tuple(GEARS[k] for k in colours),
            motor_bearing=_free_bearing(at),
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """All gears turning from the first frame on, as far as motor and meshes reach."""
        starts = drive.uniform(0, 2 * pi, 4)
        idle = unit.idle_rad_s * float(drive.uniform(0.75, 1.2))
        open_mesh, drag, wedge = None, 0.0, 0.0
        if fault and fault.id == "stuck":
            wedge = fault.graded(0.06, 1.05, 2.0) * _STALL_N_M
        elif fault:
            open_mesh = {"single": 2, "double": 1, "triple": 0}[fault.id]
            drag = _oil_drag(unit, idle, open_mesh, fault.graded(0.05, 1.05, 12.0))
        tight = float(chance.uniform(0, 2 * pi))
        turned = _turn(unit, times, idle, open_mesh, drag, wedge, tight)
        parameters = {
            "idle_rate_rad_s": idle,
            "stall_torque_n_m": _STALL_N_M,
            "bearing_friction_n_m": _BEARING_N_M,
            "wedged_friction_n_m": wedge,
            "gears_out_of_mesh_1": 0.0 if open_mesh is None else 3.0 - open_mesh,
            "oil_drag_n_s_m": drag,
        }
        parameters |= {f"teeth_of_gear_{k}_1": float(n) for k, n in enumerate(unit.teeth)}
        return Motion(states={"angle_rad": starts + turned}, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """The plate, the gears with their marks, the covers of the meshes, and the motor."""
        paint_gears(canvas, unit, states)


def _layout(
    rng: np.random.Generator,
) -> tuple[tuple[int, ...], tuple[tuple[float, float], ...], float]:
    """Teeth, places and module of a train that fills the plate, no gear in another's way."""
    while True:
        # The driving gear is never a small one: the motor in front of it leaves its mark free.
        teeth = [int(rng.integers(14, 20)), *(int(n) for n in rng.integers(11, 20, 3))]
        bearing, turn = rng.uniform(0, 2 * pi), rng.choice((-1, 1))
        at = [(0.0, 0.0)]
        for k in range(3):
            reach = (teeth[k] + teeth[k + 1]) / 2
            x, y = at[-1]
            at.append((x + reach * cos(bearing), y + reach * sin(bearing)))
            bearing += turn * rng.uniform(0.6, 1.9)
            turn *= rng.choice((-1, 1))
        radii = np.array(teeth) / 2 + 0.8
        apart = [
            hypot(at[i][0] - at[j][0], at[i][1] - at[j][1]) - radii[i] - radii[j]
            for i, j in ((0, 2), (0, 3), (1, 3))
        ]
        places = np.array(at)
        low, high = (places - radii[:, None]).min(axis=0), (places + radii[:, None]).max(axis=0)
        wide, tall = (high - low).tolist()
        filled = pi * float((radii**2).sum()) / max(wide, tall) ** 2
        if min(apart) > 0.6 and filled > 0.46:
            module = 0.87 / max(wide, tall)
            places = (places - (low + high) / 2) * module
            return tuple(teeth), tuple((float(x), float(y)) for x, y in places), module


def _free_bearing(at: tuple[tuple[float, float], ...]) -> float:
    """Where the motor's bracket comes from: away from the gear that the motor's gear turns."""
    return atan2(at[0][1] - at[1][1], at[0][0] - at[1][0])


def _oil_drag(unit: Unit, idle: float, open_mesh: int, lag: float) -> float:
    """The drag (N s/m) between rims by which the gears behind ``open_mesh`` lag by about ``lag``.

    It counts in shares of the idle driving rim's speed, and only the bearings' dry friction is
    reckoned with: the oil in them adds to it, so that an asked lag of 0.05 becomes one of 0.06 to
    0.08. Above 1 the bearings outweigh the drag even at rest: the gears stand.
    """
    rim = abs(idle) * unit.radii[0] * _FRAME_M
    held = sum(_BEARING_N_M / (r * _FRAME_M) for r in unit.radii[open_mesh + 1 :])
    return held / (rim * lag)


def _turn(
    unit: Unit,
    times: NDArray[np.float64],
    idle: float,
    open_mesh: int | None,
    drag: float,
    wedge: float,
    tight: float,
) -> NDArray[np.float64]:
    """How far each gear has turned (rad): a row per time. ``open_mesh`` transmits only drag."""
    radii = [r * _FRAME_M for r in unit.radii]
    inertia = [_AREAL_KG_M2 * pi * r**4 / 2 for r in radii]
    inertia[0] += _MOTOR_KG_M2
    slope = _STALL_N_M / abs(idle)
    sense = 1.0 if idle > 0 else -1.0

    def advance(state: tuple[float, ...], _: float, dt: float) -> tuple[float, ...]:
        angles, speeds = state[:4], list(state[4:])
        torques = [_STALL_N_M * sense - slope * speeds[0], 0.0, 0.0, 0.0]
        for k in range(3):
            # How far, and how fast, the teeth of gear k run ahead of those of the next.
            ahead = radii[k] * angles[k] + radii[k + 1] * angles[k + 1]
            gain = radii[k] * speeds[k] + radii[k + 1] * speeds[k + 1]
            if k == open_mesh:
                force = drag * gain
            elif ahead > _BACKLASH_M:
                force = max(0.0, _TOOTH_N_M * (ahead - _BACKLASH_M) + _TOOTH_N_S_M * gain)
            elif ahead < -_BACKLASH_M:
                force = min(0.0, _TOOTH_N_M * (ahead + _BACKLASH_M) + _TOOTH_N_S_M * gain)
            else:
                continue
            torques[k] -= force * radii[k]
            torques[k + 1] -= force * radii[k + 1]
        friction = _BEARING_N_M
        if wedge:
            friction += wedge * (1.3 + 0.3 * cos(angles[0] - tight))
        for k in range(4):
            speed = speeds[k] + (torques[k] - _OIL_N_M_S * speeds[k]) / inertia[k] * dt
            speeds[k] = rubbed(speed, (friction if k == 0 else _BEARING_N_M) / inertia[k] * dt)
        return (*(a + s * dt for a, s in zip(angles, speeds, strict=True)), *speeds)

    start = _running(radii, idle, open_mesh, wedge)
    path = march(advance, start, times, step=_STEP_S, warm_up=0.25)
    turned = np.array(path)[:, :4]
    return np.asarray(turned - turned[0])


def _running(
    radii: list[float], idle: float, open_mesh: int | None, wedge: float
) -> tuple[float, ...]:
    """A train that has been running: each gear at its ratio, teeth in contact."""
    speed = 0.0 if wedge > _STALL_N_M else 0.9 * idle
    push = _BACKLASH_M * (1 if idle > 0 else -1)
    angles, speeds = [0.0], [speed]
    for k in range(3):
        if k == open_mesh:
            speed = 0.0
        speed *= -radii[k] / radii[k + 1]
        angles.append((push - radii[k] * angles[k]) / radii[k + 1])
        push = -push
        speeds.append(speed)
    return (*angles, *speeds)


TWIN = Gear()
