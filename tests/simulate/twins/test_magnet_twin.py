"""The magnet takes its counterpart along, or does not; each test is one sentence of physics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from physprior.simulate.film import Take, paint, prepare
from physprior.simulate.looks.magnet import DEPTH
from physprior.simulate.mechanics import Program
from physprior.simulate.twins import magnet as twin

CLASSES = ("normal", "degaussing", "drop")
PLAY = 0.002 / 0.30


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def graded(class_id: str, severity: float, count: int = 6) -> list[Take]:
    return [
        prepare(replace(shot("magnet", class_id, k), severity=(severity, severity)))
        for k in range(count)
    ]


def gone_along(take: Take) -> float:
    """How far the counterpart has come for each length that the magnet has gone."""
    return float(
        np.abs(np.diff(state(take, "iron_x"))).sum() / np.abs(np.diff(state(take, "x"))).sum()
    )


def test_a_sound_magnet_takes_its_counterpart_along_all_the_way() -> None:
    for take in takes("magnet", "normal", 12):
        assert np.ptp(state(take, "iron_x")) > 0.08
        assert np.ptp(state(take, "iron_x") - state(take, "x")) < 0.015


def test_the_magnet_is_lifted_in_every_video_and_the_counterpart_stays_in_its_guide() -> None:
    for class_id in CLASSES:
        for take in takes("magnet", class_id, 6):
            assert state(take, "height").max() > 0.1
            assert state(take, "iron_y").min() >= 0
            assert state(take, "iron_y").max() <= PLAY + 1e-9


def test_core_and_counterpart_are_never_inside_one_another() -> None:
    for class_id in CLASSES:
        for take in takes("magnet", class_id, 6):
            assert (state(take, "core") >= state(take, "iron_y") - 1e-9).all()
            assert (state(take, "height") >= state(take, "core") - 1e-9).all()


def test_the_counterpart_snaps_up_against_a_sound_core_that_is_near() -> None:
    hops = [state(take, "iron_y").max() for take in takes("magnet", "normal", 12)]
    assert np.mean(np.array(hops) > PLAY / 2) > 0.4
    for take in takes("magnet", "normal", 12):
        height = state(take, "height")
        clings = (height > 0) & (height < PLAY) & (np.diff(height, prepend=height[0]) > 0)
        assert (state(take, "iron_y")[clings] > 0.2 * height[clings]).all()


def test_the_counterpart_of_a_weak_magnet_lies_where_it_lay() -> None:
    for take in takes("magnet", "degaussing", 12):
        assert np.ptp(state(take, "iron_x")) < 1e-3
        assert np.ptp(state(take, "x")[SAMPLED]) > 0.08


def test_the_weaker_the_magnet_the_less_its_counterpart_follows() -> None:
    sound, slight, middle, clear = (
        np.array([gone_along(take) for take in group])
        for group in (
            takes("magnet", "normal", 8),
            graded("degaussing", 0.0),
            graded("degaussing", 0.25),
            graded("degaussing", 0.5),
        )
    )
    assert sound.min() > 0.97
    assert 0.8 < slight.mean() < 0.99
    assert middle.mean() < slight.mean() - 0.05
    assert clear.max() < 0.01
    pulls = [graded("degaussing", one, 1)[0].motion.parameters["pull_n"] for one in (0.0, 0.5, 1.0)]
    assert pulls == sorted(pulls, reverse=True)
    assert takes("magnet", "normal", 1)[0].motion.parameters["pull_n"] > 2 * pulls[0]


def driven(pull_n: float, height_m: float) -> NDArray[np.float64]:
    """Places of the magnet and of the bar (m) as the servo goes along at 0.1 m/s; half a second."""
    across, height = Program([0.0, 4.0], [0.0, 0.4], 1.0), Program([0.0, 4.0], [height_m] * 2)
    video = twin._Video(across, height, pull_n, 0.3, np.inf, 0.0, 0.0)
    return twin._integrate(video, np.arange(31) / 60, 0.0, 0.0)[:, [0, 2]]


def test_the_bar_holds_the_gripper_back_as_strongly_as_the_gripper_draws_it() -> None:
    alone, along = driven(43.0, 0.05)[-1], driven(43.0, -0.006)[-1]
    friction = twin._GUIDE_1 * (twin._PRESS_N + 0.3 * twin._GRAVITY_M_S2)
    assert (alone[0] - along[0]) * twin._SERVO.stiffness == pytest.approx(friction, rel=0.05)


def test_the_pull_falls_to_an_eighth_at_twice_the_distance_from_the_pole() -> None:
    still = Program([0.0, 1.0], [0.0, 0.0])
    video = twin._Video(still, still, 40.0, 0.3, np.inf, 0.0, 0.0)
    assert video.pull_at(0.0) == 40.0
    assert video.pull_at(twin._REACH_M) == pytest.approx(5.0)


def test_a_bar_that_is_drawn_up_to_its_stop_rubs_there_and_stands() -> None:
    assert np.ptp(driven(43.0, 0.0028)[:, 1]) < 1e-9


def test_one_frame_shows_magnet_and_counterpart_apart_as_often_in_either_class() -> None:
    # Where each lies, and how they lie to each other, have one law: only time tells.
    seen = {}
    for class_id in ("normal", "degaussing"):
        some = takes("magnet", class_id, 80)
        x, iron = (np.array([state(take, name)[30] for take in some]) for name in ("x", "iron_x"))
        seen[class_id] = (x, iron, iron - x, iron + x)
    for sound, weak in zip(seen["normal"], seen["degaussing"], strict=True):
        assert ks_2samp(sound, weak).pvalue > 0.01


def test_the_core_is_seated_until_the_onset_and_then_comes_out() -> None:
    for take in takes("magnet", "drop", 12):
        assert take.fault is not None
        before = np.arange(60) / 30 < take.fault.onset_s
        slip = state(take, "height") - state(take, "core")
        assert np.abs(slip[before]).max() < 1e-9
        assert slip[-1] >= DEPTH - 1e-6
        np.testing.assert_allclose(state(take, "core")[-1], state(take, "iron_y")[-1], atol=1e-3)


def test_a_shell_without_its_core_leaves_the_counterpart_behind() -> None:
    for take in takes("magnet", "drop", 12):
        out = np.flatnonzero(state(take, "height") - state(take, "core") >= DEPTH - 1e-6)
        assert np.ptp(state(take, "iron_x")[out]) < 1e-3


def test_a_core_that_is_out_falls_no_faster_than_gravity_and_its_pull_allow() -> None:
    # Its energy is that of its fall and of the work of a pull that falls with the gap's cube.
    for take in takes("magnet", "drop", 12):
        fall = -np.diff(state(take, "core")) * 0.30 * 30
        work = take.motion.parameters["pull_n"] * 0.003 / 2 / 0.15
        assert fall.max() < np.sqrt(2 * (9.81 * 0.045 + work)) + 0.6


def test_severity_grades_how_far_the_core_slips_from_its_shell() -> None:
    slips = []
    for severity in (0.0, 0.25, 0.5, 1.0):
        some = graded("drop", severity)
        slips.append(np.mean([(state(t, "height") - state(t, "core")).max() for t in some]))
    assert 0 < slips[0] <= 0.2 * DEPTH + 1e-6
    assert slips[0] < slips[1] < DEPTH <= slips[2] <= slips[3] + 1e-9
    askew = [
        np.mean([np.abs(state(t, "x") - state(t, "core_x"))[-1] for t in graded("drop", one)])
        for one in (0.0, 0.5, 1.0)
    ]
    assert askew[0] < 1e-9 < askew[1] < askew[2]


@pytest.mark.parametrize(("frames", "fps"), [(2, 30), (60, 60), (240, 60)])
@pytest.mark.parametrize("class_id", CLASSES)
def test_any_clip_can_be_filmed(class_id: str, frames: int, fps: int) -> None:
    one = replace(shot("magnet", class_id, 1), frames=frames, fps=fps)
    take = prepare(one)
    assert all(len(v) == frames and np.isfinite(v).all() for v in take.motion.states.values())
    assert frames == 2 or (gone_along(take) < 0.01) == (class_id == "degaussing")
    if frames < 100:
        assert len(list(paint(one, take))) == frames
