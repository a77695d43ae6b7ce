"""The clip: what a spring, a hinge and two pads with limited force can do, and what they cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, paint, prepare
from physprior.simulate.twins import clip


def angle(take: Take) -> NDArray[np.float64]:
    return take.motion.states["angle_rad"]


def gaps(take: Take) -> NDArray[np.float64]:
    """How far a pad is from its handle in every frame."""
    handle = [take.unit.contact(turned) for turned in angle(take).tolist()]
    return take.motion.states["pad"] - np.array(handle)


def graded(class_id: str, severity: float, count: int) -> list[Take]:
    shots = [shot("clip", class_id, index) for index in range(count)]
    return [prepare(replace(one, severity=(severity, severity))) for one in shots]


def test_a_sound_clip_opens_under_the_pads_and_shuts_once_they_let_go() -> None:
    for take in takes("clip", "normal", 14):
        assert angle(take).max() > 0.6 * take.unit.open_rad
        assert angle(take).min() < np.deg2rad(0.5)
        assert angle(take)[gaps(take) > 0.01].max(initial=0) < np.deg2rad(1)


def test_eight_frames_show_a_sound_clip_both_open_and_shut() -> None:
    seen = [angle(take)[SAMPLED] / take.unit.open_rad for take in takes("clip", "normal", 24)]
    assert np.mean([one.max() > 0.4 and one.min() < 0.05 for one in seen]) > 0.9


def test_pads_never_reach_into_the_handles() -> None:
    for class_id in ("normal", "unable_to_press", "unable_to_rebound"):
        assert min(gaps(take).min() for take in takes("clip", class_id, 10)) >= -1e-9


def test_pads_press_with_no_more_force_than_they_have() -> None:
    # The holder's deflection under the difference of the two pads' forces: Hooke's law. A pad that
    # arrives at speed pushes harder for a moment.
    for take in takes("clip", "unable_to_press", 14):
        most = 0.25 * take.motion.parameters["pad_limit_n"] / 1600 / 0.16
        assert np.ptp(take.motion.states["y"]) < 1.5 * most


def test_a_seized_clip_does_not_move_however_hard_it_is_pressed() -> None:
    for take in takes("clip", "unable_to_press", 14):
        assert np.ptp(angle(take)) < np.deg2rad(0.1)
        assert (gaps(take) < 2e-3).any()


def test_a_seized_clip_lies_ajar_only_between_the_pads() -> None:
    ajar = [take for take in takes("clip", "unable_to_press", 30) if angle(take).max() > 0.01]
    assert 5 < len(ajar) < 18
    assert all(gaps(take).max() < 2e-3 for take in ajar)


def test_jaws_are_ajar_as_often_and_as_far_in_seized_clips_as_in_sound_ones() -> None:
    # Over many videos the laws agree, so that no frame tells.
    chance, found, left = np.random.default_rng(3), [], []
    for take in takes("clip", "normal", 72):
        found.append(angle(take)[::6] / take.unit.open_rad)
        some = [clip._left_at(take.unit, 2.0, chance) for _ in range(6)]
        left.append(np.array(some) / take.unit.open_rad)
    sound, seized = np.concatenate(found), np.concatenate(left)
    assert np.mean(sound > 0.01) == pytest.approx(clip._STAYING, abs=0.04)
    sound, seized = sound[sound > 0.01], seized[seized > 0.01]
    assert seized.mean() == pytest.approx(sound.mean(), abs=0.06)
    assert seized.std() == pytest.approx(sound.std(), abs=0.04)


def test_a_tired_clip_stays_open_when_the_pads_have_left() -> None:
    for take in takes("clip", "unable_to_rebound", 14):
        opened = int(np.argmax(angle(take) > 0.6 * take.unit.open_rad))
        assert angle(take)[opened:].min() > 0.45 * take.unit.open_rad
        assert gaps(take).max() > 0.01


def test_the_jaws_of_a_tired_clip_rest_where_friction_outweighs_the_spring() -> None:
    # Inertia carries them a little beyond the balance, and nothing opens them again.
    checked = 0
    for take in graded("unable_to_rebound", 0.5, 24):
        law = take.motion.parameters
        rest = law["hinge_friction_n_m"] / law["spring_n_m_rad"] - 0.35
        # They creep against the hinge's drag: a third of a second after the pads they are there.
        long = np.convolve(gaps(take) > 0.01, np.ones(10))[:60] > 9.5
        long &= np.maximum.accumulate(angle(take)) > rest
        assert (np.abs(angle(take)[long] - rest) < np.deg2rad(0.5)).all()
        checked += int(long.sum())
    assert checked > 100


def test_a_tired_clip_has_lost_its_spring_and_nothing_else() -> None:
    sound, tired = takes("clip", "normal", 6), takes("clip", "unable_to_rebound", 6)
    for one, other in zip(sound, tired, strict=True):
        changed = {
            name
            for name, value in one.motion.parameters.items()
            if value != other.motion.parameters[name]
        }
        assert changed - {"period_s", "pads_stay_1"} == {"spring_n_m_rad"}


@pytest.mark.parametrize("class_id", ["unable_to_press", "unable_to_rebound"])
def test_severity_grades_how_far_the_jaws_still_move(class_id: str) -> None:
    def moved(severity: float) -> float:
        shares = [np.ptp(angle(t)) / t.unit.open_rad for t in graded(class_id, severity, 8)]
        return float(np.mean(shares))

    slight, middle, clear = moved(0.0), moved(0.3), moved(0.5)
    assert slight > middle > clear
    assert slight > 0.6


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
def test_clips_of_any_length_can_be_made(frames: int, fps: int) -> None:
    for class_id in ("normal", "unable_to_press", "unable_to_rebound"):
        one = replace(shot("clip", class_id, 3), frames=frames, fps=fps)
        take = prepare(one)
        assert all(np.isfinite(v).all() and len(v) == frames for v in take.motion.states.values())
        if frames > 100:
            assert (angle(take).max() > 0.1) or class_id == "unable_to_press"
    assert next(iter(paint(one, take))).shape == (96, 96, 3)
