"""The rolling bearing: rings, cage and balls keep the pace that rolling sets them, or do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare

CATEGORY = "rolling_bearing"
FPS = 30


def rates(take: Take, name: str) -> NDArray[np.float64]:
    """How fast a part turns from frame to frame, in the motor's own sense, in rad/s."""
    return np.diff(take.motion.states[name], axis=0) * take.unit.direction * FPS


def stuck(severity: float, index: int) -> Take:
    return prepare(replace(shot(CATEGORY, "ball_stuck", index), severity=(severity, severity)))


def ratio(take: Take) -> float:
    """How fast the cage goes round, over what rolling would give it at the ring's pace."""
    paces = rates(take, "cage_rad").mean() / rates(take, "ring_rad").mean()
    return float(paces / take.unit.share)


def test_a_sound_ring_turns_steadily_at_the_pace_of_its_motor() -> None:
    for take in takes(CATEGORY, "normal", 12):
        steady = abs(take.motion.parameters["rate_rad_s"])
        np.testing.assert_allclose(rates(take, "ring_rad"), steady, rtol=0.02)


def test_rolling_balls_take_the_cage_round_at_the_share_that_geometry_sets() -> None:
    for take in takes(CATEGORY, "normal", 12):
        unit = take.unit
        # Speed of the race over twice the speed of the balls' centres: neither slides.
        expected = rates(take, "ring_rad") * (unit.pitch - unit.ball) / (2 * unit.pitch)
        np.testing.assert_allclose(rates(take, "cage_rad"), expected, rtol=0.01)
        assert 0.3 < take.motion.parameters["cage_share_1"] < 0.4


@pytest.mark.parametrize("class_id", ["normal", "ball_stuck"])
def test_no_ball_slides_on_the_outer_race(class_id: str) -> None:
    for take in takes(CATEGORY, class_id, 6):
        unit = take.unit
        centre = rates(take, "cage_rad")[:, None] * unit.pitch
        np.testing.assert_allclose(centre + rates(take, "ball_rad") * unit.ball, 0, atol=1e-9)


def test_the_eye_can_follow_cage_ring_and_balls_through_eight_frames() -> None:
    for take in takes(CATEGORY, "normal", 24):
        moved = {n: np.abs(np.diff(v[SAMPLED], axis=0)) for n, v in take.motion.states.items()}
        assert moved["cage_rad"].max() < 1.02 * np.pi / take.unit.balls
        assert max(moved["ring_rad"].max(), moved["ball_rad"].max()) < 0.6 * np.pi
        assert moved["cage_rad"].min() > np.deg2rad(10)


def test_stuck_balls_and_their_cage_stand_while_the_ring_goes_on() -> None:
    for take in takes(CATEGORY, "ball_stuck", 24):
        assert np.ptp(take.motion.states["cage_rad"]) < 1e-6
        assert np.ptp(take.motion.states["ball_rad"], axis=0).max() < 1e-5
        turned = np.abs(np.diff(take.motion.states["ring_rad"][SAMPLED]))
        assert turned.sum() > np.deg2rad(120)


def test_a_ring_on_stuck_balls_drags_and_goes_by_jerks() -> None:
    for take in takes(CATEGORY, "ball_stuck", 24):
        steady, turning = abs(take.motion.parameters["rate_rad_s"]), rates(take, "ring_rad")
        assert turning.mean() < 0.9 * steady
        assert turning.min() < 0.1 * steady
        assert turning.max() > 1.5 * steady


def test_the_motor_never_takes_a_ring_backwards() -> None:
    for take in takes(CATEGORY, "ball_stuck", 12):
        assert rates(take, "ring_rad").min() > -0.05


def test_severity_grades_from_a_slight_drag_to_a_ring_that_jerks() -> None:
    for index in range(4):
        light, drags, clear, gross = (stuck(s, index) for s in (0.0, 0.25, 0.5, 1.0))
        set_to = abs(light.motion.parameters["rate_rad_s"])
        # Old grease loads the motor, and the balls still roll.
        assert 0.88 < rates(light, "ring_rad").mean() / set_to < 0.95
        assert ratio(light) == pytest.approx(1, abs=0.01)
        # Then the races slip over balls that go on, but slowly, and at last over balls that stand.
        assert 0.1 < ratio(drags) < 0.6
        assert ratio(clear) == ratio(gross) == pytest.approx(0, abs=1e-6)
        rough = [rates(take, "ring_rad").std() for take in (light, drags, clear, gross)]
        assert 3 * rough[0] < rough[1] < 0.6 * rough[2]
        assert rough[0] < 0.3 * min(rough[2:])


def test_the_pockets_of_a_faulty_bearing_hold_more_than_those_of_a_sound_one() -> None:
    sound, faulty = (takes(CATEGORY, c, 1)[0].motion.parameters for c in ("normal", "ball_stuck"))
    assert sound.keys() == faulty.keys()
    assert faulty["pocket_friction_n_m"] > 50 * sound["pocket_friction_n_m"]


def test_where_ring_cage_and_balls_stand_is_no_sign_of_a_fault() -> None:
    # A mean of N unit vectors at random angles is shorter than 2.5 / sqrt(N) in all but 0.2 %.
    stood = [take.motion.states for take in takes(CATEGORY, "ball_stuck", 120)]
    last = np.array([[s["ring_rad"][-1], s["cage_rad"][-1], s["ball_rad"][-1, 0]] for s in stood])
    angles = [*last.T, last[:, 0] - last[:, 1], last[:, 1] - last[:, 2]]
    assert max(abs(np.exp(1j * angle).mean()) for angle in angles) < 2.5 / np.sqrt(120)


@pytest.mark.parametrize(("frames", "fps"), [(2, 30), (60, 60), (240, 60)])
def test_clips_of_other_lengths_show_the_same(frames: int, fps: int) -> None:
    for class_id in ("normal", "ball_stuck"):
        take = prepare(replace(shot(CATEGORY, class_id, 1), frames=frames, fps=fps))
        states = take.motion.states
        assert {len(v) for v in states.values()} == {frames}
        assert (np.ptp(states["cage_rad"]) > 1e-3) == (class_id == "normal")
