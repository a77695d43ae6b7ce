from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy import stats

from physprior.stats.paired_means import compare_macro_means, compare_means


def drawn(n: int, shift: float = 0.05, seed: int = 0) -> tuple[list[float], list[float]]:
    draw = random.Random(seed)
    first = [draw.uniform(0.2, 0.7) for _ in range(n)]
    return first, [score + draw.gauss(shift, 0.08) for score in first]


def test_with_many_videos_it_is_the_paired_t_test() -> None:
    a, b = drawn(60)

    found = compare_means(a, b)

    expected = stats.ttest_rel(b, a)
    interval = expected.confidence_interval(0.95)
    assert found.method == "paired t"
    assert found.p == pytest.approx(expected.pvalue, abs=1e-12)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((interval.low, interval.high))
    assert found.difference == pytest.approx(np.mean(b) - np.mean(a))
    assert (found.a, found.b) == pytest.approx((np.mean(a), np.mean(b)))


def test_with_few_videos_it_is_wilcoxons_exact_test() -> None:
    a, b = drawn(14, seed=2)

    found = compare_means(a, b)

    assert found.method == "Wilcoxon"
    assert found.p == pytest.approx(stats.wilcoxon(b, a, method="exact").pvalue, abs=1e-12)


def test_ties_and_zeros_keep_it_exact() -> None:
    # Sizes 0.25 (twice), 0.5 (three times) and a zero, which says nothing: of all 2^5 signs,
    # ranks 1.5 1.5 4 4 4 with the signs - + + + +, sum 12, are reached or passed by 6 on each side.
    a = [0.5, 0.25, 0.25, 0.0, 0.5, 0.75]
    b = [0.25, 0.5, 0.75, 0.5, 1.0, 0.75]
    ranks = [1.5, 1.5, 4, 4, 4]
    sums = [
        sum(rank if signs >> place & 1 else -rank for place, rank in enumerate(ranks))
        for signs in range(32)
    ]

    found = compare_means(a, b)

    assert found.p == sum(abs(value) >= 12 for value in sums) / 32


def test_videos_without_a_difference_take_no_rank() -> None:
    b = [-0.25, -0.125, -0.5, 0.375, -0.0625, 0.0, 0.0, 0.0]

    found = compare_means([0.0] * len(b), b)

    # Signs of the ranks 1 to 5: - - - + -, a sum of -7, which 14 of the 2^5 reach or pass.
    sums = [sum(k if signs >> k - 1 & 1 else -k for k in range(1, 6)) for signs in range(32)]
    assert found.p == sum(abs(value) >= 7 for value in sums) / 32


def test_differences_that_are_equal_but_for_rounding_share_their_rank() -> None:
    a, b = [0.1, 0.2, 0.3, 0.7, 0.6], [0.4, 0.5, 0.6, 0.4, 0.9]
    assert len({abs(y - x) for x, y in zip(a, b, strict=True)}) > 1

    found = compare_means(a, b)

    assert found.p == compare_means([0.0] * 5, [0.25, 0.25, 0.25, -0.25, 0.25]).p


def test_with_exchanged_runs_each_category_has_the_same_weight() -> None:
    a = [([0.0], [0.1], None), ([0.0, 0.0, 0.2], [0.2, 0.2, 0.0], None)]

    found = compare_macro_means(a)

    # In units of a sixtieth: 3 of the one video, 2, 2 and -2 of the three, 5 in all, which a half
    # of the 2^4 exchanges reaches or passes.
    sums = [one + a + b + c for one in (3, -3) for a in (2, -2) for b in (2, -2) for c in (2, -2)]
    assert found.difference == pytest.approx(5 / 60)
    assert found.p == sum(abs(value) >= 5 for value in sums) / 16 == 0.5


def test_the_difference_turns_with_the_runs() -> None:
    a, b = drawn(60)
    there, back = compare_means(a, b), compare_means(b, a)

    assert there.difference == pytest.approx(-(back.difference or 0))
    assert there.p == pytest.approx(back.p)


