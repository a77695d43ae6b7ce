"""The caster: its fork swings behind, its wheel rolls, unless a bearing holds one of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.twins import caster_wheel

CLASSES = ("normal", "axle_stuck", "swivel_stuck")
CATEGORY = "caster_wheel"


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def steps(take: Take) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the plate goes from frame to frame, to the right and away, in frame widths."""
    return np.diff(state(take, "ground_x")), np.diff(state(take, "ground_z"))


def off_trail(take: Take) -> NDArray[np.float64]:
    """By how much (rad) the fork fails to point straight back, from frame to frame."""
    x, z = steps(take)
    back = np.arctan2(-z, -x)
    return np.abs(np.angle(np.exp(1j * (state(take, "heading_rad")[1:] - back))))


def turned_share(take: Take) -> float:
    """How much of its way along the fork's heading the wheel unrolls."""
    x, z = steps(take)
    heading = state(take, "heading_rad")
    middle = (heading[1:] + heading[:-1]) / 2
    way = np.abs(x * np.cos(middle) + z * np.sin(middle)).sum()
    return float(np.abs(np.diff(state(take, "wheel_rad"))).sum() * take.unit.wheel / way)


def at_severity(class_id: str, severity: float, count: int = 6) -> list[Take]:
    shots = [shot(CATEGORY, class_id, index) for index in range(count)]
    return [prepare(replace(one, severity=(severity, severity))) for one in shots]


def test_a_sound_wheel_unrolls_as_far_as_it_goes_along() -> None:
    for take in takes(CATEGORY, "normal", 12):
        assert turned_share(take) == pytest.approx(1, abs=0.06)


def test_a_sound_fork_follows_its_pivot_as_a_trailer_does() -> None:
    # Without sideways slip the swing is the speed across the fork over the trail.
    for take in takes(CATEGORY, "normal", 12):
        x, z = steps(take)
        heading = state(take, "heading_rad")
        middle = (heading[1:] + heading[:-1]) / 2
        swing = (x * np.sin(middle) - z * np.cos(middle)) / take.unit.trail
        np.testing.assert_allclose(np.diff(heading), swing, atol=0.03)


def test_a_fork_athwart_its_way_swings_as_fast_as_its_pivot_goes_within_a_millimetre() -> None:
    # It is light: the ground's friction sets it going as soon as the pivot moves.
    for take in takes(CATEGORY, "normal", 3):
        swivel, swing = caster_wheel._swivel(take.unit), 0.0
        for _ in range(4):
            swing, _ = swivel.turned(swing, 0.1, 1 / 480)
        assert swing * swivel.radius_m == pytest.approx(0.1, rel=0.1)


def test_a_sound_fork_lies_behind_on_the_lanes_and_swings_round_at_their_ends() -> None:
    for take in takes(CATEGORY, "normal", 12):
        off = off_trail(take)
        assert off.min() < np.deg2rad(20)
        assert off.max() > np.deg2rad(60)
        assert np.ptp(state(take, "heading_rad")) > np.pi


def test_a_stuck_axle_lets_the_fork_swing_but_the_wheel_does_not_turn() -> None:
    for take in takes(CATEGORY, "axle_stuck", 12):
        assert np.ptp(state(take, "wheel_rad")) == 0
        assert np.ptp(state(take, "heading_rad")) > np.pi
        assert off_trail(take).min() < np.deg2rad(20)


def test_a_stuck_swivel_keeps_its_heading_while_the_wheel_turns_as_it_goes_along() -> None:
    for take in takes(CATEGORY, "swivel_stuck", 12):
        assert np.ptp(state(take, "heading_rad")) == 0
        assert turned_share(take) == pytest.approx(1, abs=0.1)
        x, _ = steps(take)
        assert x.max() > 0.005
        assert x.min() < -0.005


def test_headings_of_stuck_forks_are_spread_as_those_of_sound_ones() -> None:
    counts = []
    for class_id in ("normal", "swivel_stuck"):
        heading = np.array(
            [state(take, "heading_rad")[20] for take in takes(CATEGORY, class_id, 72)]
        )
        lying = np.abs(np.cos(heading)) > 0.8
        right = np.cos(heading) > 0
        counts.append((lying.mean(), right.mean()))
    (lying, right), (stuck_lying, stuck_right) = counts
    assert 0.3 < lying < 0.75
    assert stuck_lying == pytest.approx(lying, abs=0.15)
    assert stuck_right == pytest.approx(right, abs=0.2)


def test_worse_bearings_hold_more_and_from_severity_one_half_on_all() -> None:
    def mean_turn(severity: float) -> float:
        return float(np.mean([turned_share(t) for t in at_severity("axle_stuck", severity)]))

    def mean_swing(severity: float) -> float:
        found = at_severity("swivel_stuck", severity)
        return float(np.mean([np.abs(np.diff(state(t, "heading_rad"))).sum() for t in found]))

    for mean, sound in ((mean_turn, 0.97), (mean_swing, 6.2)):
        slight, some, much = mean(0.0), mean(0.25), mean(0.4)
        assert 0.8 * sound < slight < 1.06 * sound
        assert slight > some > 2 * much > 0
        assert mean(0.5) == mean(1.0) == 0


def test_friction_of_a_stuck_bearing_exceeds_the_torque_of_the_ground_and_of_no_other() -> None:
    for class_id in CLASSES:
        for take in takes(CATEGORY, class_id, 4):
            values = take.motion.parameters
            for part in ("axle", "swivel"):
                ratio = values[f"{part}_friction_n_m"] / values[f"{part}_ground_torque_n_m"]
                assert ratio > 1 if class_id == f"{part}_stuck" else ratio < 0.05


def test_the_plate_goes_round_its_loop_at_one_speed_in_every_class() -> None:
    for class_id in CLASSES:
        for take in takes(CATEGORY, class_id, 6):
            speed = np.hypot(*steps(take)) * 30 * 0.2
            np.testing.assert_allclose(speed, take.motion.parameters["speed_m_s"], rtol=0.15)


def test_the_eye_can_follow_wheel_and_fork_through_eight_frames() -> None:
    for take in takes(CATEGORY, "normal", 24):
        assert np.abs(np.diff(state(take, "wheel_rad")[SAMPLED])).max() < np.pi / 3
        assert np.abs(np.diff(state(take, "heading_rad")[SAMPLED])).max() < 0.55 * np.pi


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
def test_a_clip_of_any_length_is_made(frames: int, fps: int) -> None:
    for class_id in CLASSES:
        take = prepare(replace(shot(CATEGORY, class_id, 3), frames=frames, fps=fps))
        assert all(np.isfinite(values).all() for values in take.motion.states.values())
        assert (np.ptp(state(take, "wheel_rad")) == 0) == (class_id == "axle_stuck")
        assert (np.ptp(state(take, "heading_rad")) == 0) == (class_id == "swivel_stuck")
