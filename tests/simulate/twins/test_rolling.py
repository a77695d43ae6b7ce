"""Wheels on the ground: rolling where the axle is free, sliding where it is not."""

from __future__ import annotations

import pytest

from physprior.simulate.rolling import Wheel, bad_bearing
from physprior.simulate.twin import Fault

STEP_S = 1 / 480


def settled(wheel: Wheel, speed: float, steps: int = 960) -> tuple[float, float]:
    """The turning rate of a wheel at ``speed`` after two seconds, and the ground's force on it."""
    rate, held = 0.0, 0.0
    for _ in range(steps):
        rate, held = wheel.turned(rate, speed, STEP_S)
    return rate, held * (speed - rate * wheel.radius_m)


def wheel(brake: float, drag: float = 0.0) -> Wheel:
    """A wheel whose axle brakes with so many times the torque of the ground's grip."""
    return Wheel(0.02, 4e-6, 0.8, brake * 0.8 * 0.02, drag)


@pytest.mark.parametrize("speed", [0.1, -0.1])
def test_a_free_wheel_rolls_without_slip(speed: float) -> None:
    rate, force = settled(wheel(0.03), speed)
    assert rate == pytest.approx(speed / 0.02, rel=2e-3)
    assert abs(force) == pytest.approx(0.03 * 0.8, rel=0.02)


@pytest.mark.parametrize("speed", [0.1, -0.1])
def test_a_wheel_that_brakes_more_than_the_ground_pushes_slides_unturned(speed: float) -> None:
    rate, force = settled(wheel(1.15), speed)
    assert rate == 0
    assert force == pytest.approx(0.8 if speed > 0 else -0.8)


def test_a_dragging_wheel_turns_as_fast_as_the_ground_outweighs_its_axle() -> None:
    rate, _ = settled(wheel(0.5, drag=2e-3), 0.1)
    assert rate == pytest.approx(0.5 * 0.8 * 0.02 / 2e-3, rel=0.01)


def test_friction_at_the_ground_adds_no_more_speed_than_the_ground_has() -> None:
    rate, top = 0.0, 0.0
    for _ in range(960):
        rate, _ = wheel(0.03).turned(rate, 0.1, STEP_S)
        top = max(top, rate)
    assert top <= 0.1 / 0.02


def test_a_bad_bearing_brakes_more_than_the_ground_turns_from_the_middle_on() -> None:
    shares = [bad_bearing(Fault("", 0.0, severity))[0] for severity in (0.0, 0.25, 0.5, 1.0)]
    assert shares == sorted(shares)
    assert shares[1] < 1 < shares[2]
    for share, turns in ((shares[0], True), (shares[2], False)):
        assert (settled(wheel(share), 0.1)[0] > 0) == turns
