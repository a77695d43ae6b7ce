"""The gear train: ratios kept to the tooth, and what an open mesh or a wedge does to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import hypot

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.twin import march
from physprior.simulate.twins import gear as twin

OPEN = {"single": 2, "double": 1, "triple": 0}
"""Behind which gear the mesh is open."""


def angles(take: Take) -> NDArray[np.float64]:
    return take.motion.states["angle_rad"]


def turned(take: Take) -> NDArray[np.float64]:
    found = angles(take)
    return np.asarray(found[-1] - found[0])


def at(class_id: str, severity: float, index: int) -> Take:
    return prepare(replace(shot("gear", class_id, index), severity=(severity, severity)))


def test_a_sound_train_keeps_its_ratios_to_a_fraction_of_a_tooth() -> None:
    for take in takes("gear", "normal", 12):
        passed = angles(take)[:, :] - angles(take)[0]
        teeth = passed * np.array(take.unit.teeth) / (2 * np.pi)
        assert abs(teeth[-1, 0]) > 3
        for k in range(3):
            assert np.abs(teeth[:, k] + teeth[:, k + 1]).max() < 0.05


def test_the_motor_with_little_load_runs_just_below_its_idle_rate() -> None:
    for take in takes("gear", "normal", 12):
        rate = turned(take)[0] / (59 / 30) / take.motion.parameters["idle_rate_rad_s"]
        assert 0.8 < rate < 1.0


@pytest.mark.parametrize("class_id", sorted(OPEN))
def test_gears_before_an_open_mesh_keep_their_ratios_and_those_behind_it_stand(
    class_id: str,
) -> None:
    for take in takes("gear", class_id, 8):
        passed = turned(take) * np.array(take.unit.teeth) / (2 * np.pi)
        behind = OPEN[class_id] + 1
        assert np.ptp(angles(take)[:, behind:], axis=0).max() < np.deg2rad(1.5)
        assert all(abs(a + b) < 0.05 for a, b in pairwise(passed[:behind]))
        assert np.abs(passed[:behind]).min() > 3


def test_a_stalled_motor_lets_the_whole_train_stand() -> None:
    for take in takes("gear", "stuck", 12):
        assert np.ptp(angles(take), axis=0).max() < np.deg2rad(1.5)


def test_the_train_runs_up_from_rest_as_slowly_as_its_discs_are_heavy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def from_rest(advance, _, times, *, step, warm_up):  # type: ignore[no-untyped-def]
        return march(advance, (0.0,) * 8, times, step=step)

    monkeypatch.setattr(twin, "march", from_rest)
    for index in range(3):
        unit = prepare(shot("gear", "normal", index)).unit
        times = np.arange(401) / 400
        way = np.abs(twin._turn(unit, times, 4.0, None, 0.0, 0.0, 0.0)[:, 0])
        # Discs of 30 kg a square metre, each as the motor feels it through its ratio.
        radii = 0.20 * np.array(unit.radii)
        discs = 30 * np.pi * radii**2 * radii**2 / 2
        inertia = 4.0e-5 + (discs * (radii[0] / radii) ** 2).sum()
        torque_a_speed = 0.06 / 4.0 + 4.0e-5 * ((radii[0] / radii) ** 2).sum()
        # By that time, at its last speed, the train is behind one that had run from the start.
        behind_s = times[-1] - way[-1] / ((way[-1] - way[200]) / 0.5)
        assert behind_s == pytest.approx(inertia / torque_a_speed, rel=0.1)


def test_a_slight_wedge_slows_the_train_at_one_place_of_the_driving_gears_turn() -> None:
    for index in range(3):
        one = replace(shot("gear", "stuck", index), severity=(0.1, 0.1), frames=600, fps=60)
        take = prepare(one)
        way = np.abs(angles(take)[:, 0] - angles(take)[0, 0])
        pace = np.diff(way) * 60 / abs(take.motion.parameters["idle_rate_rad_s"])
        places = np.arange(64) / 64 * 2 * np.pi
        first, second = (np.interp(places + 2 * np.pi * k, way[1:], pace) for k in (0, 1))
        share = take.motion.parameters["wedged_friction_n_m"] / 0.06
        # Friction goes up and down by 0.3 of the wedge's, and the pace with it, turn for turn.
        assert np.ptp(first) == pytest.approx(0.6 * share, rel=0.15)
        np.testing.assert_allclose(first, second, atol=0.1 * share)
        waves = np.abs(np.fft.rfft(first))
        assert waves[1] > 5 * waves[2:].max()


@pytest.mark.parametrize("class_id", sorted(OPEN))
def test_the_less_drag_is_left_the_more_a_loose_gear_lags(class_id: str) -> None:
    for index in range(3):
        shares = []
        for severity in (0.0, 0.2, 0.35, 0.5):
            passed = turned(at(class_id, severity, index)) * take_teeth(index)
            shares.append(abs(passed[OPEN[class_id] + 1] / passed[0]))
        assert 0.85 < shares[0] < 0.97
        assert all(a > b + 0.05 for a, b in pairwise(shares))
        assert shares[-1] < 0.01


def take_teeth(index: int) -> NDArray[np.float64]:
    return np.array(prepare(shot("gear", "normal", index)).unit.teeth, np.float64)


def test_a_wedge_slows_the_train_unevenly_and_then_holds_it() -> None:
    for index in range(3):
        rates = []
        for severity in (0.0, 0.1, 0.25, 0.5):
            take = at("stuck", severity, index)
            rates.append(abs(turned(take)[0] / take.motion.parameters["idle_rate_rad_s"]))
        assert rates[0] > 0.85 * rates_of_sound(index)
        assert all(a > b for a, b in pairwise(rates))
        assert rates[-1] == pytest.approx(0, abs=1e-3)


def rates_of_sound(index: int) -> float:
    take = prepare(shot("gear", "normal", index))
    return float(abs(turned(take)[0] / take.motion.parameters["idle_rate_rad_s"]))


def test_neighbours_stand_at_the_distance_of_their_mesh_and_no_gear_reaches_into_another() -> None:
    for index in range(24):
        unit = prepare(shot("gear", "normal", index)).unit
        for i in range(4):
            for j in range(i + 1, 4):
                apart = hypot(unit.at[i][0] - unit.at[j][0], unit.at[i][1] - unit.at[j][1])
                assert apart > unit.tips[i] + unit.tips[j]
                if j == i + 1:
                    assert apart == pytest.approx(unit.radii[i] + unit.radii[j])
                else:
                    assert apart > unit.radii[i] + unit.radii[j] + unit.module


def test_every_mark_can_be_followed_through_eight_frames() -> None:
    for take in takes("gear", "normal", 24):
        steps = np.abs(np.diff(angles(take)[SAMPLED], axis=0))
        assert steps.max() < np.deg2rad(100)
        assert steps.min() > np.deg2rad(12)


def test_where_the_gears_stand_in_the_first_frame_is_the_same_for_every_class() -> None:
    # Nothing but chance decides it: the same video's drive draws the same angles in each class.
    for index in range(4):
        one = shot("gear", "normal", index)
        start = angles(prepare(one))[0]
        for class_id in [*OPEN, "stuck"]:
            same = prepare(replace(one, class_id=class_id))
            np.testing.assert_allclose(angles(same)[0], start)


def test_long_clips_and_clips_of_two_frames_work_as_well() -> None:
    for class_id in ["normal", *OPEN, "stuck"]:
        one = shot("gear", class_id, 1)
        long = prepare(replace(one, frames=240, fps=60))
        assert np.isfinite(angles(long)).all()
        assert angles(long).shape == (240, 4)
        assert angles(prepare(replace(one, frames=2))).shape == (2, 4)
