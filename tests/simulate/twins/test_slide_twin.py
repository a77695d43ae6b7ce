"""The drawer slide: its rail, its balls and what jams it; each test is one sentence of physics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, paint, prepare
from physprior.simulate.twin import Fault, Motion
from physprior.simulate.twins.slide import TWIN

FPS = 30
TIMES = np.arange(60) / FPS


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def onset_frame(take: Take) -> int:
    assert take.fault is not None
    return int(np.ceil(take.fault.onset_s * FPS))


def moved(class_id: str, severity: float, seed: int = 0, onset: float = 0.5) -> Motion:
    """The same slide at the same station's program, with one fault or another."""
    unit = TWIN.build(np.random.default_rng(5))
    fault = None if class_id == "normal" else Fault(class_id, onset, severity)
    drive, chance = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    return TWIN.move(unit, TIMES, fault, drive, chance)


def test_a_sound_slide_runs_all_the_way_out_and_back() -> None:
    for take in takes("slide", "normal", 24):
        travel = state(take, "travel")
        assert travel.max() > 0.9 * take.unit.stroke
        assert travel.min() < 0.06 * take.unit.stroke


def test_the_balls_roll_half_as_far_as_the_member_slides() -> None:
    for take in takes("slide", "normal", 5):
        rolled = np.diff(state(take, "ball_x"), axis=0)
        slid = np.diff(state(take, "travel"))
        np.testing.assert_allclose(rolled, slid[:, None] / 2 * np.ones((1, 10)), atol=1e-12)


def test_a_jammed_slide_stands_from_the_onset_on() -> None:
    stood = []
    for take in takes("slide", "jam", 24):
        travel, start = state(take, "travel"), onset_frame(take)
        assert np.ptp(travel[: start + 1]) > 0.02
        assert np.ptp(travel[start + 2 :]) < 0.01
        stood.append(travel[-1] / take.unit.stroke)
    assert min(stood) < 0.25
    assert max(stood) > 0.75


def test_a_jammed_slide_stands_longer_than_a_sound_one_ever_rests() -> None:
    for take in takes("slide", "normal", 24):
        moved = np.abs(np.diff(state(take, "travel")[SAMPLED]))
        assert (moved > 0.01).sum() >= 5
    for take in takes("slide", "jam", 24):
        moved = np.abs(np.diff(state(take, "travel")[SAMPLED]))
        assert (moved[-3:] < 0.01).all()


def test_a_derailed_member_hangs_at_its_free_end_from_the_onset_on() -> None:
    for take in takes("slide", "derailment", 24):
        tilt, start = state(take, "tilt_rad"), onset_frame(take)
        assert tilt[: start - 1].max() == 0
        assert tilt[-1] > np.deg2rad(9.5)
        assert (state(take, "sink")[-1]) > 0.03


def test_a_member_tips_at_first_like_a_rod_about_its_end_which_rubbing_holds_back_by_half() -> None:
    tilt = moved("derailment", 1.0).states["tilt_rad"][15:19]
    length_m = TWIN.build(np.random.default_rng(5)).rail * 0.45
    since = np.arange(4) / FPS
    # What its own turning rubs besides: a third of what six per second would take.
    free = 3 / 8 * 9.81 / length_m * since**2 * (1 - 6 * since / 3)
    np.testing.assert_allclose(tilt[1:], free[1:], rtol=0.12)


def test_balls_that_drop_leave_one_after_another_and_lie_on_the_tray() -> None:
    for take in takes("slide", "ball_drop", 24):
        seated, start = state(take, "seated"), onset_frame(take)
        assert seated[: start - 1].all()
        fallen = np.flatnonzero(seated[-1] == 0)
        assert 4 <= len(fallen) <= 8
        left = np.argmax(seated[:, fallen] == 0, axis=0)
        assert len(set(left.tolist())) > len(fallen) / 2
        assert (state(take, "ball_y")[-1, fallen] < -0.2).all()


def test_a_ball_falls_as_fast_as_gravity_makes_it() -> None:
    for take in takes("slide", "ball_drop", 5):
        seated, height = state(take, "seated"), state(take, "ball_y")
        ball = int(np.flatnonzero(seated[-1] == 0)[0])
        leave = int(np.argmax(seated[:, ball] == 0))
        gained_m = np.diff(height[leave : leave + 4, ball], 2) * 0.45
        np.testing.assert_allclose(gained_m, -9.81 / FPS**2, rtol=0.01)


