"""Every class is told from the others by how it moves; each test is one sentence of physics."""

from __future__ import annotations

import numpy as np
import pytest
from films import SAMPLED, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take
from physprior.simulate.twin import march

FPS = 30


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def rates(take: Take) -> NDArray[np.float64]:
    """How fast a fan turns from frame to frame, in its own sense, in rad/s."""
    return np.diff(state(take, "angle_rad")) * take.unit.direction * FPS


def onset_frame(take: Take) -> int:
    assert take.fault is not None
    return int(np.ceil(take.fault.onset_s * FPS))


class TestFan:
    def test_a_sound_fan_turns_steadily_at_its_rate(self) -> None:
        for take in takes("fan", "normal", 20):
            steady = abs(take.motion.parameters["rate_rad_s"])
            np.testing.assert_allclose(rates(take), steady, rtol=0.02)

    def test_the_eye_can_follow_a_blade_through_eight_frames(self) -> None:
        for take in takes("fan", "normal", 20):
            turned = np.abs(np.diff(state(take, "angle_rad")[SAMPLED]))
            assert turned.max() < np.pi / take.unit.blades
            assert turned.min() > np.deg2rad(20)

    def test_fans_turn_either_way_and_have_three_or_four_blades(self) -> None:
        units = [take.unit for take in takes("fan", "normal", 24)]
        assert {unit.direction for unit in units} == {-1, 1}
        assert {unit.blades for unit in units} == {3, 4}

    def test_a_stuck_rotor_turns_until_the_onset_and_then_stands(self) -> None:
        for take in takes("fan", "stuck", 20):
            start = onset_frame(take)
            steady = abs(take.motion.parameters["rate_rad_s"])
            np.testing.assert_allclose(rates(take)[: start - 1], steady, rtol=0.02)
            after = state(take, "angle_rad")[start + 12 :]
            assert np.ptp(after) < np.deg2rad(2)

    def test_a_stuck_rotor_springs_back_before_it_stands(self) -> None:
        # It has inertia: the blade that is caught bends and throws the rotor back a little.
        assert all(rates(take).min() < -0.1 for take in takes("fan", "stuck", 20))

    def test_an_uneven_rotor_nearly_stalls_and_then_lurches_ahead(self) -> None:
        for take in takes("fan", "uneven", 20):
            turning = rates(take)
            steady = abs(take.motion.parameters["rate_rad_s"])
            assert turning.min() > 0
            assert turning.max() > 4 * turning.min()
            assert turning.max() > 1.2 * steady
            assert turning.min() < 0.4 * steady

    def test_an_uneven_rotor_shows_in_the_eight_frames(self) -> None:
        for take in takes("fan", "uneven", 20):
            turned = np.abs(np.diff(state(take, "angle_rad")[SAMPLED]))
            assert turned.max() > 2.5 * turned.min()

    def test_a_loose_fan_shakes_as_a_whole_by_a_visible_amount(self) -> None:
        for take in takes("fan", "vibration", 20):
            swing = max(np.ptp(state(take, "x")), np.ptp(state(take, "y"))) / 2
            assert 0.035 < swing < 0.095
            moved = np.hypot(*(np.diff(state(take, name)[SAMPLED]) for name in "xy"))
            assert moved.max() > 0.04

    def test_the_rotor_of_a_loose_fan_turns_as_a_sound_one(self) -> None:
        for take in takes("fan", "vibration", 10):
            steady = abs(take.motion.parameters["rate_rad_s"])
            np.testing.assert_allclose(rates(take), steady, rtol=0.02)

    @pytest.mark.parametrize("class_id", ["normal", "stuck", "uneven"])
    def test_no_other_fan_moves_on_its_mount(self, class_id: str) -> None:
        for take in takes("fan", class_id, 5):
            assert np.ptp(state(take, "x")) == np.ptp(state(take, "y")) == 0


class TestClip:
    def test_a_sound_clip_opens_under_the_pads_and_shuts_after_them(self) -> None:
        for take in takes("clip", "normal", 24):
            angle = state(take, "angle_rad")
            assert angle.max() > 0.85 * take.unit.open_rad
            assert angle[SAMPLED].max() > 0.5 * take.unit.open_rad
            apart = state(take, "pad") > take.unit.contact(0.0) + 0.03
            assert apart[SAMPLED].any()
            assert angle[apart].max() < np.deg2rad(1)

    def test_pads_never_reach_into_the_handles(self) -> None:
        for class_id in ("normal", "unable_to_press", "unable_to_rebound"):
            for take in takes("clip", class_id, 10):
                handle = [take.unit.contact(angle) for angle in state(take, "angle_rad").tolist()]
                assert (state(take, "pad") >= np.array(handle) - 1e-9).all()

    def test_a_seized_clip_stops_the_pads_where_they_touch(self) -> None:
        for take in takes("clip", "unable_to_press", 24):
            assert np.abs(state(take, "angle_rad")).max() < np.deg2rad(0.1)
            touch = take.unit.contact(0.0)
            assert state(take, "pad").min() == pytest.approx(touch, abs=1e-6)
            assert (state(take, "pad") < touch + 1e-3).mean() > 0.3

    def test_a_tired_clip_stays_open_when_the_pads_have_left(self) -> None:
        for take in takes("clip", "unable_to_rebound", 24):
            angle = state(take, "angle_rad")
            opened = int(np.argmax(angle > 0.7 * take.unit.open_rad))
            assert angle[opened:].min() > 0.65 * take.unit.open_rad
            apart = state(take, "pad")[opened:] > take.unit.contact(0.0) + 0.03
            assert apart.any()


