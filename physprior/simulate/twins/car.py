"""The toy car: a gripper holds it by the cabin and drags it along a table, so that it must roll."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour
from physprior.simulate.looks.car import KINDS, paint_car
from physprior.simulate.mechanics import Program, Servo
from physprior.simulate.rolling import Wheel, bad_bearing, to_and_fro
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.2
"""The width of the frame: the car is twelve centimetres long."""
_STROKE_M = (0.022, 0.029)
"""Half of the way to and fro, and below how far its middle may lie from the frame's."""
_ASTRAY_M = 0.005
_ARM_KG = 0.6
_SERVO = Servo(stiffness=8.0e3, damping=130.0, limit=40.0)
_GRAVITY_M_S2 = 9.81
_FREE_AXLE = 0.03
"""A sound axle's friction, as a share of the torque with which the ground can turn its wheels."""
_PACE_M_S = 0.06
"""A typical speed: what is wound around a bad axle resists in proportion to it."""

_BODIES: tuple[Colour, ...] = (
    (0.83, 0.16, 0.14),
    (0.10, 0.32, 0.70),
    (0.95, 0.72, 0.10),
    (0.10, 0.48, 0.30),
    (0.93, 0.92, 0.89),
    (0.90, 0.42, 0.10),
    (0.40, 0.22, 0.52),
    (0.16, 0.17, 0.20),
)
_MARKS: tuple[Colour, ...] = (
    (0.93, 0.16, 0.10),
    (0.08, 0.34, 0.86),
    (0.04, 0.52, 0.26),
    (0.80, 0.10, 0.55),
)
_TABLES: tuple[Colour, ...] = (
    (0.24, 0.18, 0.13),
    (0.17, 0.20, 0.25),
    (0.13, 0.23, 0.20),
    (0.80, 0.77, 0.70),
)


@dataclass(frozen=True)
class Unit:
    """One car; lengths in frame widths, the nose at +x."""

    kind: str
    wheel: float
    front: float
    rear: float
    mass_kg: float
    nose_share: float
    ground_friction: float
    body: Colour
    trim: Colour
    mark: Colour
    table: Colour


class Car:
    """The twin of the category ``car``."""

    category = "car"
    defects: ClassVar[Mapping[str, Defect]] = {
        "all_wheels_stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Friction at both axles exceeds what the ground can turn, so that all wheels slide;"
                " below severity 0.5 it is weaker and they lag behind rolling."
            ),
        ),
        "rear_wheels_stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Friction at the rear axle exceeds what the ground can turn, so that the rear "
                "wheels slide; below severity 0.5 it is weaker and they lag behind rolling."
            ),
        ),
        "front_wheels_stuck": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "Friction at the front axle exceeds what the ground can turn, so that the front "
                "wheels slide; below severity 0.5 it is weaker and they lag behind rolling."
            ),
        ),
    }
    wander = 0.015
    physics = (
        "A servo with limited force drags the car to and fro, and Coulomb friction at the ground "
        "turns each axle's wheels against their inertia and the friction of their bearings. "
        "Where the bearing's friction is the greater of the two, the wheels slide."
    )
    leaves_out = "The car does not pitch or bounce, and both wheels of an axle turn as one."

    def build(self, rng: np.random.Generator) -> Unit:
        """A car of one of five kinds, with its wheels, its weight and its colours."""
        kind = str(rng.choice(list(KINDS)))
        shape = KINDS[kind]
        body, trim = rng.choice(len(_BODIES), 2, replace=False)
        return Unit(
            kind=kind,
            wheel=shape.wheel * float(rng.uniform(0.95, 1.06)),
            front=shape.front + float(rng.uniform(-0.01, 0.01)),
            rear=shape.rear + float(rng.uniform(-0.01, 0.01)),
            mass_kg=float(rng.uniform(0.25, 0.45)),
            nose_share=float(rng.uniform(0.42, 0.58)),
            ground_friction=float(rng.uniform(0.45, 0.65)),
            body=_BODIES[body],
            trim=_BODIES[trim],
            mark=_MARKS[rng.integers(len(_MARKS))],
            table=_TABLES[rng.integers(len(_TABLES))],
        )

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,  # noqa: ARG002 - a stuck axle leaves nothing open
    ) -> Motion:
        """The car under the gripper, and the wheels under the car."""
        duration = duration_of(times)
        program = to_and_fro(drive, duration, _STROKE_M, _ASTRAY_M)
        facing = float(drive.choice((-1.0, 1.0)))
        starts = drive.uniform(0, 2 * np.pi, 2)
        stuck = fault.id if fault else ""
        front = _axle(unit, unit.nose_share, fault if stuck[:5] in ("all_w", "front") else None)
        rear = _axle(unit, 1 - unit.nose_share, fault if stuck[:5] in ("all_w", "rear_") else None)
        path = _drag(times, program, unit.mass_kg, front, rear)
        # A wheel that rolls to the right turns clockwise, whichever way the car faces.
        states = {
            "x": path[:, 0] / _FRAME_M,
            "facing": np.full_like(times, facing),
            "front_rad": starts[0] - path[:, 2],
            "rear_rad": starts[1] - path[:, 4],
        }
        parameters = {
            "period_s": program.period,
            "wheel_radius_m": front.radius_m,
            "front_axle_friction_n_m": front.brake_n_m,
            "rear_axle_friction_n_m": rear.brake_n_m,
            "front_axle_drag_n_m_s": front.drag_n_m_s,
            "rear_axle_drag_n_m_s": rear.drag_n_m_s,
            "front_ground_torque_n_m": front.grip_n_m,
            "rear_ground_torque_n_m": rear.grip_n_m,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """Table, body and gripper, and the four wheels, of which two are seen."""
        paint_car(canvas, unit, states)


def _axle(unit: Unit, share: float, fault: Fault | None) -> Wheel:
    """One axle with both its wheels, under its ``share`` of the car's weight."""
    radius = unit.wheel * _FRAME_M
    grip = unit.ground_friction * unit.mass_kg * _GRAVITY_M_S2 * share
    brake, drag = _FREE_AXLE, 0.0
    if fault:
        brake, drag = bad_bearing(fault)
    return Wheel(
        radius_m=radius,
        inertia_kg_m2=0.012 * radius**2,
        grip_n=grip,
        brake_n_m=brake * grip * radius,
        drag_n_m_s=drag * grip * radius / (_PACE_M_S / radius),
    )


def _drag(
    times: NDArray[np.float64], program: Program, mass_kg: float, front: Wheel, rear: Wheel
) -> NDArray[np.float64]:
    """Place (m) and speed of the car, then angle (rad) and rate of each axle, at each time."""
    mass = mass_kg + _ARM_KG

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        x, speed, ahead, ahead_rate, behind, behind_rate = state
        ahead_rate, ahead_held = front.turned(ahead_rate, speed, dt)
        behind_rate, behind_held = rear.turned(behind_rate, speed, dt)
        force = _SERVO.force(program.at(t), x, speed)
        force -= ahead_held * (speed - ahead_rate * front.radius_m)
        force -= behind_held * (speed - behind_rate * rear.radius_m)
        speed += force / mass * dt
        return (
            x + speed * dt,
            speed,
            ahead + ahead_rate * dt,
            ahead_rate,
            behind + behind_rate * dt,
            behind_rate,
        )

    start: tuple[float, ...] = (program.at(-0.3), 0.0, 0.0, 0.0, 0.0, 0.0)
    return np.array(march(advance, start, times, warm_up=0.3))


TWIN = Car()