def test_a_ball_begins_to_fall_when_its_pocket_breaks_and_not_at_a_frame() -> None:
    for onset in (0.5, 0.508, 0.52):
        after = moved("ball_drop", 0.0, onset=onset).states["ball_y"]
        fell_m = (after[0] - after[17]).max() * 0.45
        assert fell_m == pytest.approx(9.81 / 2 * (17 / FPS - onset) ** 2, rel=0.1)


def test_a_fallen_ball_gains_no_speed_along_the_tray_and_rolls_on() -> None:
    rolled = []
    for take in takes("slide", "ball_drop", 12):
        for ball in np.flatnonzero(state(take, "seated")[-1] == 0):
            path, height = state(take, "ball_x")[:, ball], state(take, "ball_y")[:, ball]
            gone = int(np.argmax(state(take, "seated")[:, ball] == 0))
            speed = np.abs(np.diff(path[gone:])) * FPS
            assert (np.diff(speed) <= 1e-9).all()
            lies = gone + int(np.argmax(height[gone:] - height[gone:].min() < 1e-9))
            rolls = (height[lies:] - height[lies:].min() < 1e-9)[1:]
            later = np.diff(np.abs(np.diff(path[lies:])))[rolls[1:] & rolls[:-1]] * FPS**2
            # It loses what rolling friction takes, about a hundredth of its weight, and no more.
            assert (later > -0.06 * 9.81 / 0.45).all()
            rolled.append(np.ptp(path[lies:]))
    assert np.mean(np.array(rolled) > 0.02) > 0.5


@pytest.mark.parametrize("class_id", ["normal", "jam"])
def test_nothing_falls_and_nothing_hangs_otherwise(class_id: str) -> None:
    for take in takes("slide", class_id, 10):
        assert state(take, "seated").all()
        assert state(take, "tilt_rad").max() == state(take, "sink").max() == 0


def test_a_slight_jam_drags_and_a_worse_one_drags_more() -> None:
    for seed in range(4):
        sound = moved("normal", 0, seed).states["travel"]
        lags = [
            np.abs(moved("jam", severity, seed).states["travel"] - sound).max()
            for severity in (0.0, 0.25, 0.45, 0.5)
        ]
        assert 0.005 < lags[0] < 0.04
        assert lags[0] < 0.6 * lags[1]
        assert lags[1] < lags[2] <= lags[3] + 0.02


def test_a_dragging_member_moves_at_the_speed_that_the_force_left_over_allows() -> None:
    dragged = moved("jam", 0.25)
    left_n = 80.0 - 2.0 - 30.0
    allowed = left_n / dragged.parameters["raceway_drag_n_s_m"]
    after = np.abs(np.diff(dragged.states["travel"]))[17:] * FPS * 0.45
    assert after.max() == pytest.approx(allowed, rel=0.03)
    assert after.max() < 0.6 * dragged.parameters["speed_m_s"]


def test_no_fault_changes_anything_before_its_onset() -> None:
    sound = moved("normal", 0).states
    for class_id in TWIN.defects:
        faulty = moved(class_id, 0.8).states
        for name, values in sound.items():
            np.testing.assert_array_equal(values[:15], faulty[name][:15])


@pytest.mark.parametrize(("severity", "degrees", "balls"), [(0, 1.5, 1), (0.5, 10, 4), (1, 16, 8)])
def test_severity_grades_the_tilt_and_the_balls(
    severity: float, degrees: float, balls: int
) -> None:
    tilt = moved("derailment", severity).states["tilt_rad"]
    assert np.rad2deg(tilt.max()) == pytest.approx(degrees, rel=0.01)
    assert (moved("ball_drop", severity).states["seated"][-1] == 0).sum() == balls


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
@pytest.mark.parametrize("class_id", ["normal", *TWIN.defects])
def test_any_length_of_clip_can_be_filmed(frames: int, fps: int, class_id: str) -> None:
    one = replace(shot("slide", class_id, 3), frames=frames, fps=fps, size=32)
    take = prepare(one)
    assert len(list(paint(one, take))) == frames
    # Two frames leave no time to follow the arm: what is asked for then is only that it ends.
    slack = 0.01 if frames > 2 else 0.3
    assert state(take, "travel").min() > -slack
    assert state(take, "travel").max() < take.unit.stroke + slack