def test_runs_with_the_same_scores_do_not_differ() -> None:
    found = compare_means([0.5, 0.7], [0.5, 0.7])

    assert (found.difference, found.p, found.method) == (0.0, 1.0, "equal scores")


def test_one_difference_everywhere_is_not_known_without_error() -> None:
    found = compare_means([0.5] * 60, [0.6] * 60)

    assert found.p is not None
    assert found.p < 1e-9
    assert found.interval is not None
    assert found.interval.low < 0.1 < found.interval.high
    assert found.interval.high - found.interval.low > 0.05


def test_one_video_shows_nothing() -> None:
    found = compare_means([0.2], [0.9])

    assert (found.p, found.interval, found.smallest_visible) == (1.0, None, None)


def test_no_video_has_no_difference() -> None:
    found = compare_means([], [])

    assert (found.difference, found.p, found.n) == (None, None, 0)


def test_videos_of_one_object_count_as_one() -> None:
    a, b = drawn(12, seed=3)
    objects = [f"object {number}" for number in range(12) for _ in range(4)]

    many = compare_means(
        [x for x in a for _ in range(4)], [x for x in b for _ in range(4)], objects
    )

    alone = compare_means(a, b)
    assert many.method == "Wilcoxon, by instance"
    assert many.p == pytest.approx(alone.p)
    assert many.error == pytest.approx(alone.error)


def test_false_alarms_come_as_often_as_the_level_says() -> None:
    alarms = sum((compare_means(*drawn(60, 0.0, seed)).p or 0) < 0.05 for seed in range(400))

    assert 8 <= alarms <= 34  # 20 expected


def test_scores_must_be_scores_of_the_same_videos() -> None:
    with pytest.raises(ValueError, match="2 scores, but 1"):
        compare_means([0.1, 0.2], [0.1])
    with pytest.raises(ValueError, match="score 0 is nan"):
        compare_means([math.nan], [0.1])


def test_the_macro_difference_is_the_mean_over_categories() -> None:
    big, small = drawn(100, 0.1, 4), drawn(10, -0.1, 5)

    found = compare_macro_means([(*big, None), (*small, None)])

    each = [compare_means(*big), compare_means(*small)]
    assert found.difference == pytest.approx(sum(one.difference or 0 for one in each) / 2)
    assert found.n == 110
    assert found.error == pytest.approx(math.hypot(*(one.error or 0 for one in each)) / 2)


def test_of_two_equal_categories_the_macro_test_is_welchs() -> None:
    first, second = drawn(20, 0.1, 6), drawn(20, 0.1, 7)
    differences = [np.subtract(b, a) for a, b in (first, second)]

    found = compare_macro_means([(*first, None), (*second, None)])

    # The mean of two means differs from 0 as one mean differs from the other's negative.
    expected = stats.ttest_ind(differences[0], -differences[1], equal_var=False)
    assert found.p == pytest.approx(expected.pvalue)


def test_one_category_is_its_own_average() -> None:
    a, b = drawn(20)

    assert compare_macro_means([(a, b, None), ([], [], None)]) == compare_means(a, b)


def test_with_a_category_of_one_video_the_runs_are_exchanged() -> None:
    # Of all 2^3 exchanges just that of none and that of all are as far from 0.
    found = compare_macro_means([([0.1, 0.2], [0.3, 0.3], None), ([0.2], [0.3], None)])

    assert found.difference == pytest.approx(0.125)
    assert (found.p, found.interval, found.method) == (0.25, None, "permutation")


def test_one_difference_in_every_video_is_tested_all_the_same() -> None:
    found = compare_macro_means([([0.0] * 30, [0.5] * 30, None), ([0.1] * 30, [0.6] * 30, None)])

    assert found.difference == pytest.approx(0.5)
    assert found.p is not None
    assert found.p < 1e-6
    assert found.interval is not None
    assert 0 < found.interval.low < 0.5 < found.interval.high < 1


def test_categories_that_all_agree_do_not_differ() -> None:
    found = compare_macro_means([([0.5, 0.6], [0.5, 0.6], None), ([0.1, 0.2], [0.1, 0.2], None)])

    assert (found.difference, found.p) == (0.0, 1.0)
