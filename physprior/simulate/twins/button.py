"""The illuminated push button: a gripper presses its cap, the lamp lights, a spring lifts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.looks.button import Look, draw_look, paint_button, paint_cap, paint_tip
from physprior.simulate.mechanics import Program, Table, limited, rubbed
from physprior.simulate.twin import Defect, Fault, Motion, States, duration_of, march

_FRAME_M = 0.06
"""The width of the frame."""
_STEP_S = 1 / 720
_CAP_KG = 0.03
_PRELOAD_M = 0.002
_GUIDE_N = 0.15
_GUIDE_N_S_M = 1.5
_GRIPPER_KG = 0.2
_GRIPPER_LIMIT_N = 12.0
_GRIPPER_N_M = 2.0e4
_GRIPPER_N_S_M = 90.0
_TOUCH_N_M = 1.0e4
_BOUNCE = 0.2
_CONTACT_AT = 0.6
"""The share of the stroke after which the cap closes the lamp's contact."""
_GLOW_S = 0.02
"""How fast the lamp comes and goes."""


@dataclass(frozen=True)
class Unit:
    """One button; its look is in frame widths."""

    look: Look
    spring_n_m: float

    @property
    def stroke_m(self) -> float:
        """How far the cap can sink."""
        return self.look.stroke * _FRAME_M


@dataclass(frozen=True)
class Works:
    """What lifts the cap, what holds it, and what the lamp does."""

    spring_n_m: float
    friction_n: float = _GUIDE_N
    binding: float = 0.0
    """Friction that comes with the load: the share of the gripper's force that it takes."""
    lamp: float = 1.0
    """How bright the lamp gets."""


@dataclass(frozen=True)
class Station:
    """What happens from outside: the gripper's program, and how late the lamp is."""

    program: Program
    phase_s: float
    delay_s: float
    """How long the contact is closed until the lamp lights."""


class Button:
    """The twin of the category ``button``."""

    category = "button"
    defects: ClassVar[Mapping[str, Defect]] = {
        "no_light": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "The lamp's circuit has too much resistance: severity dims it, and from the "
                "middle on there is no light."
            ),
        ),
        "unable_to_press": Defect(
            onset="persistent",
            evidence="motion",
            cause=(
                "The cap is wedged in its guide: the friction grows with the gripper's force, "
                "takes a growing share of it with severity, and from the middle on all of it."
            ),
        ),
        "unable_to_rebound_light": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "The return spring has lost most of its stiffness, so that the guide's friction "
                "holds the cap down, deeper with severity; the lamp's contact stays closed."
            ),
        ),
        "unable_to_rebound_no_light": Defect(
            onset="persistent",
            evidence="frame",
            cause=(
                "The return spring is as weak as in a cap that does not rebound, and the lamp's "
                "circuit as resistant as in a button without light; severity grades both."
            ),
        ),
    }
    wander = 0.03
    physics = (
        "A gripper with limited force follows a program and pushes a cap through a stiff contact "
        "against a preloaded spring and the dry friction of its guide. Deep in its stroke the cap "
        "closes a contact, and as long as it is closed the lamp is lit, a moment late."
    )
    leaves_out = (
        "The cap does not tilt in its guide, and the housing does not give way. A press is short, "
        "so that in about a quarter of the videos none of eight evenly spaced frames plainly "
        "shows it."
    )

    def build(self, rng: np.random.Generator) -> Unit:
        """A button with its cap, its collar and its colours."""
        return Unit(look=draw_look(rng), spring_n_m=float(rng.uniform(450.0, 750.0)))

    def move(
        self,
        unit: Unit,
        times: NDArray[np.float64],
        fault: Fault | None,
        drive: np.random.Generator,
        chance: np.random.Generator,
    ) -> Motion:
        """Approach, touch, press, let go, retreat, over and over in a little more than a clip."""
        station = _station(unit, drive, duration_of(times))
        works = _works(unit, fault, float(chance.uniform(0.95, 1.0)))
        path = _press(unit, times, station, works)
        depth = path[:, 0]
        parameters = {
            "spring_n_m": works.spring_n_m,
            "guide_friction_n": works.friction_n,
            "binding_share_1": works.binding,
            "gripper_limit_n": _GRIPPER_LIMIT_N,
            "lamp_share_1": works.lamp,
            "lamp_delay_s": station.delay_s,
            "period_s": station.program.period,
        }
        states = {
            "depth": depth / _FRAME_M,
            # The tip's rubber gives by a third of a millimetre; it is drawn where the cap is.
            "tip": np.minimum(path[:, 2], depth) / _FRAME_M,
            "lamp": path[:, 5] * works.lamp,
        }
        return Motion(states=states, parameters=parameters)

    def paint(self, canvas: Canvas, unit: Unit, states: States) -> None:
        """The panel with its collar, the cap with its light, and the gripper."""
        paint_button(canvas, unit.look)
        paint_cap(canvas, unit.look, states["depth"], states["lamp"])
        paint_tip(canvas, unit.look, states["tip"])


