"""The clock: pulses that become steps of the hands, a train that stalls, a pointer that rattles."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.twins.clock import _tick

HANDS = ("pointer_rad", "minute_rad", "hour_rad")


def hand(take: Take, name: str = "pointer_rad") -> NDArray[np.float64]:
    """How far a hand has turned since the first frame."""
    angle = take.motion.states[name]
    return np.asarray(angle - angle[0])


def aside(take: Take) -> NDArray[np.float64]:
    """Where the pointer is on its arbor, which the minute hand's train follows rigidly."""
    return hand(take) - 6 * hand(take, "minute_rad")


def at(class_id: str, severity: float, index: int) -> Take:
    return prepare(replace(shot("clock", class_id, index), severity=(severity, severity)))


def test_hands_keep_the_ratios_of_their_wheels() -> None:
    for class_id in ("normal", "stuck", "vibration"):
        for take in takes("clock", class_id, 5):
            np.testing.assert_allclose(
                4 * hand(take, "hour_rad"), hand(take, "minute_rad"), atol=1e-12
            )
    for take in takes("clock", "normal", 12):
        np.testing.assert_allclose(hand(take), 6 * hand(take, "minute_rad"), atol=1e-9)


def test_a_sound_pointer_never_turns_back_and_makes_equal_steps() -> None:
    for index in range(12):
        one = shot("clock", "normal", index)
        take = prepare(replace(one, frames=1200, fps=600))
        angle = hand(take)
        assert np.diff(angle).min() >= 0
        period = 1 / take.unit.pulse_hz
        ticks = np.diff(np.interp(np.arange(0, 1.99, period), fine_times(take), angle))
        assert ticks.std() < 0.06 * ticks.mean()


def test_how_fast_the_arbor_turns_does_not_depend_on_how_often_it_is_filmed() -> None:
    unit = prepare(shot("clock", "normal", 0)).unit
    for share in (0.3, 0.6):
        # Frames that halve no pulse alike, and steps of other lengths between them.
        grids = [np.linspace(0, 15 / unit.pulse_hz, count) for count in (2, 31, 68, 134, 3001)]
        ways = [_tick(unit, grid, 6.0, 0.01, share, 0.0, 9.0)[0][-1] for grid in grids]
        np.testing.assert_allclose(ways, ways[-1], rtol=1e-9)


def test_friction_takes_its_share_of_the_speed_that_a_long_pulse_leads_to() -> None:
    unit = replace(prepare(shot("clock", "normal", 0)).unit, pulse_hz=0.25)
    # A tenth of the four seconds is pulse, fifty times as long as the motor needs.
    arbor, _ = _tick(unit, np.arange(9) / 30, 6.0, 0.05, 0.3, 0.0, 0.0)
    np.testing.assert_allclose(np.diff(arbor) * 30, 0.7 * 6.0, rtol=1e-3)


def fine_times(take: Take) -> NDArray[np.float64]:
    return np.arange(len(take.motion.states["pointer_rad"])) / 600


def test_the_eye_can_follow_the_pointer_through_eight_frames() -> None:
    for take in takes("clock", "normal", 24):
        steps = np.diff(hand(take)[SAMPLED])
        assert steps.max() < np.deg2rad(25)
        assert steps.min() > np.deg2rad(2)
        assert np.deg2rad(30) < hand(take)[-1] < np.deg2rad(120)


def test_the_arbor_never_outruns_its_motor() -> None:
    for take in takes("clock", "normal", 5):
        fastest = np.diff(hand(take)).max() * 30
        assert fastest <= take.motion.parameters["idle_rate_rad_s"]


def test_friction_beyond_the_motors_torque_stops_every_hand() -> None:
    for take in takes("clock", "stuck", 24):
        found = take.motion.parameters
        assert found["train_friction_mn_m"] > found["motor_torque_mn_m"]
        assert all(np.ptp(hand(take, name)) == 0 for name in HANDS)


def test_the_dirtier_the_train_the_shorter_its_way() -> None:
    for index in range(4):
        ways = [hand(at("stuck", severity, index))[-1] for severity in (0.0, 0.2, 0.4, 0.5)]
        # The same video's drive draws the same rate: a little dirt costs a little of the way.
        sound = prepare(replace(shot("clock", "stuck", index), class_id="normal"))
        assert 0.88 < ways[0] / hand(sound)[-1] < 0.96
        assert all(b < 0.75 * a for a, b in pairwise(ways))
        assert ways[-1] == 0


def test_a_loose_pointer_rattles_from_stop_to_stop_and_never_through_them() -> None:
    for take in takes("clock", "vibration", 24):
        play = take.motion.parameters["bush_play_rad"]
        assert np.ptp(aside(take)) <= 2 * play + 1e-9
        assert np.ptp(aside(take)) > 1.2 * play


def test_a_loose_pointer_swings_back_again_and_again() -> None:
    for take in takes("clock", "vibration", 24):
        back = np.diff(hand(take)) < -np.deg2rad(0.3)
        assert back.mean() > 0.1


def test_the_wider_the_play_the_wider_the_swing() -> None:
    for index in range(4):
        swings = [np.ptp(aside(at("vibration", s, index))) for s in (0.0, 0.5, 1.0)]
        # Barely visible: at most a pixel to either side at the pointer's tip.
        assert swings[0] / 2 * 0.32 < 1 / 96
        assert swings[1] > 4 * swings[0]
        assert swings[2] > 1.2 * swings[1]


def test_a_rattling_pointer_slows_down_when_the_motor_gives_no_more_pulses() -> None:
    unit = replace(prepare(shot("clock", "vibration", 0)).unit, pulse_hz=0.25)
    # The one pulse of four seconds ends before the film begins.
    arbor, pointer = _tick(unit, np.arange(720) / 240, 6.0, 0.5, 0.3, 0.2, 12.0)
    assert np.ptp(arbor) == 0
    speed = np.abs(np.diff(pointer)) * 240
    # Within a step that holds a rebound the way is less than the speed: look at the peaks.
    peaks = speed[:660].reshape(-1, 60).max(axis=1)
    assert (np.diff(peaks) <= 1e-9).all()
    assert peaks[-1] < 0.5 * peaks[0]


def test_clocks_have_five_faces_and_long_and_short_clips_work() -> None:
    faces = {prepare(shot("clock", "normal", k)).unit.face for k in range(24)}
    assert faces == {0, 1, 2, 3, 4}
    for class_id in ("normal", "stuck", "vibration"):
        one = shot("clock", class_id, 1)
        long = prepare(replace(one, frames=240, fps=60))
        assert np.isfinite(hand(long)).all()
        assert len(hand(prepare(replace(one, frames=2)))) == 2
        short = hand(prepare(one), "minute_rad")
        assert hand(long, "minute_rad")[-1] == pytest.approx(2 * short[-1], rel=0.1)
