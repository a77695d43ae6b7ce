"""The toy car: wheels roll with the ground unless their axle holds them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.mechanics import Program
from physprior.simulate.twin import Fault
from physprior.simulate.twins import car

STUCK = {
    "normal": (),
    "all_wheels_stuck": ("front", "rear"),
    "rear_wheels_stuck": ("rear",),
    "front_wheels_stuck": ("front",),
}


def rolled(take: Take, axle: str) -> NDArray[np.float64]:
    """How far the tread of an axle's wheels has unrolled since the first frame, frame widths."""
    angle = take.motion.states[f"{axle}_rad"]
    return np.asarray((angle[0] - angle) * take.unit.wheel)


def travelled(take: Take) -> NDArray[np.float64]:
    return np.asarray(take.motion.states["x"] - take.motion.states["x"][0])


def share(class_id: str, axle: str, severity: float) -> float:
    """How much of the way a wheel turns along, over some videos of one severity."""
    shares = []
    for index in range(6):
        one = replace(shot("car", class_id, index), severity=(severity, severity))
        take = prepare(one)
        turned, way = np.diff(rolled(take, axle)), np.diff(travelled(take))
        shares.append(np.abs(turned).sum() / np.abs(way).sum())
    return float(np.mean(shares))


@pytest.mark.parametrize("class_id", STUCK)
def test_free_wheels_roll_without_slip_and_stuck_ones_do_not_turn(class_id: str) -> None:
    for take in takes("car", class_id, 12):
        for axle in ("front", "rear"):
            way = 0.0 if axle in STUCK[class_id] else travelled(take)
            np.testing.assert_allclose(rolled(take, axle), way, atol=2.5e-3)


def test_every_car_is_dragged_to_and_fro_whether_its_wheels_turn_or_not() -> None:
    for class_id in STUCK:
        for take in takes("car", class_id, 12):
            way = np.diff(take.motion.states["x"])
            assert 0.2 < np.ptp(take.motion.states["x"]) < 0.31
            assert way.max() > 0.003
            assert way.min() < -0.003


@pytest.mark.parametrize("stuck", [False, True])
def test_a_car_lags_behind_its_servo_by_what_the_ground_holds_against_its_wheels(
    stuck: bool,
) -> None:
    unit = takes("car", "normal", 1)[0].unit
    fault = Fault("all_wheels_stuck", 0.0, 0.5) if stuck else None
    axles = [car._axle(unit, share, fault) for share in (unit.nose_share, 1 - unit.nose_share)]
    steady = Program([0.0, 1.0, 2.0], [0.0, 0.06, 0.0])
    path = car._drag(np.arange(28) / 30, steady, unit.mass_kg, *axles)
    lag, speed = steady.at(0.9) - path[-1, 0], path[-1, 1]
    ground = car._SERVO.stiffness * lag - car._SERVO.damping * speed
    # Stuck treads slide with all their grip; free wheels ask for their bearings' friction only.
    asked = [axle.grip_n if stuck else axle.brake_n_m / axle.radius_m for axle in axles]
    assert ground == pytest.approx(sum(asked), rel=0.05)


def test_the_eye_can_follow_a_wheel_through_eight_frames() -> None:
    for take in takes("car", "normal", 24):
        turned = np.abs(np.diff(take.motion.states["front_rad"][SAMPLED]))
        assert turned.max() < np.pi / 3
        assert np.ptp(take.motion.states["front_rad"]) > np.deg2rad(90)


def test_a_stuck_axle_brakes_more_than_the_ground_can_turn_and_a_sound_one_far_less() -> None:
    for class_id, stuck in STUCK.items():
        for take in takes("car", class_id, 6):
            values = take.motion.parameters
            for axle in ("front", "rear"):
                ratio = values[f"{axle}_axle_friction_n_m"] / values[f"{axle}_ground_torque_n_m"]
                assert ratio > 1 if axle in stuck else ratio < 0.05


def test_worse_axles_lag_more_and_from_severity_one_half_on_they_stand() -> None:
    shares = [share("rear_wheels_stuck", "rear", severity) for severity in (0, 0.2, 0.4, 0.5, 1)]
    assert 0.7 < shares[0] < 0.95
    assert shares[0] > shares[1] + 0.1 > shares[2] + 0.2
    assert shares[3] == shares[4] == 0
    assert share("rear_wheels_stuck", "front", 0) == pytest.approx(1, abs=0.01)


def test_wheels_of_one_car_stand_at_any_angle_at_the_start() -> None:
    angles = np.array([take.motion.states["front_rad"][0] for take in takes("car", "normal", 60)])
    apart = np.array([take.motion.states["rear_rad"][0] for take in takes("car", "normal", 60)])
    for spread in (angles, apart, angles - apart):
        assert abs(np.exp(1j * spread).mean()) < 0.3


def test_the_five_kinds_of_car_are_among_the_objects_and_face_either_way() -> None:
    found = takes("car", "normal", 24)
    assert {take.unit.kind for take in found} == {"saloon", "truck", "bus", "racer", "jeep"}
    assert {take.motion.states["facing"][0] for take in found} == {-1, 1}


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60)])
def test_a_clip_of_any_length_shows_the_same_physics(frames: int, fps: int) -> None:
    for class_id, stuck in STUCK.items():
        take = prepare(replace(shot("car", class_id, 3), frames=frames, fps=fps))
        for axle in ("front", "rear"):
            way = 0.0 if axle in stuck else travelled(take)
            np.testing.assert_allclose(rolled(take, axle), way, atol=3e-3)


def test_a_clip_of_two_frames_is_made() -> None:
    for class_id in STUCK:
        take = prepare(replace(shot("car", class_id, 3), frames=2))
        assert all(np.isfinite(values).all() for values in take.motion.states.values())
