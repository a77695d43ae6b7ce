"""The toothpaste tube: its paste gives way inside and stays there, unless a seam has burst."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.looks.toothpaste import FRAME_M
from physprior.simulate.mechanics import Program
from physprior.simulate.twins import toothpaste
from physprior.simulate.twins.toothpaste import DEPTH_M

COUNT = 12


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def at_severity(severity: float, count: int = 8) -> list[Take]:
    wanted = (severity, severity)
    return [prepare(replace(shot("toothpaste", "leak", k), severity=wanted)) for k in range(count)]


def inside(take: Take) -> NDArray[np.float64]:
    """What the tube holds more than when it was filled (m3), from its outline in every frame."""
    x = np.linspace(take.unit.weld, take.unit.shoulder, 1500)
    rear, front, dent = (np.trapezoid(share, x) for share in take.unit.shares(x))
    out = rear * state(take, "rear") + front * state(take, "front") - dent * state(take, "dent")
    return np.asarray(2 * out * FRAME_M**2 * DEPTH_M)


def heaped(take: Take) -> NDArray[np.float64]:
    """The volume of the half ball of paste outside (m3)."""
    return np.asarray(2 / 3 * np.pi * (state(take, "heap") * FRAME_M) ** 3)


def displaced(take: Take) -> float:
    """The most that the dent has pushed aside (m3)."""
    x = np.linspace(take.unit.weld, take.unit.shoulder, 1500)
    dent = np.trapezoid(take.unit.shares(x)[2], x) * state(take, "dent").max()
    return float(2 * dent * FRAME_M**2 * DEPTH_M)


def test_a_sound_tube_keeps_its_volume_while_it_is_squeezed() -> None:
    for take in takes("toothpaste", "normal", COUNT):
        assert np.abs(inside(take)).max() < 0.01 * displaced(take)
        assert state(take, "heap").max() == 0


def test_what_leaves_the_tube_lies_beside_it() -> None:
    for take in takes("toothpaste", "leak", COUNT):
        assert np.abs(inside(take) + heaped(take)).max() < 0.02 * displaced(take)


def test_the_wall_sinks_under_the_fingers_and_swells_on_both_sides() -> None:
    for take in takes("toothpaste", "normal", COUNT):
        pressed = int(np.argmax(state(take, "dent")))
        assert state(take, "dent")[pressed] > 0.035
        assert state(take, "rear")[pressed] > 0.012
        assert state(take, "front")[pressed] > 0.012


def test_a_sound_tube_comes_back_when_the_fingers_open() -> None:
    for take in takes("toothpaste", "normal", COUNT):
        wall = float(take.unit.half(take.unit.grip))
        away = state(take, "pad") > wall + 0.02
        assert away.any()
        assert state(take, "dent")[away].max() < 0.35 * state(take, "dent").max()
        assert state(take, "dent")[away].min() < 0.006


def test_the_fingers_are_never_inside_the_wall() -> None:
    for class_id in ("normal", "leak"):
        for take in takes("toothpaste", class_id, COUNT):
            wall = float(take.unit.half(take.unit.grip)) - state(take, "dent")
            assert (state(take, "pad") >= wall - 1e-9).all()


def test_paste_at_rest_stretches_the_wall_as_far_on_either_side_of_the_fingers() -> None:
    # At rest the pressure is the same on both sides, and both are made of one wall.
    for take in takes("toothpaste", "normal", 3):
        deep = 0.4 * float(take.unit.half(take.unit.grip)) * FRAME_M
        held = Program([0.0, 9.0], [deep, deep])
        path = toothpaste._press(take.unit, np.arange(90) / 30, held, 17.0, (0.0, 0.0, False))
        rear, front = path[-1, 3:5]
        assert rear > 1e-3
        assert front == pytest.approx(rear, rel=0.01)


@pytest.mark.parametrize("class_id", ["normal", "leak"])
def test_pressure_and_loss_are_those_of_the_clip_however_many_frames_it_has(class_id: str) -> None:
    for k in range(3):
        one, more = (
            prepare(replace(shot("toothpaste", class_id, k), frames=frames, fps=fps))
            for frames, fps in ((60, 30), (120, 60))
        )
        assert one.motion.parameters == pytest.approx(more.motion.parameters, rel=1e-9)


def test_the_pressure_never_holds_more_than_the_fingers_push() -> None:
    for take in takes("toothpaste", "normal", COUNT):
        # The force of a pad over its area is the greatest pressure that it can hold.
        limit = take.motion.parameters["press_limit_n"] / 7.0e-4
        assert 3e3 < 1e3 * take.motion.parameters["pressure_max_kpa"] < limit


def test_a_tube_is_sound_before_its_seam_bursts_and_paste_never_goes_back() -> None:
    for take in takes("toothpaste", "leak", COUNT):
        start = int(take.fault.onset_s * 30)
        assert state(take, "heap")[: start + 1].max() == 0
        assert np.diff(state(take, "heap")).min() >= 0
        assert np.diff(state(take, "heap_y")).min() >= 0
        assert state(take, "heap")[-1] > 0.04


def test_paste_comes_only_while_there_is_pressure() -> None:
    for take in takes("toothpaste", "leak", COUNT):
        rate = np.diff(heaped(take))
        rear = take.motion.parameters["split_near_weld_1"] == 1
        bulge = state(take, "rear" if rear else "front")
        slack = np.maximum(bulge[:-1], bulge[1:]) < 0
        assert rate[slack].max(initial=0.0) < 1e-9


def test_a_tube_that_has_lost_paste_stays_slack_when_it_is_let_go() -> None:
    for take in at_severity(1.0):
        free = state(take, "pad") > float(take.unit.half(take.unit.grip)) + 0.01
        late = free & (heaped(take) > 0.8 * heaped(take)[-1])
        if late.any():
            assert state(take, "dent")[late].min() > 0.008


def test_severity_grades_how_much_comes_out() -> None:
    slight, clear, gross = (
        np.mean([t.motion.parameters["lost_ml"] for t in at_severity(s)]) for s in (0.0, 0.5, 1.0)
    )
    assert 0.02 < slight < 0.5
    assert 10 * slight < clear < 0.75 * gross


def test_there_are_three_kinds_of_tube() -> None:
    assert {take.unit.kind for take in takes("toothpaste", "normal", 24)} == {0, 1, 2}


@pytest.mark.parametrize("class_id", ["normal", "leak"])
@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
def test_any_clip_length_works(class_id: str, frames: int, fps: int) -> None:
    take = prepare(replace(shot("toothpaste", class_id, 5), frames=frames, fps=fps))
    for name, values in take.motion.states.items():
        assert len(values) == frames, name
        assert np.isfinite(values).all(), name
        assert np.abs(values).max() < 7, name
