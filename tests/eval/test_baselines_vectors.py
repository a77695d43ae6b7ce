"""How far a video lies from the normal ones: cases that can be reckoned by hand, and properties."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from physprior.eval.baselines.vectors import (
    appearance,
    deviation,
    motion_energy,
    motion_steps,
    nearest_normal,
    score_videos,
)

NUMBERS = st.floats(-100, 100, width=32)
TABLES = st.integers(1, 5).flatmap(
    lambda columns: st.tuples(
        *(
            st.integers(1, 6).flatmap(
                lambda rows: arrays(np.float64, (rows, columns), elements=NUMBERS)
            )
            for _ in range(2)
        )
    )
)
DISTANCES = pytest.mark.parametrize("distance", [nearest_normal, deviation])


def named(table: NDArray[np.float64], letter: str) -> dict[str, NDArray[np.float64]]:
    return {f"{letter}{number}": row for number, row in enumerate(table)}


# Vectors


def test_appearance_is_the_mean_of_each_frame_s_patches_without_the_first_token() -> None:
    features = np.array([[[99, 99], [1, 2], [3, 6]], [[99, 99], [5, 5], [7, 5]]], dtype=np.float16)
    assert appearance(features).tolist() == [2, 4, 6, 5]


def test_appearance_does_not_overflow_what_it_is_kept_in() -> None:
    assert appearance(np.full((1, 300, 1), 60_000, dtype=np.float16)).tolist() == [
        float(np.float16(60_000))
    ]


def test_motion_is_the_mean_difference_of_neighbours_either_way() -> None:
    frames = np.zeros((3, 3, 2, 2), dtype=np.uint8)
    frames[1] = 200  # From 0 to 200, and then down again to 0 in all but one channel.
    frames[2, 0] = 200
    assert motion_steps(frames).tolist() == [200, pytest.approx(200 * 2 / 3)]
    assert motion_energy(frames).tolist() == [pytest.approx((200 + 400 / 3) / 2)]


def test_what_stands_still_has_no_motion() -> None:
    frames = np.full((4, 3, 2, 2), 77, dtype=np.uint8)
    assert motion_steps(frames).tolist() == [0, 0, 0]


# Distances


def test_the_nearest_normal_video_counts_in_spreads_of_each_dimension() -> None:
    # Spreads 1 and 10 around (1, 10): the video is 1 and 2 of them off (2, 20).
    normals = np.array([[0.0, 0.0], [2.0, 20.0]])
    assert nearest_normal(normals, np.array([[3.0, 40.0]])).tolist() == [
        pytest.approx(((1 + 4) / 2) ** 0.5)
    ]


def test_each_video_has_its_own_nearest() -> None:
    normals = np.array([[-1.0], [1.0]])
    videos = np.array([[-4.0], [-1.0], [0.75], [3.0]])
    assert nearest_normal(normals, videos).tolist() == [3, 0, 0.25, 2]


def test_a_dimension_that_hardly_varies_does_not_outvote_the_others() -> None:
    normals = np.array([[-1.0, 1e-9], [1.0, -1e-9]])
    (score,) = nearest_normal(normals, np.array([[1.0, 0.01]]))
    # Its spread is a hundredth of the mean one, 0.005, and not 1e-9.
    assert score == pytest.approx(0.01 / 0.005 / 2**0.5, rel=1e-6)


def test_deviation_is_two_sided() -> None:
    normals = np.array([[8.0], [12.0]])
    assert deviation(normals, np.array([[6.0], [10.0], [14.0]])).tolist() == [2, 0, 2]


@DISTANCES
def test_normal_videos_that_are_alike_have_no_scale(
    distance: Callable[..., NDArray[np.float64]],
) -> None:
    alike = np.full((3, 1), 5.0)
    assert distance(alike, np.array([[5.0], [7.0]])).tolist() == [0, 2]
    assert distance(alike[:1], np.array([[5.0], [7.0]])).tolist() == [0, 2]


@given(TABLES)
def test_a_video_that_equals_a_normal_one_scores_0(
    tables: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    normals, _ = tables
    assert nearest_normal(normals, normals).tolist() == [0] * len(normals)


@given(TABLES)
def test_the_nearest_is_the_least_of_all_distances(
    tables: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    normals, videos = tables
    spread = normals.std(axis=0)
    spread = np.maximum(spread, 0.01 * spread.mean()) if spread.any() else np.ones_like(spread)
    each = [
        min(np.sqrt((((video - normal) / spread) ** 2).mean()) for normal in normals)
        for video in videos
    ]
    assert nearest_normal(normals, videos) == pytest.approx(each, rel=1e-9, abs=1e-12)


# Keys


@DISTANCES
@given(tables=TABLES, seed=st.randoms(use_true_random=False))
def test_the_order_of_records_changes_no_bit(
    distance: Callable[..., NDArray[np.float64]],
    tables: tuple[NDArray[np.float64], NDArray[np.float64]],
    seed: object,
) -> None:
    normals, videos = named(tables[0], "n"), named(tables[1], "v")
    mixed = [[*normals], [*videos]]
    for names in mixed:
        seed.shuffle(names)  # type: ignore[attr-defined]
    again = score_videos(
        {name: normals[name] for name in mixed[0]},
        {name: videos[name] for name in mixed[1]},
        distance,
    )
    assert again == score_videos(normals, videos, distance)


@DISTANCES
@given(tables=TABLES)
def test_a_video_less_changes_no_other_score(
    distance: Callable[..., NDArray[np.float64]],
    tables: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    normals, videos = named(tables[0], "n"), named(tables[1], "v")
    whole = score_videos(normals, videos, distance)
    for dropped in videos:
        rest = {name: row for name, row in videos.items() if name != dropped}
        kept = {name: score for name, score in whole.items() if name != dropped}
        assert score_videos(normals, rest, distance) == kept


@DISTANCES
def test_without_a_normal_video_there_is_no_score(
    distance: Callable[..., NDArray[np.float64]],
) -> None:
    assert score_videos({}, {"v": np.array([1.0])}, distance) == {}
