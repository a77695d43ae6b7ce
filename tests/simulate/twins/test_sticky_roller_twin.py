"""The sticky roller: its roll turns as it is pulled, unless the axle holds it or nothing does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.mechanics import Program, limited
from physprior.simulate.rolling import Wheel
from physprior.simulate.twins import sticky_roller

CLASSES = ("normal", "falloff", "stuck")
CATEGORY = "sticky_roller"
FRAME_M = 0.3


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def gap(take: Take) -> NDArray[np.float64]:
    """How far the roll's axle is from the yoke's, in frame widths."""
    return np.abs(state(take, "roll_x") - state(take, "handle_x"))


def unrolled(take: Take) -> NDArray[np.float64]:
    """How far the roll's surface has unrolled since the first frame, in frame widths."""
    angle = state(take, "roll_rad")
    return np.asarray((angle[0] - angle) * take.unit.roll)


def travelled(take: Take) -> NDArray[np.float64]:
    return np.asarray(state(take, "roll_x") - state(take, "roll_x")[0])


def onset_frame(take: Take) -> int:
    assert take.fault is not None
    return int(np.ceil(take.fault.onset_s * 30))


def at_severity(class_id: str, severity: float, count: int = 6) -> list[Take]:
    shots = [shot(CATEGORY, class_id, index) for index in range(count)]
    return [prepare(replace(one, severity=(severity, severity))) for one in shots]


def test_a_sound_roll_covers_one_circumference_of_way_in_each_turn() -> None:
    for take in takes(CATEGORY, "normal", 12):
        np.testing.assert_allclose(unrolled(take), travelled(take), atol=3e-3)
        assert gap(take).max() == 0


def test_a_stuck_roll_slides_with_the_same_side_down() -> None:
    for take in takes(CATEGORY, "stuck", 12):
        assert np.ptp(state(take, "roll_rad")) == 0
        assert gap(take).max() == state(take, "sink").max() == 0


def test_every_handle_is_pulled_to_and_fro_alike() -> None:
    for class_id in CLASSES:
        for take in takes(CATEGORY, class_id, 12):
            assert 0.3 < np.ptp(state(take, "handle_x")) < 0.39


def test_a_roll_that_falls_off_is_sound_before_the_onset() -> None:
    for take in takes(CATEGORY, "falloff", 24):
        start = onset_frame(take)
        assert gap(take)[:start].max() == 0
        assert state(take, "sink")[:start].max() == 0
        np.testing.assert_allclose(unrolled(take)[:start], travelled(take)[:start], atol=3e-3)


def test_a_roll_that_falls_off_is_left_behind_while_the_handle_goes_on() -> None:
    far = []
    for take in takes(CATEGORY, "falloff", 24):
        start = onset_frame(take)
        assert gap(take).max() > 0.5 * take.unit.roll
        assert state(take, "sink")[start + 10] > 0.04
        rolled = np.ptp(state(take, "roll_x")[start:])
        assert rolled < 0.9 * np.ptp(state(take, "handle_x")[start:])
        far.append(gap(take)[-1] > 0.05)
    assert np.mean(far) > 0.6


def test_a_loose_roll_slows_down_as_its_adhesive_makes_it() -> None:
    for take in takes(CATEGORY, "falloff", 12):
        start, path = onset_frame(take) + 1, state(take, "roll_x")
        speed = np.diff(path[start : start + 4]) * FRAME_M * 30
        if abs(speed[0]) < 0.06:
            continue
        # The torque brakes mass and turning alike: 0.7 of the mass goes to the rim.
        slowing = take.unit.peel * 9.81 / 1.7
        assert abs(speed[0]) - abs(speed[-1]) == pytest.approx(slowing * 2 / 30, abs=0.012)


def test_a_loose_roll_gains_no_speed_unless_the_yoke_pushes_it() -> None:
    for take in takes(CATEGORY, "falloff", 24):
        start = onset_frame(take) + 1
        pace = np.abs(np.diff(state(take, "roll_x")[start:]))
        apart = gap(take)[start:] < take.unit.roll
        inside = apart[1:-1] & apart[2:] & apart[:-2]
        assert (np.diff(pace)[inside] < 1e-3).all()


