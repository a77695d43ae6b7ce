"""The servo's horn follows its commands; each test is one sentence of physics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import frame, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.mechanics import Program
from physprior.simulate.sweeps import chained, out_and_back
from physprior.simulate.twins.servo import (
    _DAMPING_PER_S,
    _FRICTION_RAD_S2,
    _SHORT,
    _STEP_S,
    _STIFFNESS_PER_S2,
    _follow,
)

CLASSES = ("normal", "angle_limited", "centered_anomaly", "vibration")


def angle(take: Take) -> NDArray[np.float64]:
    return take.motion.states["angle_rad"]


def graded(class_id: str, severity: float, count: int = 12) -> list[Take]:
    """Long films (4 s at 60 fps) of one severity."""
    return [
        prepare(
            replace(shot("servo", class_id, k), frames=240, fps=60, severity=(severity, severity))
        )
        for k in range(count)
    ]


def tremble(take: Take) -> float:
    """How far the horn strays, on average, from its own mean over an eighth of a second (rad)."""
    smooth = np.convolve(angle(take), np.ones(8) / 8, "valid")
    return float(np.abs(angle(take)[4:-3] - smooth).mean())


def calmest(take: Take) -> float:
    """The greatest speed within the calmest eighth of a second (rad/s)."""
    speed = np.abs(np.diff(angle(take))) * 60
    return float(np.lib.stride_tricks.sliding_window_view(speed, 8).max(axis=1).min())


def test_a_sound_horn_swings_equally_far_to_both_sides() -> None:
    for take in takes("servo", "normal", 24):
        if take.motion.parameters["period_s"] <= 1.95:
            assert angle(take).max() == pytest.approx(-angle(take).min(), abs=np.deg2rad(5))


def test_a_sound_horn_rests_calmly_at_targets() -> None:
    for take in graded("normal", 0.5):
        speed = np.abs(np.diff(angle(take))) * 60
        assert 0.2 < (speed < 0.02).mean() < 0.6


def test_the_inner_stop_is_never_passed_and_stalls_the_horn() -> None:
    for take in takes("servo", "angle_limited", 24):
        low = take.motion.parameters["stop_left_rad"]
        high = take.motion.parameters["stop_right_rad"]
        assert low - 1e-9 <= angle(take).min()
        assert angle(take).max() <= high + 1e-9
        stop = low if -low < high else high
        assert (np.abs(angle(take) - stop) < np.deg2rad(1)).mean() > 0.1


def test_a_horn_lags_its_command_by_no_more_than_friction_over_stiffness() -> None:
    # At an even speed the loop makes up for drag and late sensor; it reads its command once a step.
    times = np.arange(31) / 60
    ramp = Program([0.0, 2.0, 2.1], [-2.0, 4.0, -2.0], 0.7)
    turned = _follow(times, ramp, 0.0, (-3.0, 3.0), _DAMPING_PER_S)
    lag = (ramp.over(times) - turned)[20:]
    assert lag == pytest.approx(_FRICTION_RAD_S2 / _STIFFNESS_PER_S2 + 3.0 * _STEP_S, rel=0.05)


def test_a_limited_horn_stops_visibly_short_to_one_side() -> None:
    for take in takes("servo", "angle_limited", 40):
        if take.motion.parameters["period_s"] <= 1.95:
            ends = sorted((-angle(take).min(), angle(take).max()))
            assert ends[0] < (_SHORT + 0.02) * ends[1]


def test_the_horn_rebounds_from_its_stop_with_less_speed_than_it_came() -> None:
    rebounds = 0
    for take in graded("angle_limited", 1.0):
        speed = np.diff(angle(take)) * 60
        stop = min(take.motion.parameters["stop_left_rad"] * -1, 1.4)
        if stop < 1.4:
            near = np.flatnonzero(angle(take)[1:-1] < -stop + 0.02)
            rebounds += int((speed[near] > 0.1).any())
            assert np.abs(speed).max() < 8
    assert rebounds >= 1


def test_a_shifted_zero_moves_the_middle_of_the_sweep_by_its_offset() -> None:
    for take in graded("centered_anomaly", 0.75):
        middle = (angle(take).max() + angle(take).min()) / 2
        offset = take.motion.parameters["zero_offset_rad"]
        if take.motion.parameters["period_s"] > 3.9:
            continue
        assert middle == pytest.approx(offset, abs=np.deg2rad(2))
        assert abs(offset) > np.deg2rad(10)


def test_too_little_damping_keeps_the_horn_trembling_and_sound_damping_does_not() -> None:
    assert max(calmest(take) for take in graded("normal", 0.5)) < 0.05
    assert min(calmest(take) for take in graded("vibration", 0.5)) > 2
    assert min(tremble(take) for take in graded("vibration", 0.5)) > np.deg2rad(3.5)


def test_a_horn_with_some_damping_left_rings_and_then_rests() -> None:
    assert max(calmest(take) for take in graded("vibration", 0.0)) < 1.0
    sound = np.mean([tremble(take) for take in graded("normal", 0.5)])
    assert np.mean([tremble(take) for take in graded("vibration", 0.0)]) > 1.2 * sound


@pytest.mark.parametrize("class_id", ["centered_anomaly", "vibration"])
def test_severity_grades_the_fault(class_id: str) -> None:
    def worst(severity: float) -> float:
        seen = graded(class_id, severity)
        if class_id == "vibration":
            return float(np.mean([tremble(take) for take in seen]))
        return float(np.mean([abs(t.motion.parameters["zero_offset_rad"]) for t in seen]))

    assert worst(0.0) < 0.7 * worst(0.5)
    assert worst(0.5) < 0.95 * worst(1.0)


def test_severity_takes_away_more_of_the_travel() -> None:
    def lost(severity: float) -> float:
        seen = graded("angle_limited", severity)
        return float(
            np.mean([abs(angle(t).max() + angle(t).min()) / np.ptp(angle(t)) for t in seen])
        )

    assert lost(0.0) < 0.12 < lost(0.5) < lost(1.0)


def test_every_class_shows_every_angle_as_often() -> None:
    def share(class_id: str, limit: float) -> float:
        seen = np.concatenate([angle(take) for take in takes("servo", class_id, 100)])
        return float((np.abs(np.rad2deg(seen)) < limit).mean())

    for limit in (15, 40):
        sound = share("normal", limit)
        for class_id in CLASSES[1:]:
            assert share(class_id, limit) == pytest.approx(sound, abs=0.12)


def test_a_way_with_an_edge_is_even_before_it_and_passes_the_rest_in_haste() -> None:
    rng, seen = np.random.default_rng(4), []
    for _ in range(4000):
        places = (float(rng.uniform()), float(rng.uniform()))
        way = out_and_back(1.0, 1.0, places, travel_s=0.5, edge=0.8, haste=2.0)
        seen.append(float(np.interp(rng.uniform(), *way)))
    shares, _ = np.histogram(seen, 10, (0.0, 1.0))
    last = 0.5 * 0.1 / 0.9
    np.testing.assert_allclose(shares[:8] / len(seen), (1 - last) / 8, atol=0.02)
    assert shares[8:].sum() / len(seen) == pytest.approx(last, abs=0.012)


def test_a_way_cut_short_by_the_law_is_even_on_average() -> None:
    rng, seen = np.random.default_rng(3), []
    for _ in range(4000):
        places = (float(rng.uniform()), float(rng.uniform()))
        reach = float(rng.uniform()) ** 0.5
        way = out_and_back(reach, 1.0, places, travel_s=0.3 * reach, stall=0.5, beyond=0.4)
        seen.append(min(reach, float(np.interp(rng.uniform(), *way))))
    shares, _ = np.histogram(seen, 8, (0.0, 1.0))
    np.testing.assert_allclose(shares / len(seen), 1 / 8, atol=0.02)


def test_ways_are_chained_without_a_gap() -> None:
    one = out_and_back(1.0, 2.0, (0.5, 0.25), travel_s=1.0)
    moments, values = chained([one, one], (1.0, -1.0))
    assert moments[-1] == pytest.approx(4.0)
    assert (np.diff(moments) >= 0).all()
    assert min(values) == -max(values) == -1.0


@pytest.mark.parametrize("class_id", CLASSES)
@pytest.mark.parametrize("frames", [2, 240])
def test_clips_of_any_length_are_made(class_id: str, frames: int) -> None:
    one = replace(shot("servo", class_id, 1), frames=frames, fps=60)
    take = prepare(one)
    assert np.isfinite(angle(take)).all()
    assert np.abs(angle(take)).max() < np.deg2rad(95)
    assert frame(one, take, frames - 1).shape == (96, 96, 3)
