"""The fan: a rotor with inertia under a motor with a limit, on a mount that may be loose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.twins import fan as twin

FPS = 30


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def rates(take: Take) -> NDArray[np.float64]:
    """How fast a fan turns from frame to frame, in its own sense, in rad/s."""
    return np.diff(state(take, "angle_rad")) * take.unit.direction * FPS


def pace(take: Take) -> NDArray[np.float64]:
    """How fast it turns, over the rate that its motor is set to."""
    return rates(take) / abs(take.motion.parameters["rate_rad_s"])


def onset_frame(take: Take) -> int:
    assert take.fault is not None
    return int(np.ceil(take.fault.onset_s * FPS))


def faulty(class_id: str, severity: float, index: int) -> Take:
    return prepare(replace(shot("fan", class_id, index), severity=(severity, severity)))


def swing(take: Take) -> float:
    return float(max(np.ptp(state(take, "x")), np.ptp(state(take, "y"))) / 2)


def test_a_sound_fan_turns_steadily_at_its_rate() -> None:
    for take in takes("fan", "normal", 20):
        np.testing.assert_allclose(pace(take), 1, rtol=0.02)


def test_the_eye_can_follow_a_blade_through_eight_frames() -> None:
    for take in takes("fan", "normal", 20):
        turned = np.abs(np.diff(state(take, "angle_rad")[SAMPLED]))
        assert turned.max() < np.pi / take.unit.blades
        assert turned.min() > np.deg2rad(20)


def test_fans_turn_either_way_and_have_three_or_four_blades() -> None:
    units = [take.unit for take in takes("fan", "normal", 24)]
    assert {unit.direction for unit in units} == {-1, 1}
    assert {unit.blades for unit in units} == {3, 4}


def test_a_stuck_rotor_turns_until_the_onset_and_then_stands() -> None:
    for take in takes("fan", "stuck", 20):
        start = onset_frame(take)
        np.testing.assert_allclose(pace(take)[: start - 1], 1, rtol=0.02)
        assert np.ptp(state(take, "angle_rad")[start + 12 :]) < np.deg2rad(2)


def test_a_stuck_rotor_springs_back_before_it_stands() -> None:
    # It has inertia: the blade that is caught bends and throws the rotor back a little.
    assert all(rates(take).min() < -0.1 for take in takes("fan", "stuck", 20))


def test_an_obstacle_stops_the_rotor_the_sooner_the_harder_it_grips() -> None:
    for index in range(6):
        ways = []
        for severity in (0.0, 0.25, 0.5, 1.0):
            take = faulty("stuck", severity, index)
            turned = state(take, "angle_rad")
            ways.append(abs(turned[-1] - turned[onset_frame(take)]))
        assert ways[0] > 1.5 * ways[1] > 6 * max(ways[2], ways[3])
        light, drags = faulty("stuck", 0.0, index), faulty("stuck", 0.25, index)
        sound = abs(light.motion.parameters["rate_rad_s"]) * (59 - onset_frame(light)) / FPS
        assert 0.85 < ways[0] / sound < 0.95
        # A rub brakes it once; the motor then brings it back to nearly its old pace.
        assert 0.7 < pace(light).min() < 0.95 < pace(light)[-1]
        assert pace(drags)[-8:].min() > 0.2


def test_an_uneven_rotor_nearly_stalls_and_then_lurches_ahead() -> None:
    for take in takes("fan", "uneven", 20):
        assert pace(take).min() > 0
        assert pace(take).max() > 4 * pace(take).min()
        assert pace(take).max() > 1.2
        assert pace(take).min() < 0.4


def test_an_uneven_rotor_shows_in_the_eight_frames() -> None:
    for take in takes("fan", "uneven", 20):
        turned = np.abs(np.diff(state(take, "angle_rad")[SAMPLED]))
        assert turned.max() > 2.5 * turned.min()


def test_a_tight_spot_slows_the_rotor_the_more_the_tighter_it_is() -> None:
    for index in range(6):
        slowest = [pace(faulty("uneven", s, index)).min() for s in (0.0, 0.25, 0.5, 1.0)]
        assert 0.6 < slowest[0] < 0.9
        assert slowest == sorted(slowest, reverse=True)


def test_a_loose_fan_shakes_as_a_whole_by_a_visible_amount() -> None:
    for take in takes("fan", "vibration", 20):
        assert 0.035 < swing(take) < 0.095
        moved = np.hypot(*(np.diff(state(take, name)[SAMPLED]) for name in "xy"))
        assert moved.max() > 0.04


def test_a_loose_fan_swings_at_the_rate_of_its_geared_motor() -> None:
    for index in range(4):
        take = prepare(replace(shot("fan", "vibration", index), frames=240, fps=60))
        place = state(take, "x") - state(take, "x").mean()
        peak = int(np.abs(np.fft.rfft(place)).argmax())
        # Four seconds resolve a quarter of a hertz.
        expected = abs(take.motion.parameters["imbalance_rate_rad_s"]) / (2 * np.pi) * 4
        assert peak == pytest.approx(expected, abs=1)


def test_a_loose_mount_swings_as_far_as_its_imbalance_makes_it() -> None:
    for index in range(6):
        swings = [swing(faulty("vibration", s, index)) for s in (0.0, 0.5, 1.0)]
        assert 0.005 < swings[0] < 0.0115
        np.testing.assert_allclose(swings[1:], np.array([5, 8.8]) * swings[0], rtol=1e-6)


def test_a_mount_that_is_stiffer_one_way_swings_less_that_way() -> None:
    take = prepare(shot("fan", "vibration", 0))
    omega, soft = abs(take.motion.parameters["imbalance_rate_rad_s"]), take.unit.mount_rad_s
    swing = twin._shake(take.unit, omega / take.unit.gear_ratio, np.arange(480) / 240, 0.0, 0.0)
    # What a driven oscillator of this stiffness and damping does once it has settled.
    expected = [
        1 / np.hypot(stiff**2 - omega**2, 2 * 0.12 * soft * omega) for stiff in (soft, 1.35 * soft)
    ]
    found = np.abs(swing[240:]).max(axis=0)
    assert found[1] / found[0] == pytest.approx(expected[1] / expected[0], rel=0.05)
    assert found[0] > 1.5 * found[1]


@pytest.mark.parametrize("class_id", ["normal", "vibration"])
def test_where_a_fan_is_does_not_depend_on_how_often_it_is_filmed(class_id: str) -> None:
    for index in range(4):
        one = shot("fan", class_id, index)
        often = prepare(replace(one, frames=120, fps=60))
        for name in "xy":
            a, b = state(prepare(one), name), state(often, name)[::2]
            np.testing.assert_allclose(a, b, atol=1e-9)


def test_the_rotor_of_a_loose_fan_turns_as_a_sound_one() -> None:
    for take in takes("fan", "vibration", 10):
        np.testing.assert_allclose(pace(take), 1, rtol=0.02)


def test_sound_fans_stand_where_loose_ones_pass() -> None:
    from scipy.stats import ks_2samp

    sound, loose = (takes("fan", class_id, 150) for class_id in ("normal", "vibration"))
    for frame in (0, 30):
        for name in "xy":
            a, b = ([state(take, name)[frame] for take in many] for many in (sound, loose))
            assert ks_2samp(a, b).pvalue > 0.005


@pytest.mark.parametrize("class_id", ["normal", "stuck", "uneven"])
def test_no_other_fan_moves_on_its_mount(class_id: str) -> None:
    for take in takes("fan", class_id, 5):
        assert np.ptp(state(take, "x")) == np.ptp(state(take, "y")) == 0


@pytest.mark.parametrize(("frames", "fps"), [(2, 30), (60, 60), (240, 60)])
def test_clips_of_other_lengths_turn_at_the_same_rate(frames: int, fps: int) -> None:
    take = prepare(replace(shot("fan", "normal", 1), frames=frames, fps=fps))
    turned = np.ptp(state(take, "angle_rad")) / ((frames - 1) / fps)
    assert turned == pytest.approx(abs(take.motion.parameters["rate_rad_s"]), rel=0.02)
    for class_id in twin.TWIN.defects:
        other = prepare(replace(shot("fan", class_id, 1), frames=frames, fps=fps))
        assert all(np.isfinite(v).all() for v in other.motion.states.values())