def _station(unit: Unit, drive: np.random.Generator, duration: float) -> Station:
    """The gripper's program: how far down (m) its tip is to be, from the cap's upper face.

    A press takes an eighth of a clip, and a cycle is longer than a clip: nine in ten frames of a
    sound button show a cap that is up and dark, touched or not, as all frames of a wedged one do.
    """
    away = -float(drive.uniform(0.10, 0.15)) * _FRAME_M
    down = unit.stroke_m + 1.0e-3
    press = duration * np.array([0.012, float(drive.uniform(0.098, 0.104)), 0.012])
    period = duration * float(drive.uniform(1.10, 1.18))
    rest = np.array([0.19, 0.13, 0.17, 0.17, 0.13]) * drive.uniform(0.85, 1.15, 5)
    rest *= (period - press.sum()) / rest.sum()
    moments = np.cumsum([0.0, *rest[:3], *press, *rest[3:]])
    values = [away, away, 0.0, 0.0, down, down, 0.0, 0.0, away]
    phase = float(drive.uniform(0, period))
    return Station(
        Program(moments.tolist(), values, phase),
        phase,
        delay_s=duration * float(drive.uniform(0.004, 0.012)),
    )


def _works(unit: Unit, fault: Fault | None, share: float) -> Works:
    """The works of this video; ``share`` is how much of its rest a tired spring still keeps."""
    spring = unit.spring_n_m
    if fault is None:
        return Works(spring)
    if fault.id == "unable_to_press":
        if fault.severity >= 0.5:
            return Works(spring, _GRIPPER_LIMIT_N * fault.graded(0.0, 1.3, 3.0), 1.0)
        # What the wedge leaves of the gripper's greatest force moves the cap so far, no further.
        reach = unit.stroke_m * fault.graded(0.80, 0.05, 0.0)
        return Works(spring, binding=1 - spring * (reach + _PRELOAD_M) / _GRIPPER_LIMIT_N)
    lamp = 1.0 if fault.id.endswith("rebound_light") else fault.graded(0.55, 0.01, 0.0)
    if fault.id == "no_light":
        return Works(spring, lamp=lamp)
    # Rising, the cap stops where what is left of the spring's force equals the friction.
    rest = unit.stroke_m * fault.graded(0.25, 0.85, 1.0) * share
    return Works(_GUIDE_N / (rest + _PRELOAD_M), lamp=lamp)


def _press(
    unit: Unit, times: NDArray[np.float64], station: Station, works: Works
) -> NDArray[np.float64]:
    """Depth of the cap (m), its speed, the tip's depth and speed; closed for (s), lamp.

    Each film begins somewhere in the station's cycle: what has happened since its start is worked
    out as well.
    """
    ahead = round(station.phase_s / _STEP_S)
    ticks = np.arange(-ahead, int(times[-1] / _STEP_S) + 4, dtype=np.float64) * _STEP_S
    before = ahead * _STEP_S
    wish = Table(station.program.over(ticks).tolist(), _STEP_S, first=ahead)
    closes, stroke = _CONTACT_AT * unit.stroke_m, unit.stroke_m

    def advance(state: tuple[float, ...], t: float, dt: float) -> tuple[float, ...]:
        depth, sinking, tip, speed, closed, lamp = state
        push = _TOUCH_N_M * max(0.0, tip - depth)
        force = _GRIPPER_N_M * (wish.at(t) - tip)
        force = limited(force, _GRIPPER_LIMIT_N) - push - _GRIPPER_N_S_M * speed
        speed += force / _GRIPPER_KG * dt
        lift = works.spring_n_m * (depth + _PRELOAD_M) + _GUIDE_N_S_M * sinking
        sinking += (push - lift) / _CAP_KG * dt
        sinking = rubbed(sinking, (works.friction_n + works.binding * push) / _CAP_KG * dt)
        depth += sinking * dt
        if depth < 0 or depth > stroke:
            depth, sinking = min(max(depth, 0.0), stroke), -_BOUNCE * sinking
        closed = closed + dt if depth > closes else 0.0
        lamp += ((closed >= station.delay_s) - lamp) * min(1.0, dt / _GLOW_S)
        return depth, sinking, tip + speed * dt, speed, closed, lamp

    start: tuple[float, ...] = (0.0, 0.0, wish.at(-before), 0.0, 0.0, 0.0)
    return np.array(march(advance, start, times, step=_STEP_S, warm_up=before))


TWIN = Button()
