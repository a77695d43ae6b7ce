"""McNemar's test of two runs' hard verdicts."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from physprior.stats import mcnemar


def test_hand_worked() -> None:
    # a alone is right on videos 0 to 4, b alone on 5: 2 * (1 + 6) / 2^6.
    said_a = [True] * 5 + [False] + [True, True]
    said_b = [False] * 5 + [True] + [True, True]
    found = mcnemar([1] * 8, said_a, said_b)
    assert (found.only_a, found.only_b, found.n) == (5, 1, 8)
    assert found.p == pytest.approx(2 * 7 / 64)


def test_it_is_the_exact_binomial_test() -> None:
    labels, said_b = [0, 1] * 250, [None] * 100 + [False, True] * 200
    said_a = [False, True] * 150 + [True, False] * 100
    found = mcnemar(labels, said_a, said_b)
    assert (found.only_a, found.only_b) == (100, 200)
    assert found.p == pytest.approx(binomtest(100, 300).pvalue, rel=1e-9)


def test_an_unparsed_answer_counts_as_wrong_of_either_class() -> None:
    found = mcnemar([0, 1], [False, True], [None, None])
    assert (found.only_a, found.only_b) == (2, 0)


def test_two_unparsed_answers_say_nothing() -> None:
    assert mcnemar([0, 1], [None, None], [None, None]).p == 1.0


def test_runs_that_say_the_same_do_not_differ() -> None:
    assert mcnemar([0, 1, 1], [True, True, False], [True, True, False]).p == 1.0


def test_no_video_no_p() -> None:
    assert mcnemar([], [], []).p is None


def test_swapping_the_runs_swaps_the_counts() -> None:
    one = mcnemar([1, 1, 0], [True, True, True], [False, True, None])
    other = mcnemar([1, 1, 0], [False, True, None], [True, True, True])
    assert (one.only_a, one.only_b, one.p) == (other.only_b, other.only_a, other.p)


def test_instances_that_fail_together_count_once() -> None:
    # b fails on all five videos of each of three objects, and on nothing else.
    labels, said_a = [1] * 60, [True] * 60
    said_b = [False] * 15 + [True] * 45
    objects = [f"object {video // 5}" for video in range(60)]
    assert mcnemar(labels, said_a, said_b).p == pytest.approx(2.0**-14)
    clustered = mcnemar(labels, said_a, said_b, clusters=objects)
    assert clustered.p == pytest.approx(0.25)  # three coins fall alike
    assert (clustered.only_a, clustered.only_b) == (15, 0)


def test_an_unknown_instance_leaves_the_videos_alone() -> None:
    objects = ["", *(str(video // 5) for video in range(59))]
    found = mcnemar([1] * 60, [True] * 60, [False] * 6 + [True] * 54, clusters=objects)
    assert found.p == pytest.approx(2.0**-5)


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="verdicts of b"):
        mcnemar([0, 1], [True, True], [True])


def test_a_label_that_is_neither_class_is_refused_by_its_index() -> None:
    with pytest.raises(ValueError, match="label 1"):
        mcnemar([0, 2], [True, True], [True, False])
