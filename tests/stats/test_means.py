from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy import stats

from physprior.stats.detection import macro_estimate
from physprior.stats.estimate import Estimate
from physprior.stats.means import mean_estimate

SPREAD = [0.31, 0.45, 0.52, 0.48, 0.66, 0.59, 0.41, 0.5, 0.38, 0.62, 0.55, 0.47]


def ends(found: Estimate) -> tuple[float, float]:
    assert found.interval is not None
    return found.interval.low, found.interval.high


def test_in_the_middle_it_is_students_interval() -> None:
    marks = [0.1, 0.9, 0.3, 0.7, 0.5] * 20

    found = mean_estimate(marks)

    error = float(np.std(marks, ddof=1)) / math.sqrt(100)
    expected = stats.t.interval(0.95, 99, 0.5, error)
    assert (found.value, found.n) == (pytest.approx(0.5), 100)
    assert ends(found) == pytest.approx(expected, abs=1e-3)
    assert found.interval is not None
    assert found.interval.method == "Student's t"


def test_no_end_is_nearer_than_on_the_scale_itself_or_on_its_logit() -> None:
    marks = [1.0] * 12 + [0.25, 0.0, 0.0]

    low, high = ends(mean_estimate(marks))

    mean, error = np.mean(marks), np.std(marks, ddof=1) / math.sqrt(15)
    half = stats.t.ppf(0.975, 14) * error
    on_logit = stats.logistic.cdf(
        np.log(mean / (1 - mean)) + np.array([-1, 1]) * half / (mean * (1 - mean))
    )
    assert low == pytest.approx(min(mean - half, on_logit[0]))
    assert high == pytest.approx(1.0)


def test_it_covers_the_true_mean_where_few_low_marks_stand_among_full_ones() -> None:
    draws = random.Random(0)
    covered = 0
    for _ in range(400):
        marks = [0.0 if draws.random() < 0.08 else 1.0 for _ in range(15)]
        low, high = ends(mean_estimate(marks))
        covered += low <= 0.92 <= high
    assert covered >= 370  # of 380 expected; the plain interval's ends are alike in 29 % of draws


def test_nothing_has_no_mean() -> None:
    assert mean_estimate([]) == Estimate(None, 0)


def test_one_score_has_no_interval() -> None:
    assert mean_estimate([0.8]) == Estimate(0.8, 1, None)


def test_scores_that_are_all_alike_do_not_look_sure() -> None:
    found = mean_estimate([0.5] * 15)

    share = 0.05 ** (1 / 15)
    assert found.value == 0.5
    assert ends(found) == pytest.approx((share * 0.5, share * 0.5 + 1 - share))


def test_scores_that_are_all_but_alike_look_no_surer_than_alike_ones() -> None:
    alike, nearly = mean_estimate([0.5] * 30), mean_estimate([0.5] * 29 + [0.5001])

    assert ends(nearly) == pytest.approx(ends(alike), abs=1e-4)


def test_alike_at_an_end_leaves_that_end() -> None:
    assert ends(mean_estimate([1.0] * 20)) == pytest.approx((0.05 ** (1 / 20), 1.0))
    assert ends(mean_estimate([0.0] * 20)) == pytest.approx((0.0, 1 - 0.05 ** (1 / 20)))


def test_scores_below_0_open_the_range_to_minus_1() -> None:
    low, high = ends(mean_estimate([-0.2, -0.2]))

    share = 0.05**0.5
    assert (low, high) == pytest.approx((-0.2 * share - (1 - share), -0.2 * share + 1 - share))


def test_the_interval_holds_the_mean_and_stays_in_range() -> None:
    draws = random.Random(1)
    for _ in range(300):
        marks = [
            draws.choice([0, 1, 0.125, 1e-9, draws.random()]) for _ in range(draws.randint(2, 9))
        ]
        found = mean_estimate(marks)
        low, high = ends(found)
        assert found.value is not None
        assert 0 <= low <= found.value <= high <= 1


def test_an_average_over_categories_holds_its_value_though_one_lone_score_is_below_0() -> None:
    found = macro_estimate([mean_estimate([-0.2]), mean_estimate([-0.05, 0.0, 0.02, 0.03] * 9)])

    low, high = ends(found)
    assert found.value is not None
    assert low < found.value < high


def test_videos_of_one_object_count_as_one_draw() -> None:
    objects = [f"object {number}" for number in range(12) for _ in range(5)]
    marks = [mark for mark in SPREAD for _ in range(5)]

    clustered, alone = mean_estimate(marks, objects), mean_estimate(SPREAD)

    assert clustered.interval is not None
    assert clustered.interval.method.startswith("Student's t, by instance")
    assert clustered.n == 60
    assert ends(clustered) == pytest.approx(ends(alone))


def test_of_objects_that_lie_far_apart_students_interval_is_that_of_so_many_objects() -> None:
    marks = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.1, 0.9, 0.2, 0.8]
    objects = [f"object {number}" for number in range(10) for _ in range(30)]

    found = mean_estimate([mark for mark in marks for _ in range(30)], objects)

    low, high = stats.t.interval(0.95, 9, 0.5, float(np.std(marks, ddof=1)) / math.sqrt(10))
    assert ends(found) == pytest.approx((low, high), abs=5e-3)
    assert found.interval is not None
    assert found.interval.method == "Student's t, by instance"


@pytest.mark.parametrize(
    "objects",
    [["a", "b", "c"] * 4, [*"abcdefghijk", ""]],
    ids=["fewer than ten", "one unknown"],
)
def test_objects_that_cannot_be_used_change_nothing(objects: list[str]) -> None:
    assert mean_estimate(SPREAD, objects) == mean_estimate(SPREAD)


def test_objects_that_are_each_like_the_whole_leave_the_videos_spread() -> None:
    objects = [f"object {number}" for number in range(10) for _ in range(2)]

    by_object, by_video = mean_estimate([0, 1] * 10, objects), mean_estimate([0, 1] * 10)

    assert ends(by_object) == ends(by_video)


def test_alike_scores_of_few_objects_are_less_sure_than_of_many_videos() -> None:
    objects = [f"object {number}" for number in range(10) for _ in range(3)]

    low, _ = ends(mean_estimate([1.0] * 30, objects))

    assert low == pytest.approx(0.05 ** (1 / 10))


@pytest.mark.parametrize("score", [1.0001, -1.5, math.nan, math.inf])
def test_what_is_no_score_is_refused_with_its_place(score: float) -> None:
    with pytest.raises(ValueError, match="score 1 is"):
        mean_estimate([0.5, score])


def test_clusters_must_be_as_many_as_scores() -> None:
    with pytest.raises(ValueError, match="2 scores, but 1 clusters"):
        mean_estimate([0.5, 0.6], ["a"])
