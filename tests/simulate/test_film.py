"""From states to frames: frames by number, a camera that trembles, a severity that is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot

from physprior.simulate.film import paint, prepare
from physprior.simulate.setting import Jitter


def test_frames_that_are_asked_for_are_those_of_the_whole_video() -> None:
    one = shot("slide", "ball_drop", 3)
    take = prepare(one)
    whole = np.stack(list(paint(one, take)))
    np.testing.assert_array_equal(np.stack(list(paint(one, take, SAMPLED))), whole[SAMPLED])


def still(amplitude: float) -> np.ndarray:
    """A fan that stands, before a camera of this jitter and without noise."""
    one = replace(shot("fan", "stuck", 2, severity=(1.0, 1.0)), size=192)
    take = prepare(one)
    jitter = replace(take.setting.jitter, amplitude=amplitude)
    setting = replace(take.setting, noise=0.0, jitter=jitter)
    return np.stack(list(paint(one, replace(take, setting=setting), np.arange(50, 60))))


def test_a_camera_without_jitter_sees_what_stands_still_stand_still() -> None:
    frames = still(0.0)
    assert (frames == frames[0]).all()


def test_a_trembling_camera_moves_all_that_it_sees_by_the_jitter_and_no_more() -> None:
    firm, shaken = still(0.0).astype(int), still(0.005).astype(int)
    assert (shaken[0] != shaken[-1]).any()
    # Each pixel lies between the least and the greatest of its neighbours within 2 pixels.
    padded = np.pad(firm[0], ((2, 2), (2, 2), (0, 0)), mode="edge")
    near = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(0, 1))
    assert (shaken >= near.min(axis=(-1, -2)) - 1).all()
    assert (shaken <= near.max(axis=(-1, -2)) + 1).all()


def test_the_jitter_stays_within_twice_its_amplitude() -> None:
    rng = np.random.default_rng(0)
    jitter = Jitter(0.005, tuple(rng.uniform(5, 30, 6)), tuple(rng.uniform(0, 6, 6)))
    offsets = jitter.offsets(np.arange(240) / 60)
    assert offsets.shape == (240, 2)
    assert offsets.min() >= 0
    assert 0.005 < offsets.max() <= 0.01


@pytest.mark.parametrize("span", [(0.0, 0.0), (0.2, 0.3), (1.0, 1.0)])
def test_severities_are_drawn_from_the_range_that_is_asked_for(span: tuple[float, float]) -> None:
    faults = [prepare(shot("fan", "uneven", k, severity=span)).fault for k in range(12)]
    drawn = [fault.severity for fault in faults if fault]
    assert len(drawn) == 12
    assert span[0] <= min(drawn) <= max(drawn) <= span[1]
    assert len(set(drawn)) == (1 if span[0] == span[1] else 12)


def test_the_same_video_at_another_severity_differs_in_nothing_else() -> None:
    slight, gross = (prepare(shot("ball", "leak", 5, severity=(s, s))) for s in (0.1, 0.9))
    assert slight.fault
    assert gross.fault
    assert slight.setting == gross.setting
    assert slight.fault.onset_s == gross.fault.onset_s
    assert slight.motion.parameters["press_n"] == gross.motion.parameters["press_n"]
