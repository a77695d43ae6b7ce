from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from physprior.errors import VideoError
from physprior.video.sample import Sampling, frame_indices

SAMPLINGS = st.one_of(
    st.builds(Sampling, frames=st.integers(1, 32)),
    st.builds(
        Sampling,
        kind=st.just("window"),
        frames=st.integers(1, 32),
        window_seconds=st.floats(0.01, 20),
    ),
    st.builds(Sampling, kind=st.just("burst"), frames=st.integers(1, 32), stride=st.integers(1, 9)),
)


def test_uniform_takes_the_midpoints_of_equal_segments() -> None:
    assert frame_indices(60, 60, Sampling(frames=4)).tolist() == [7, 22, 37, 52]


def test_uniform_of_as_many_frames_as_the_clip_has_is_every_frame() -> None:
    assert frame_indices(8, 30, Sampling(frames=8)).tolist() == list(range(8))


def test_a_window_is_sampled_in_the_middle_of_the_clip() -> None:
    window = Sampling(kind="window", frames=3, window_seconds=0.1)
    assert frame_indices(100, 60, window).tolist() == [48, 50, 52]


def test_a_window_longer_than_the_clip_is_the_whole_clip() -> None:
    window = Sampling(kind="window", frames=8, window_seconds=10)
    assert np.array_equal(frame_indices(60, 60, window), frame_indices(60, 60, Sampling()))


def test_a_burst_takes_neighbours_around_the_centre() -> None:
    assert frame_indices(11, 30, Sampling(kind="burst", frames=3)).tolist() == [4, 5, 6]


def test_a_bursts_stride_spreads_its_frames() -> None:
    burst = Sampling(kind="burst", frames=3, stride=2)
    assert frame_indices(11, 30, burst).tolist() == [3, 5, 7]


@given(n_frames=st.integers(1, 600), fps=st.floats(1, 240), sampling=SAMPLINGS)
def test_frames_are_new_rising_and_inside_the_clip_or_refused(
    n_frames: int, fps: float, sampling: Sampling
) -> None:
    try:
        indices = frame_indices(n_frames, fps, sampling)
    except VideoError:
        return
    assert indices.dtype == np.int64
    assert indices.shape == (sampling.frames,)
    assert (np.diff(indices) > 0).all()
    assert indices[0] >= 0
    assert indices[-1] < n_frames


@given(n_frames=st.integers(8, 600))
def test_uniform_is_never_refused_to_a_clip_that_is_long_enough(n_frames: int) -> None:
    indices = frame_indices(n_frames, 30, Sampling(frames=8))
    assert abs(indices[0] - (n_frames - 1 - indices[-1])) <= 1


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        (Sampling(frames=8), "the clip has 7 frame"),
        (Sampling(kind="burst", frames=4, stride=3), "spans 10"),
        (Sampling(kind="window", frames=4, window_seconds=0.1), "the window of 0.1 s"),
        (Sampling(kind="window", frames=8, window_seconds=9), "the clip has 7 frame"),
    ],
)
def test_too_few_frames_are_refused_with_a_remedy(sampling: Sampling, words: str) -> None:
    with pytest.raises(VideoError, match=words) as caught:
        frame_indices(7, 30, sampling)
    assert caught.value.remedy


@pytest.mark.parametrize("fps", [0.0, float("nan"), float("inf")])
def test_a_window_needs_a_frame_rate(fps: float) -> None:
    with pytest.raises(VideoError, match="frame rate"):
        frame_indices(60, fps, Sampling(kind="window", window_seconds=1))


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "window"},
        {"kind": "uniform", "window_seconds": 1.0},
        {"kind": "window", "window_seconds": 0.0},
        {"kind": "window", "window_seconds": 1.0, "stride": 2},
        {"stride": 2},
        {"kind": "burst", "stride": 0},
        {"frames": 0},
        {"kind": "random"},
        {"fps": 8},
    ],
)
def test_a_setting_that_is_missing_or_without_effect_is_refused(
    settings: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        Sampling.model_validate(settings)
