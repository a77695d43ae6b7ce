"""Two runs' means of AUROC over categories."""

from __future__ import annotations

import math

import numpy as np
import pytest
from paired_runs import two_runs

from physprior.stats import Comparison, compare_auroc, compare_macro


def categories(count: int, shifts: tuple[float, float], size: int = 40) -> list[Comparison]:
    return [compare_auroc(*two_runs(size, size, shifts, seed)) for seed in range(count)]


def test_the_macro_difference_is_the_mean_of_the_categories() -> None:
    members = categories(3, (1.0, 1.5))
    found = compare_macro(members)
    assert found.difference == pytest.approx(sum(one.difference for one in members) / 3)
    assert found.a == pytest.approx(sum(one.a for one in members) / 3)
    assert found.n == 240


def test_the_macro_error_is_that_of_a_mean_of_independent_differences() -> None:
    members = categories(3, (1.0, 1.5))
    found = compare_macro(members)
    assert found.method == "paired DeLong"
    assert found.error == pytest.approx(math.hypot(*(one.error for one in members)) / 3)
    assert found.p == pytest.approx(math.erfc(found.difference / found.error / math.sqrt(2)))


def test_the_macro_interval_is_narrower_than_a_category_s() -> None:
    members = categories(4, (1.0, 1.2))
    widths = [one.interval.high - one.interval.low for one in (compare_macro(members), *members)]
    assert widths[0] < min(widths[1:])


def test_small_categories_are_permuted_together() -> None:
    members = categories(3, (1.0, 2.0), size=3)
    found = compare_macro(members)
    sums = [one.exchanged for one in members]
    listed = sum(np.ix_(*(all_sums(one.weights) * one.unit for one in sums))) / 3
    exact = np.mean(np.abs(listed) >= abs(found.difference) - 1e-12)
    assert found.method == "permutation, 20000 draws"
    assert found.p == pytest.approx(exact, abs=4 * math.sqrt(exact / 20_000))


def all_sums(weights: np.ndarray) -> np.ndarray:
    """The sums under every choice of signs."""
    sums = np.zeros(1)
    for weight in weights:
        sums = np.concatenate([sums + weight, sums - weight])
    return sums


def test_categories_in_which_next_to_nothing_differs_make_no_difference_visible() -> None:
    labels = [0] * 30 + [1] * 30
    a, b = [float(x) for x in range(60)], [float(x) for x in range(60)]
    a[29], a[30] = a[30], a[29]
    found = compare_macro([compare_auroc(labels, a, b)] * 2)
    assert found.error > 0
    assert found.smallest_visible is None


def test_one_category_s_macro_is_the_category_s() -> None:
    member = compare_auroc(*two_runs(10, 10))
    assert compare_macro([compare_auroc([1], [0.0], [0.0]), member]) == member


def test_a_category_of_one_class_is_left_out() -> None:
    members = categories(2, (1.0, 1.5))
    without = compare_auroc([1, 1, 1], [0.0, 1, 2], [0.0, 1, 2])
    assert compare_macro([*members, without]) == compare_macro(members)


def test_no_category_has_no_macro() -> None:
    assert compare_macro([]).p is None


def test_categories_that_rank_alike_make_a_macro_that_does() -> None:
    labels, a, _ = two_runs(15, 45)
    found = compare_macro([compare_auroc(labels, a, a)] * 3)
    assert (found.difference, found.p, found.method) == (0.0, 1.0, "equal ranks")
    assert (found.interval.low, found.interval.high) == (0.0, 0.0)


def test_a_category_that_ranks_alike_halves_the_macro_difference() -> None:
    labels, a, _ = two_runs(40, 40)
    member = compare_auroc(*two_runs(40, 40, (1.0, 1.5)))
    found = compare_macro([member, compare_auroc(labels, a, a)])
    assert found.difference == pytest.approx(member.difference / 2)
    assert found.p == pytest.approx(member.p)


def test_intervals_of_different_confidence_are_not_joined() -> None:
    labels, a, b = two_runs(40, 40)
    members = [compare_auroc(labels, a, b, confidence=share) for share in (0.9, 0.95)]
    with pytest.raises(ValueError, match="confidence"):
        compare_macro(members)


def test_a_category_without_an_interval_widens_the_macro_as_far_as_can_be() -> None:
    lone = compare_auroc([0, *[1] * 30], [15.5, *range(30)], [15.5, *range(30, 0, -1)])
    member = compare_auroc(*two_runs(40, 40, (1.0, 1.5)))
    found = compare_macro([member, lone])
    below = math.hypot(member.difference - member.interval.low, lone.difference + 1) / 2
    assert lone.interval is None
    assert found.difference - found.interval.low == pytest.approx(below)
