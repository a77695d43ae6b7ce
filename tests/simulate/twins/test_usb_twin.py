"""The USB stick's cover swings with the motor; each test is one sentence of physics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, frame, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.mechanics import Program
from physprior.simulate.twins.usb import _YIELD_RAD, _swing


def cover(take: Take) -> NDArray[np.float64]:
    """The cover's angle to the stick (rad), followed over full turns."""
    states = take.motion.states
    return np.unwrap(states["cover_rad"] - states["stick_rad"])


def stick(take: Take) -> NDArray[np.float64]:
    return take.motion.states["stick_rad"]


def graded(severity: float, count: int = 10) -> list[Take]:
    return [
        prepare(replace(shot("usb", "jam", k), severity=(severity, severity))) for k in range(count)
    ]


def test_a_sound_cover_swings_right_past_the_stick() -> None:
    for take in takes("usb", "normal", 24):
        assert np.ptp(cover(take)) > np.deg2rad(110)
        assert np.ptp(stick(take)) < np.deg2rad(0.5)


def test_a_sound_cover_follows_the_motor_over_its_whole_arc() -> None:
    for take in takes("usb", "normal", 24):
        parameters = take.motion.parameters
        assert np.ptp(cover(take)) < abs(parameters["arc_rad"]) + 0.03
        if parameters["period_s"] <= 2.0:
            assert np.ptp(cover(take)) > abs(parameters["arc_rad"]) - 0.2


def test_the_eye_can_follow_the_cover_through_eight_frames() -> None:
    for take in takes("usb", "normal", 24):
        assert np.abs(np.diff(cover(take)[SAMPLED])).max() < np.deg2rad(170)


def test_a_jammed_cover_keeps_its_angle_to_the_stick() -> None:
    for take in takes("usb", "jam", 24):
        assert np.ptp(cover(take)) < np.deg2rad(2.5)


def test_the_motor_turns_a_jammed_pair_as_far_as_its_torque_bends_the_grip() -> None:
    for take in takes("usb", "jam", 24):
        assert np.ptp(stick(take)) < 2.4 * _YIELD_RAD
    pushed = [np.ptp(stick(take)) for take in takes("usb", "jam", 24)]
    assert np.mean(np.array(pushed) > 1.5 * _YIELD_RAD) > 0.7


def test_friction_brings_a_turning_cover_to_rest_and_never_drives_it() -> None:
    # The motor wants nothing more once it is there; what it gave must be gone.
    times = np.arange(121) / 60
    still = Program([0.0, 0.1, 9.0, 9.1], [0.0, 1.0, 1.0, 0.0])
    angle, turned = _swing(times, still, 0.03, 0.0, 1.0e-4)
    assert np.ptp(angle[60:]) < 1e-3
    assert np.ptp(turned[60:]) < 1e-3
    assert angle.max() < 1.2


def test_the_stick_is_pushed_no_harder_than_friction_allows() -> None:
    times = np.arange(121) / 60
    steady = Program([0.0, 100.0, 200.0], [0.0, 150.0, 0.0])
    _, turned = _swing(times, steady, 0.03, 0.0, 1.0e-4)
    assert turned[-1] == pytest.approx(0.03 / 0.9, rel=0.05)


def test_severity_takes_the_motion_away() -> None:
    swung = [np.mean([np.ptp(cover(take)) for take in graded(s)]) for s in (0.0, 0.3, 0.5, 1.0)]
    rocked = np.mean([np.ptp(stick(take)) for take in graded(0.0)])
    assert swung[0] > swung[1] > 5 * swung[2]
    assert swung[2] >= swung[3] * 0.9
    assert np.deg2rad(1.0) < rocked < np.deg2rad(5.0)


def test_jammed_and_sound_covers_stand_at_any_angle_alike() -> None:
    for class_id in ("normal", "jam"):
        seen = np.array([cover(take)[30] for take in takes("usb", class_id, 150)])
        assert abs(np.exp(1j * seen).mean()) < 0.2
        poses = np.array([stick(take)[30] for take in takes("usb", class_id, 150)])
        assert np.abs(poses).max() < 2.15 * _YIELD_RAD
        assert poses.std() == pytest.approx(2 * _YIELD_RAD / 3**0.5, rel=0.2)


@pytest.mark.parametrize("class_id", ["normal", "jam"])
@pytest.mark.parametrize("frames", [2, 240])
def test_clips_of_any_length_are_made(class_id: str, frames: int) -> None:
    one = replace(shot("usb", class_id, 1), frames=frames, fps=60)
    take = prepare(one)
    assert np.isfinite(cover(take)).all()
    assert np.abs(stick(take)).max() < 2.2 * _YIELD_RAD
    assert frame(one, take, frames - 1).shape == (96, 96, 3)
