"""The lock: the bolt goes with the knob, unless it binds in its guide or the cam is loose."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.mechanics import Program
from physprior.simulate.twins.lock import _turn


def out_m(take: Take) -> NDArray[np.float64]:
    """How far the bolt is out, in metres."""
    return np.asarray(take.motion.states["out"] * 0.12)


def knob(take: Take) -> NDArray[np.float64]:
    """How far the knob has turned since the first frame, in the sense that lets the bolt out."""
    angle = take.motion.states["knob_rad"]
    return np.asarray((angle - angle[0]) * np.sign(take.unit.turns))


def at(class_id: str, severity: float, index: int) -> Take:
    return prepare(replace(shot("lock", class_id, index), severity=(severity, severity)))


def strokes(class_id: str, index: int, severities: tuple[float, ...]) -> list[float]:
    """The share of its stroke that the bolt travels, by severity."""
    made = [at(class_id, severity, index) for severity in severities]
    return [float(np.ptp(take.motion.states["out"])) / take.unit.stroke for take in made]


def test_a_sound_bolt_follows_the_cam_in_step_with_the_knob() -> None:
    for take in takes("lock", "normal", 24):
        carried = take.motion.parameters["cam_lead_m_rad"] * knob(take)
        moved = out_m(take) - out_m(take)[0]
        # The cam gives by a fraction of a millimetre; the stroke is twenty.
        np.testing.assert_allclose(moved, carried, atol=3e-4)


def test_a_sound_bolt_comes_out_to_its_full_length_and_goes_fully_back() -> None:
    for take in takes("lock", "normal", 24):
        found = take.motion.states["out"]
        assert found.max() > 0.9 * take.unit.stroke
        assert found.min() < 0.02 * take.unit.stroke


def test_the_bolt_never_leaves_the_way_between_its_stops() -> None:
    for class_id in ("normal", "jam", "structure_detached"):
        for take in takes("lock", class_id, 10):
            found = take.motion.states["out"]
            assert found.min() >= 0
            assert found.max() <= take.unit.stroke


def test_a_bolt_that_meets_its_stop_has_no_speed_there_and_does_not_bounce() -> None:
    unit = prepare(shot("lock", "normal", 0)).unit
    full, end = 5.0, unit.stroke * 0.12
    # The program goes on past the stop, and the cam presses the bolt against it.
    program = Program([0.0, 0.5, 1.5, 2.0], [0.0, 1.4 * full, 1.4 * full, 0.0])
    times = np.arange(960) / 960
    for slip in (None, 200.0):
        path = _turn(unit, times, program, 20.0, end / full, 4.0, slip, 0.0)
        out, speed = path[:, 2], path[:, 3]
        met = int(np.argmax(out >= end - 1e-9))
        assert speed[met - 5 : met].min() > 0.01
        assert not speed[out >= end].any()
        # The cam presses, until the motor that has wound it up swings back.
        assert (out[met : met + 30] == end).all()


def test_a_jammed_bolt_stands_and_the_knob_strains_only_by_what_the_cam_gives() -> None:
    for take in takes("lock", "jam", 24):
        assert np.ptp(out_m(take)) < 4e-4
        found = take.motion.parameters
        # Once to either side, and it rebounds from that.
        gives = found["stall_torque_n_m"] / found["cam_lead_m_rad"] ** 2 / 1.6e5
        assert np.ptp(knob(take)) < 3.2 * gives
        assert np.ptp(knob(take)) < np.deg2rad(20)


def test_a_jam_needs_more_friction_than_the_motor_pushes_against() -> None:
    for take in takes("lock", "jam", 10):
        found = take.motion.parameters
        pushes = found["stall_torque_n_m"] / found["cam_lead_m_rad"]
        assert found["guide_friction_n"] > 1.1 * pushes
    for take in takes("lock", "normal", 10):
        found = take.motion.parameters
        assert found["guide_friction_n"] < 0.1 * found["stall_torque_n_m"] / found["cam_lead_m_rad"]


def test_the_knob_of_a_detached_lock_turns_as_ever_and_the_bolt_stands() -> None:
    for take in takes("lock", "structure_detached", 24):
        assert np.ptp(out_m(take)) < 1e-4
        assert np.ptp(knob(take)) > 0.9 * 2 * np.pi * abs(take.unit.turns) * 0.93


def test_the_more_friction_in_the_guide_the_shorter_the_stroke() -> None:
    for index in range(3):
        found = strokes("jam", index, (0.0, 0.15, 0.3, 0.5))
        assert found[0] > 0.85
        assert all(a > b + 0.05 for a, b in pairwise(found))
        assert found[-1] < 0.02


def test_the_looser_the_cam_the_shorter_the_stroke() -> None:
    for index in range(3):
        found = strokes("structure_detached", index, (0.0, 0.15, 0.3, 0.5))
        assert found[0] > 0.8
        assert all(a > b + 0.05 for a, b in pairwise(found))
        assert found[-1] < 0.01


def test_the_motor_never_runs_faster_than_idle() -> None:
    for take in takes("lock", "structure_detached", 5):
        fastest = np.abs(np.diff(knob(take))).max() * 30
        assert fastest < take.motion.parameters["idle_rate_rad_s"]


def test_the_knobs_mark_can_be_followed_through_eight_frames() -> None:
    for take in takes("lock", "normal", 24):
        assert np.abs(np.diff(knob(take)[SAMPLED])).max() < np.deg2rad(125)


@pytest.mark.parametrize("class_id", ["jam", "structure_detached"])
def test_faulty_bolts_stand_where_sound_ones_pass_as_often(class_id: str) -> None:
    def places(name: str) -> NDArray[np.float64]:
        made = takes("lock", name, 100)
        return np.sort([take.motion.states["out"][30] / take.unit.stroke for take in made])

    # Kolmogorov and Smirnov: 1.63 √(2/100) = 0.23 is passed by chance once in a hundred times.
    sound, faulty = places("normal"), places(class_id)
    at_all = np.concatenate([sound, faulty])
    gap = np.searchsorted(sound, at_all, "right") - np.searchsorted(faulty, at_all, "right")
    assert np.abs(gap).max() / 100 < 0.23


def test_long_clips_and_clips_of_two_frames_work_as_well() -> None:
    for class_id in ("normal", "jam", "structure_detached"):
        one = shot("lock", class_id, 3)
        long = prepare(replace(one, frames=240, fps=60))
        assert out_m(long).shape == (240,)
        assert np.isfinite(knob(long)).all()
        assert out_m(prepare(replace(one, frames=2))).shape == (2,)
    long = prepare(replace(shot("lock", "normal", 3), frames=240, fps=60))
    assert np.ptp(long.motion.states["out"]) > 0.9 * long.unit.stroke