STEP_S = 1 / 480


def loosened(play_m: float, sink_m: float) -> NDArray[np.float64]:
    """A roll on ice that comes loose at half a second of a stroke, in steps of integration."""
    unit = takes(CATEGORY, "normal", 1)[0].unit
    held, free = sticky_roller._rolls(unit, 0.02, 0.0)
    ice = Wheel(free.radius_m, free.inertia_kg_m2, 0.0, 0.0)
    return sticky_roller._pull(
        np.arange(480) * STEP_S, STROKE, held, ice, 0.13, sticky_roller._Loose(0.5, play_m, sink_m)
    )


STROKE = Program([0.0, 0.6, 1.2], [0.0, 0.09, 0.0])


def test_handle_and_loose_roll_give_each_other_the_momentum_that_the_servo_does_not() -> None:
    path = loosened(0.004, 0.02)
    x, speed, _, pace = path[:, :4].T
    both = sticky_roller._ARM_KG * speed + 0.13 * pace
    servo = [
        limited(1.0e4 * (STROKE.at(k * STEP_S) - x[k]) - 170.0 * speed[k], 40.0) * STEP_S
        for k in range(len(x) - 1)
    ]
    after = np.arange(len(x) - 1) > 245
    assert np.ptp(np.diff(pace)[after]) > 0.01
    np.testing.assert_allclose(np.diff(both)[after], np.array(servo)[after], atol=1e-9)


def test_a_wrist_without_its_roll_sinks_as_fast_as_its_press_outweighs_its_drag() -> None:
    # Press over drag is the terminal speed; 63 % of it is reached after mass over drag.
    path = loosened(1.0, 1.0)
    since = np.arange(480) * STEP_S - 0.5
    terminal = 6.0 / 25.0
    fall = np.interp(0.3 / 25.0, since, path[:, 7])
    assert fall == pytest.approx((1 - np.exp(-1)) * terminal, rel=0.07)
    assert path[260:300, 7].max() == pytest.approx(terminal, rel=0.02)


def test_the_arms_do_not_go_through_a_roll_that_is_out() -> None:
    for take in takes(CATEGORY, "falloff", 24):
        outside = np.flatnonzero(gap(take) > take.unit.roll + 0.02)
        if len(outside):
            assert gap(take)[outside[0] :].min() > take.unit.roll - 0.005


def test_worse_clips_leave_more_play_and_worse_axles_turn_less() -> None:
    gaps = [
        float(np.mean([gap(take).max() for take in at_severity("falloff", severity)]))
        for severity in (0.0, 0.2, 0.5)
    ]
    assert 0.01 < gaps[0] < 0.04
    assert gaps[0] + 0.05 < gaps[1] < gaps[2]
    turns = []
    for severity in (0.0, 0.25, 0.4, 0.5, 1.0):
        found = at_severity("stuck", severity)
        turns.append(np.mean([np.ptp(unrolled(t)) / np.ptp(travelled(t)) for t in found]))
    assert 0.75 < turns[0] < 0.97
    assert turns[0] > turns[1] + 0.2 > turns[2] + 0.4
    assert turns[3] == turns[4] == 0


def test_the_eye_can_follow_the_prints_through_eight_frames() -> None:
    for take in takes(CATEGORY, "normal", 24):
        assert np.abs(np.diff(state(take, "roll_rad")[SAMPLED])).max() < np.deg2rad(60)
        assert np.ptp(state(take, "roll_rad")) > np.deg2rad(100)


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
def test_a_clip_of_any_length_is_made(frames: int, fps: int) -> None:
    for class_id in CLASSES:
        take = prepare(replace(shot(CATEGORY, class_id, 3), frames=frames, fps=fps))
        assert all(np.isfinite(values).all() for values in take.motion.states.values())
        assert (np.ptp(state(take, "roll_rad")) == 0) == (class_id == "stuck")
        assert np.abs(state(take, "roll_x")).max() < 0.6