class TestBall:
    @staticmethod
    def squeezed(take: Take) -> NDArray[np.float64]:
        return state(take, "height") / (2 * take.unit.radius)

    def test_a_sound_ball_flattens_somewhat_and_springs_back(self) -> None:
        for take in takes("ball", "normal", 24):
            height = self.squeezed(take)
            assert 0.7 < height.min() < 0.88
            assert height[0] > 0.98
            assert height[-1] > 0.98

    def test_a_ball_with_little_gas_flattens_twice_as_deep_under_the_same_force(self) -> None:
        sound = max(1 - self.squeezed(take).min() for take in takes("ball", "normal", 24))
        for take in takes("ball", "unfull", 24):
            assert 1 - self.squeezed(take).min() > 1.8 * sound
            assert take.motion.parameters["press_n"] < 521

    def test_a_ball_with_little_gas_sags_before_it_is_touched(self) -> None:
        assert all(self.squeezed(take)[0] < 0.85 for take in takes("ball", "unfull", 24))

    def test_a_leaking_ball_is_sound_before_the_onset_and_sinks_while_held(self) -> None:
        for take in takes("ball", "leak", 24):
            height, start = self.squeezed(take), onset_frame(take)
            assert height[: start + 1].min() > 0.7
            assert height.min() < 0.55

    def test_a_leaking_ball_stays_flat_when_it_is_released(self) -> None:
        for take in takes("ball", "leak", 24):
            assert self.squeezed(take)[-1] < 0.65
            assert state(take, "press")[-1] > 2 * take.unit.radius

    def test_the_press_is_never_inside_the_ball(self) -> None:
        for class_id in ("normal", "unfull", "leak"):
            for take in takes("ball", class_id, 10):
                assert (state(take, "press") >= state(take, "height") - 1e-9).all()


class TestSlide:
    def test_a_sound_slide_runs_all_the_way_out_and_back(self) -> None:
        for take in takes("slide", "normal", 24):
            travel = state(take, "travel")
            assert travel.max() > 0.9 * take.unit.stroke
            assert travel.min() < 0.06 * take.unit.stroke

    def test_the_balls_roll_half_as_far_as_the_member_slides(self) -> None:
        for take in takes("slide", "normal", 5):
            rolled = np.diff(state(take, "ball_x"), axis=0)
            slid = np.diff(state(take, "travel"))
            np.testing.assert_allclose(rolled, slid[:, None] / 2 * np.ones((1, 10)), atol=1e-12)

    def test_a_jammed_slide_stands_from_the_onset_on(self) -> None:
        stood = []
        for take in takes("slide", "jam", 24):
            travel, start = state(take, "travel"), onset_frame(take)
            assert np.ptp(travel[: start + 1]) > 0.02
            assert np.ptp(travel[start + 2 :]) < 0.01
            stood.append(travel[-1] / take.unit.stroke)
        assert min(stood) < 0.25
        assert max(stood) > 0.75

    def test_a_jammed_slide_stands_longer_than_a_sound_one_ever_rests(self) -> None:
        for take in takes("slide", "normal", 24):
            moved = np.abs(np.diff(state(take, "travel")[SAMPLED]))
            assert (moved > 0.01).sum() >= 5
        for take in takes("slide", "jam", 24):
            moved = np.abs(np.diff(state(take, "travel")[SAMPLED]))
            assert (moved[-3:] < 0.01).all()

    def test_a_derailed_member_hangs_at_its_free_end_from_the_onset_on(self) -> None:
        for take in takes("slide", "derailment", 24):
            tilt, start = state(take, "tilt_rad"), onset_frame(take)
            assert tilt[: start - 1].max() == 0
            assert tilt[-1] > np.deg2rad(9.5)
            assert (state(take, "sink")[-1]) > 0.03

    def test_balls_that_drop_leave_one_after_another_and_lie_on_the_tray(self) -> None:
        for take in takes("slide", "ball_drop", 24):
            seated, start = state(take, "seated"), onset_frame(take)
            assert seated[: start - 1].all()
            fallen = np.flatnonzero(seated[-1] == 0)
            assert 4 <= len(fallen) <= 8
            left = np.argmax(seated[:, fallen] == 0, axis=0)
            assert len(set(left.tolist())) > len(fallen) / 2
            assert (state(take, "ball_y")[-1, fallen] < -0.2).all()

    def test_a_ball_falls_as_fast_as_gravity_makes_it(self) -> None:
        for take in takes("slide", "ball_drop", 5):
            seated, height = state(take, "seated"), state(take, "ball_y")
            ball = int(np.flatnonzero(seated[-1] == 0)[0])
            leave = int(np.argmax(seated[:, ball] == 0))
            fallen_m = (height[leave, ball] - height[leave : leave + 4, ball]) * 0.45
            expected = 9.81 / 2 * (np.arange(4) / FPS) ** 2
            np.testing.assert_allclose(fallen_m, expected, atol=2e-3)

    @pytest.mark.parametrize("class_id", ["normal", "jam"])
    def test_nothing_falls_and_nothing_hangs_otherwise(self, class_id: str) -> None:
        for take in takes("slide", class_id, 10):
            assert state(take, "seated").all()
            assert state(take, "tilt_rad").max() == state(take, "sink").max() == 0


def test_integration_gives_one_state_per_time_and_follows_the_equation() -> None:
    times = np.arange(31) / 30

    def decay(state: tuple[float, ...], _: float, dt: float) -> tuple[float, ...]:
        return (state[0] * (1 - dt),)

    path = np.array(march(decay, (1.0,), times))[:, 0]
    np.testing.assert_allclose(path, np.exp(-times), atol=2e-3)
