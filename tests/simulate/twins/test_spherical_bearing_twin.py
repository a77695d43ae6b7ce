"""The spherical plain bearing: its inner ring follows the gripper, or both rings are one piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.twins import spherical_bearing as twin

CATEGORY = "spherical_bearing"


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def swept(take: Take) -> float:
    """How far the inner ring leans over and turns in the clip, of what the gripper wants of it."""
    lean = np.ptp(state(take, "lean_rad"), axis=0).max() / take.motion.parameters["lean_wish_rad"]
    turn = np.ptp(state(take, "ring_rad")) / take.motion.parameters["turn_wish_rad"]
    return float(lean + turn) / 4


def jammed(severity: float, index: int) -> Take:
    return prepare(replace(shot(CATEGORY, "jam", index), severity=(severity, severity)))


def settled(friction: float, wish: float) -> float:
    """Where a lean comes to rest that begins upright, when the gripper has long wanted ``wish``."""
    wishes = [(0.0, 0.0, 0.0)] * 150 + [(wish, 0.0, 0.0)] * 2000
    return float(twin._swivel(np.arange(60) / 30, wishes, friction)[-1, 0])


def test_a_sound_inner_ring_leans_and_turns_through_the_range_the_gripper_wants() -> None:
    for take in takes(CATEGORY, "normal", 24):
        assert 0.6 < swept(take) < 1.02
        assert np.ptp(state(take, "lean_rad"), axis=0).min() > 0.15


def test_a_sound_outer_ring_stays_behind() -> None:
    # Its friction turns the outer ring in the bush, one way and the other: a third of a degree.
    given = 2 * twin._SOUND_N_M / twin._BUSH_TURN_N_M_RAD
    assert given < 0.006
    for take in takes(CATEGORY, "normal", 12):
        assert np.ptp(state(take, "shell_rad")) < given + 0.001


@pytest.mark.parametrize("class_id", ["normal", "jam"])
def test_the_gripper_never_turns_without_the_ring_that_it_holds(class_id: str) -> None:
    for take in takes(CATEGORY, class_id, 6):
        apart = state(take, "gripper_rad") - state(take, "ring_rad")
        assert np.ptp(apart) < 1e-9


def test_a_jammed_ring_only_sways_in_the_bush_although_the_gripper_wants_it_elsewhere() -> None:
    for take in takes(CATEGORY, "jam", 24):
        assert np.ptp(state(take, "lean_rad"), axis=0).max() < 0.045
        assert np.ptp(state(take, "ring_rad")) < 0.14
        assert swept(take) < 0.15


def test_both_rings_of_a_jammed_bearing_move_as_one_piece() -> None:
    moved = []
    for take in takes(CATEGORY, "jam", 12):
        inner, outer = np.diff(state(take, "ring_rad")), np.diff(state(take, "shell_rad"))
        np.testing.assert_allclose(inner, outer, atol=1e-9)
        moved.append(np.ptp(state(take, "shell_rad")))
    assert np.median(moved) > 0.08


def test_jammed_rings_stand_wherever_sound_ones_pass() -> None:
    from scipy.stats import ks_2samp

    sound, faulty = (takes(CATEGORY, class_id, 90) for class_id in ("normal", "jam"))
    for frame in (0, 59):
        for name, pick in (("lean_rad", 0), ("lean_rad", 1), ("gripper_rad", None)):
            a, b = (
                [state(take, name)[frame, ...][pick if pick is not None else ()] for take in many]
                for many in (sound, faulty)
            )
            assert ks_2samp(a, b).pvalue > 0.005


def test_the_ring_rests_no_farther_from_the_wish_than_friction_can_hold_it() -> None:
    for friction in (0.05, 0.4, 1.2):
        left = 0.3 - settled(friction, 0.3)
        assert 0 <= left <= 1.02 * friction / twin._LEAN_N_M_RAD
    # What the wish cannot overcome does not move, but for the bush, which gives in proportion.
    given = settled(9.0, 0.3)
    assert given == pytest.approx(0.3 * 5 / (5 + twin._BUSH_LEAN_N_M_RAD), rel=0.02)


def test_friction_is_the_same_in_every_direction() -> None:
    for bearing in (0.0, 0.7, 2.0):
        x, y = 0.3 * np.cos(bearing), 0.3 * np.sin(bearing)
        wishes = [(0.0, 0.0, 0.0)] * 150 + [(float(x), float(y), 0.0)] * 2000
        end = twin._swivel(np.arange(60) / 30, wishes, 0.6)[-1, :2]
        assert np.hypot(*end) == pytest.approx(settled(0.6, 0.3), rel=1e-3)


def test_severity_grades_from_a_slight_loss_of_way_to_none_at_all() -> None:
    slight, some, clear, gross = (
        np.mean([swept(jammed(severity, index)) for index in range(8)])
        for severity in (0.0, 0.25, 0.5, 1.0)
    )
    assert 0.7 < slight < 0.97
    assert clear < 0.5 * some < 0.4 * slight
    assert gross == pytest.approx(clear, abs=0.01)


def test_a_jam_holds_more_than_the_gripper_can_exert() -> None:
    for take in takes(CATEGORY, "jam", 12):
        parameters = take.motion.parameters
        assert parameters["friction_n_m"] > parameters["gripper_limit_n_m"]
    sound = takes(CATEGORY, "normal", 1)[0].motion.parameters
    assert sound["friction_n_m"] < 0.05 * sound["gripper_limit_n_m"]


def test_the_face_never_leaves_the_opening_of_the_outer_ring() -> None:
    for take in takes(CATEGORY, "normal", 24):
        lean = np.hypot(*state(take, "lean_rad").T).max()
        edge = twin._SPHERE * np.sin(lean + np.arcsin(twin._RIM / twin._SPHERE))
        assert edge < twin._OPENING + 0.012


def test_the_eye_can_follow_the_gripper_through_eight_frames() -> None:
    for take in takes(CATEGORY, "normal", 24):
        assert np.abs(np.diff(state(take, "ring_rad")[SAMPLED])).max() < np.pi / 4
        moved = np.abs(np.diff(state(take, "lean_rad")[SAMPLED], axis=0)).max(axis=1)
        # It rests once, for a fifth of the clip at most.
        assert (moved > 0.02).sum() >= 5


@pytest.mark.parametrize(("frames", "fps"), [(2, 30), (60, 60), (240, 60)])
def test_clips_of_other_lengths_show_the_same(frames: int, fps: int) -> None:
    sound, faulty = (
        prepare(replace(shot(CATEGORY, c, 1), frames=frames, fps=fps)) for c in ("normal", "jam")
    )
    assert len(state(sound, "lean_rad")) == len(state(faulty, "ring_rad")) == frames
    assert all(np.isfinite(v).all() for v in sound.motion.states.values())
    if frames > 2:
        assert swept(faulty) < 0.15 < 0.5 < swept(sound)
