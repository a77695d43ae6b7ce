"""The hinge's leaf swings with the gripper; each test is one sentence of physics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, frame, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.looks.hinge import PIN, TABLE, THICK
from physprior.simulate.mechanics import Program
from physprior.simulate.twins.hinge import (
    _EDGE,
    _FRICTION_RAD_S2,
    _GRAVITY,
    _SERVO,
    _SHUT_RAD,
    _fall,
    _follow,
    _hanging,
)

CLASSES = ("normal", "angle_limited", "falloff")


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def opened(take: Take) -> NDArray[np.float64]:
    """The angle between the gripped leaf and the fixed one (rad)."""
    return np.pi - state(take, "grip_rad")


def parted(take: Take) -> NDArray[np.float64]:
    """How far the leaf's knuckles are from the pin's place (frame widths)."""
    return np.hypot(state(take, "leaf_x") - PIN[0], state(take, "leaf_y") - PIN[1])


def graded(class_id: str, severity: float, count: int = 12) -> list[Take]:
    """Long films (4 s at 60 fps) of one severity."""
    return [
        prepare(
            replace(shot("hinge", class_id, k), frames=240, fps=60, severity=(severity, severity))
        )
        for k in range(count)
    ]


def test_a_sound_leaf_opens_to_its_full_angle_and_does_not_dwell_there() -> None:
    for take in takes("hinge", "normal", 24):
        full = take.motion.parameters["full_angle_rad"]
        if take.motion.parameters["period_s"] <= 1.95:
            assert opened(take).max() == pytest.approx(full, abs=np.deg2rad(5))
        assert opened(take).max() < full + np.deg2rad(2)


def test_gripper_leaf_and_pin_stay_together_in_a_hinge_that_holds() -> None:
    for class_id in ("normal", "angle_limited"):
        for take in takes("hinge", class_id, 10):
            np.testing.assert_array_equal(state(take, "leaf_rad"), state(take, "grip_rad"))
            assert parted(take).max() == state(take, "pin_out").max() == 0


def test_the_eye_can_follow_the_leaf_through_eight_frames() -> None:
    for take in takes("hinge", "normal", 24):
        assert np.abs(np.diff(opened(take)[SAMPLED])).max() < np.deg2rad(90)


def test_the_stop_is_never_passed_and_leaf_and_gripper_stand_against_it() -> None:
    for take in graded("angle_limited", 0.6):
        stop = take.motion.parameters["stop_angle_rad"]
        assert opened(take).max() <= stop + 1e-9
        assert (np.abs(opened(take) - stop) < np.deg2rad(1)).mean() > 0.3


def test_the_leaf_rebounds_from_the_stop_with_less_speed_than_it_came() -> None:
    for take in graded("angle_limited", 0.6):
        speed = np.diff(opened(take)) * 60
        stop = take.motion.parameters["stop_angle_rad"]
        hits = np.flatnonzero((opened(take)[1:-1] > stop - 0.03) & (speed[:-1] > 1.0))
        for hit in hits:
            assert speed[hit + 1 : hit + 4].min() < 0.5 * speed[hit]
            assert speed[hit + 1 : hit + 4].min() > -0.5 * speed[hit]


def test_a_limited_leaf_stops_visibly_short_of_the_full_angle() -> None:
    for take in takes("hinge", "angle_limited", 40):
        way = take.unit.full_rad - _SHUT_RAD
        assert opened(take).max() - _SHUT_RAD <= _EDGE * way + 1e-9


def test_sound_and_limited_leaves_show_every_angle_as_often() -> None:
    def share(class_id: str, low: float) -> float:
        seen = [
            (opened(take) - np.deg2rad(18)) / (take.unit.full_rad - np.deg2rad(18))
            for take in takes("hinge", class_id, 100)
        ]
        return float((np.concatenate(seen) < low).mean())

    for low in (0.3, 0.6, 0.9):
        assert share("angle_limited", low) == pytest.approx(share("normal", low), abs=0.11)


def test_severity_takes_away_more_of_the_angle() -> None:
    def reached(severity: float) -> float:
        seen = graded("angle_limited", severity)
        return float(np.mean([opened(take).max() / take.unit.full_rad for take in seen]))

    assert reached(0.0) > 0.85 > reached(0.5) > reached(1.0)


def test_a_hinge_that_falls_apart_is_whole_before_the_onset() -> None:
    for take in takes("hinge", "falloff", 24):
        assert take.fault is not None
        before = int(take.fault.onset_s * 30)
        assert parted(take)[:before].max() == 0
        assert state(take, "pin_out")[:before].max() == 0


def test_the_pin_slides_out_falls_and_lies_on_the_table() -> None:
    for take in takes("hinge", "falloff", 24):
        out, height = state(take, "pin_out"), state(take, "pin_y")
        assert (np.diff(out) >= 0).all()
        assert out[-1] == 1
        assert height[-1] == pytest.approx(TABLE - 0.04, abs=0.005)


def test_the_pin_falls_as_fast_as_gravity_makes_it() -> None:
    one = replace(shot("hinge", "falloff", 0), frames=480, fps=240, severity=(1.0, 1.0))
    states = prepare(one).motion.states
    free = int(np.argmax(states["pin_out"] >= 1))
    height = states["pin_y"][free : free + 15] * 0.20
    np.testing.assert_allclose(np.diff(height, 2)[1:] * 240**2, -9.81, rtol=0.02)


def test_what_falls_apart_does_so_at_its_time_whatever_the_frame_rate() -> None:
    for index in range(3):
        one = shot("hinge", "falloff", index, severity=(1.0, 1.0))
        slow = prepare(one).motion.states
        fast = prepare(replace(one, frames=120, fps=60)).motion.states
        for name, values in slow.items():
            np.testing.assert_allclose(fast[name][::2], values, atol=1e-6)


def test_a_loose_leaf_sags_below_its_grip() -> None:
    for take in graded("falloff", 0.5):
        away = state(take, "grip_away")
        loose = (away > 0) & (np.abs(state(take, "leaf_rad") - state(take, "grip_rad")) < 0.38)
        held = PIN[1] + away * np.sin(state(take, "grip_rad"))
        assert (state(take, "leaf_y") - held)[loose].mean() < -0.003


def test_fingertips_that_fall_freely_let_no_leaf_sag() -> None:
    unit, dt = takes("hinge", "normal", 1)[0].unit, 1e-4
    level = (np.pi, 0.0, 0.0, 0.0)
    falling = (np.pi, _GRAVITY * dt / unit.grasp, 0.0, 0.0)
    leaf, hang = (0.0,) * 6, _hanging(unit, 0.4)
    at_rest, free = (hang(leaf, level, now, dt)[1] for now in (level, falling))
    assert at_rest > 0
    assert abs(free) < 0.01 * at_rest


def test_friction_at_its_lower_end_trips_a_sliding_leaf_forwards() -> None:
    length, now = 0.3, (np.pi / 2, 0.0, 0.2, TABLE + THICK / 2 + 0.151, 1.0, -0.5)
    for _ in range(30):
        now = _fall(now, length, 1 / 960, TABLE + THICK / 2, block=False)
    assert now[4] < 1.0
    assert now[1] < -0.5


def test_dry_friction_holds_the_leaf_against_a_push_that_is_weaker() -> None:
    times, moved = np.arange(31) / 30, []
    for share in (0.6, 3.0):
        end = share * _FRICTION_RAD_S2 / _SERVO.stiffness
        program = Program([0.0, 5.0, 5.001], [-0.5 * end, 4.5 * end, -0.5 * end], 0.5)
        moved.append(np.ptp(_follow(times, program, np.pi)) / end)
    assert moved[0] == 0
    assert moved[1] > 0.5


def test_severity_grades_how_far_the_leaf_parts() -> None:
    far = [np.mean([parted(take).max() for take in graded("falloff", s)]) for s in (0.0, 0.5, 1.0)]
    assert 0.004 < far[0] < 0.05 < far[1] < far[2]


def test_a_falling_leaf_loses_energy_and_comes_to_rest_on_the_table() -> None:
    length, now = 0.3, (0.8, 0.0, 0.12, 0.1, 0.3, 0.0)

    def energy(one: tuple[float, ...]) -> float:
        _, spin, _, height, vx, vy = one
        return (vx * vx + vy * vy + spin * spin * length**2 / 12) / 2 + 49.05 * (height - TABLE)

    first, most = energy(now), 0.0
    for _ in range(1200):
        now = _fall(now, length, 1 / 960, TABLE + THICK / 2, block=True)
        most = max(most, energy(now))
    assert most < 1.02 * first
    assert energy(now) < 0.1 * first
    assert now[3] == pytest.approx(TABLE + THICK / 2, abs=0.01)


@pytest.mark.parametrize("class_id", CLASSES)
@pytest.mark.parametrize("frames", [2, 240])
def test_clips_of_any_length_are_made(class_id: str, frames: int) -> None:
    one = replace(shot("hinge", class_id, 1), frames=frames, fps=60)
    take = prepare(one)
    assert all(np.isfinite(values).all() for values in take.motion.states.values())
    assert state(take, "leaf_y").min() > TABLE - 0.02
    assert frame(one, take, frames - 1).shape == (96, 96, 3)
