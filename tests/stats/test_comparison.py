"""Two runs' AUROCs on the same videos."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paired_runs import Run, two_runs

from physprior.stats import (
    auroc,
    auroc_estimate,
    compare_auroc,
    covariance,
    placements,
)


def pairs_variance(labels: list[int], a: Run, b: Run) -> float:
    """DeLong's variance of the difference, by his definition: a double loop over the pairs."""

    def right(run: Run, i: int, j: int) -> float:
        return 1.0 if run[j] > run[i] else 0.5 if run[j] == run[i] else 0.0

    normal = [index for index, label in enumerate(labels) if not label]
    anomalous = [index for index, label in enumerate(labels) if label]
    gain = [[right(b, i, j) - right(a, i, j) for j in anomalous] for i in normal]
    rows = [sum(row) / len(row) for row in gain]
    columns = [sum(column) / len(column) for column in zip(*gain, strict=True)]

    def of_mean(values: list[float]) -> float:
        mean = sum(values) / len(values)
        return sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)

    return of_mean(rows) + of_mean(columns)


def test_the_difference_is_that_of_the_two_aurocs() -> None:
    labels, a, b = two_runs(15, 45)
    found = compare_auroc(labels, a, b)
    assert (found.a, found.b) == (auroc(labels, a), auroc(labels, b))
    assert found.difference == pytest.approx(found.b - found.a, abs=1e-12)
    assert found.n == 60


def test_many_videos_are_compared_by_delongs_paired_test() -> None:
    labels, a, b = two_runs(40, 60, (1.0, 1.4))
    found = compare_auroc(labels, a, b)
    error = math.sqrt(pairs_variance(labels, a, b))
    assert found.method == "paired DeLong"
    assert found.error == pytest.approx(error, rel=1e-9)
    assert found.p == pytest.approx(math.erfc(abs(found.difference) / error / math.sqrt(2)))


def test_ties_are_compared_as_half_a_win() -> None:
    labels, a, b = two_runs(40, 60, (1.0, 1.4))
    a, b = [round(x) for x in a], [round(x) for x in b]
    error = math.sqrt(pairs_variance(labels, a, b))
    assert compare_auroc(labels, a, b).error == pytest.approx(error, rel=1e-9)


def test_fewer_than_fifty_videos_are_permuted() -> None:
    labels, a, b = two_runs(20, 29)
    found = compare_auroc(labels, a, b)
    assert found.method == "permutation"
    assert found.p == found.exchanged.p()


@pytest.mark.parametrize("perfect_first", [True, False])
def test_a_perfect_run_is_permuted_however_many_videos_there_are(perfect_first: bool) -> None:
    labels, a, _ = two_runs(60, 180, (0.5, 0.0))
    perfect = [x + 1000 * label for x, label in zip(a[::-1], labels, strict=True)]
    runs = (perfect, a) if perfect_first else (a, perfect)
    found = compare_auroc(labels, *runs)
    assert found.method == "permutation"
    assert 0 < found.p < 0.001
    assert found.interval.high < 0 if perfect_first else found.interval.low > 0


def test_nine_videos_of_a_class_are_permuted_however_many_others_there_are() -> None:
    # With two, DeLong's test finds a difference that is not there five times too often.
    methods = [compare_auroc(*two_runs(few, 200)).method for few in (9, 10)]
    assert methods == ["permutation", "paired DeLong"]


def test_a_class_of_one_video_is_permuted() -> None:
    labels, a, b = two_runs(1, 80)
    found = compare_auroc(labels, a, b)
    assert found.method == "permutation"
    assert 0 < found.p <= 1


def test_runs_that_differ_on_three_of_many_videos_are_permuted() -> None:
    # By the normal law two exchanged neighbours would already be 1.4 standard errors.
    labels, a, _ = two_runs(50, 50)
    order = sorted(range(100), key=a.__getitem__)
    lower = next(k for k in range(99) if labels[order[k]] > labels[order[k + 1]])
    b = list(a)
    b[order[lower]], b[order[lower + 1]] = a[order[lower + 1]], a[order[lower]]
    found = compare_auroc(labels, a, b)
    assert found.difference == pytest.approx(1 / 2500)
    assert found.p == 0.5
    assert found.smallest_visible is None


@pytest.mark.parametrize(
    "run",
    [[0.0] * 60, [float(x) for x in range(60)], [0.0] * 30 + [1.0] * 30, [1.0] * 30 + [0.0] * 30],
    ids=["constant", "perfect", "verdicts", "reversed"],
)
def test_a_run_beside_itself_does_not_differ(run: Run) -> None:
    found = compare_auroc([0] * 30 + [1] * 30, run, run)
    assert (found.difference, found.p, found.method) == (0.0, 1.0, "equal ranks")
    assert (found.interval.low, found.interval.high) == (0.0, 0.0)
    assert found.smallest_visible is None


def test_any_rising_transform_of_a_run_is_the_same_run() -> None:
    labels, a, _ = two_runs(15, 45)
    found = compare_auroc(labels, a, [math.exp(x) * 1e300 for x in a])
    assert found.method == "equal ranks"


def test_two_perfect_runs_of_other_order_do_not_differ_for_certain() -> None:
    # Both are 1 here, which does not say that both are 1 of all videos.
    labels = [0] * 30 + [1] * 30
    a, b = (
        [float(x) for x in range(60)],
        [float(-x) for x in range(30)] + [100.0 - x for x in range(30)],
    )
    found = compare_auroc(labels, a, b)
    assert (found.difference, found.p) == (0.0, 1.0)
    assert found.interval.low < -0.05
    assert found.interval.high > 0.05


def test_a_constant_run_beside_a_perfect_one_differs() -> None:
    found = compare_auroc([0] * 30 + [1] * 30, [0.0] * 60, [0.0] * 30 + [1.0] * 30)
    assert found.difference == 0.5
    assert found.p < 1e-6


def test_one_class_alone_has_no_comparison() -> None:
    found = compare_auroc([1, 1], [0.1, 0.2], [0.2, 0.1])
    assert (found.a, found.b, found.difference, found.p, found.interval) == (None,) * 5
    assert (found.n, found.method) == (2, "one class alone")
    assert found.one_sided("a") is None


def test_no_videos_have_no_comparison() -> None:
    assert compare_auroc([], [], []).p is None


def test_the_interval_holds_the_difference_and_grows_with_confidence() -> None:
    labels, a, b = two_runs(15, 45)
    narrow, wide = (compare_auroc(labels, a, b, confidence=share).interval for share in (0.9, 0.99))
    assert wide.low < narrow.low < compare_auroc(labels, a, b).difference < narrow.high < wide.high


@pytest.mark.parametrize("shifts", [(1.0, 1.4), (1.4, 1.0)])
def test_the_interval_is_put_together_from_the_two_runs_own(shifts: tuple[float, float]) -> None:
    labels, a, b = two_runs(40, 60, shifts)
    found, own = compare_auroc(labels, a, b), [auroc_estimate(labels, run) for run in (a, b)]
    spread = covariance([placements(labels, run) for run in (a, b)])
    r = spread[0, 1] / math.sqrt(spread[0, 0] * spread[1, 1])
    (a_down, b_down) = (one.value - one.interval.low for one in own)
    (a_up, b_up) = (one.interval.high - one.value for one in own)
    assert r > 0
    below = (1 - r) * (b_down**2 + a_up**2) + r * max(0, b_down - a_down, a_up - b_up) ** 2
    above = (1 - r) * (b_up**2 + a_down**2) + r * max(0, b_up - a_up, a_down - b_down) ** 2
    assert found.difference - found.interval.low == pytest.approx(math.sqrt(below))
    assert found.interval.high - found.difference == pytest.approx(math.sqrt(above))


def test_runs_that_are_all_but_equal_have_a_narrow_interval_near_1_too() -> None:
    labels, a, _ = two_runs(15, 45, (4.0, 0.0))
    noise = np.random.default_rng(1).normal(size=60) / 100
    found = compare_auroc(labels, a, (np.array(a) + noise).tolist())
    assert found.a > 0.95
    assert found.method != "equal ranks"
    assert found.interval.high - found.interval.low < 0.02


def test_runs_that_err_on_opposite_videos_have_a_wider_interval_than_unrelated_ones() -> None:
    labels, a, b = two_runs(40, 40, (1.0, 1.0))
    shift = 2.0 * np.array(labels)
    opposite = compare_auroc(labels, a, (shift - np.array(a)).tolist()).interval
    unrelated = compare_auroc(labels, a, b[:40][::-1] + b[40:][::-1]).interval
    assert opposite.high - opposite.low > unrelated.high - unrelated.low


def test_a_run_without_variance_is_joined_as_if_it_were_uncorrelated() -> None:
    labels, a, _ = two_runs(30, 30)
    perfect = [float(label) for label in labels]
    found, own = (
        compare_auroc(labels, a, perfect),
        [auroc_estimate(labels, r) for r in (a, perfect)],
    )
    below = math.hypot(1 - own[1].interval.low, own[0].interval.high - own[0].value)
    assert found.difference - found.interval.low == pytest.approx(below)
    assert found.interval.high - found.difference == pytest.approx(
        own[0].value - own[0].interval.low
    )


def test_swapping_the_runs_turns_the_comparison_round() -> None:
    labels, a, b = two_runs(15, 30)
    one, other = compare_auroc(labels, a, b), compare_auroc(labels, b, a)
    assert (one.difference, one.p, one.error) == (-other.difference, other.p, other.error)
    assert one.interval.low == pytest.approx(-other.interval.high)
    assert one.one_sided("a") == other.one_sided("b")


def test_one_sided_p_is_half_where_the_run_is_worse_and_the_rest_where_it_is_better() -> None:
    labels, a, b = two_runs(15, 45)
    found = compare_auroc(labels, a, b)
    assert found.difference > 0
    assert found.one_sided("a") == found.p / 2
    assert found.one_sided("b") == 1 - found.p / 2


def test_runs_that_do_not_differ_are_not_worse_one_sided() -> None:
    labels, a, _ = two_runs(15, 45)
    assert compare_auroc(labels, a, a).one_sided("a") == 0.5


def test_the_smallest_visible_difference_is_2_8_standard_errors() -> None:
    labels, a, b = two_runs(60, 60)
    found = compare_auroc(labels, a, b)
    assert found.smallest_visible == pytest.approx((1.959964 + 0.841621) * found.error, rel=1e-4)


def test_of_few_videos_no_difference_is_visible() -> None:
    assert compare_auroc([0, 0, 1, 1], [1, 3, 2, 4], [4, 3, 2, 1]).smallest_visible is None


def test_no_difference_above_1_is_called_visible() -> None:
    found = compare_auroc([0] * 4 + [1] * 4, range(8), range(8, 0, -1))
    assert found.exchanged.least < 0.05
    assert found.error > 1 / 2.8
    assert found.smallest_visible is None


def test_a_gain_that_is_the_same_for_each_video_is_permuted() -> None:
    # Each anomalous video passes one normal video: DeLong's error of this is 0, and z infinite.
    labels, a = [0, 1] * 60, [float(x + 1 - 2 * (x % 2)) for x in range(120)]
    found = compare_auroc(labels, a, [float(x) for x in range(120)])
    assert found.difference == pytest.approx(1 / 60)
    assert found.method == "permutation"
    assert 0 < found.p < 1e-9


def test_the_error_by_instance_is_the_clustered_one() -> None:
    labels, a, b = two_runs(60, 60, (1.0, 1.4))
    objects = [str(index // 2) for index in range(120)]
    found = compare_auroc(labels, a, b, clusters=objects)
    placed = [placements(labels, run) for run in (a, b)]
    spread = covariance(placed, labels=labels, clusters=objects)
    assert found.method == "paired DeLong, by instance"
    assert found.error**2 == pytest.approx(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1])


def test_instances_count_in_place_of_videos() -> None:
    # Each of twenty objects is filmed six times over, and the films of one are alike.
    labels, a, b = two_runs(10, 10, (0.8, 1.6))
    objects = [str(index) for index in range(20)] * 6
    naive = compare_auroc(labels * 6, a * 6, b * 6)
    clustered = compare_auroc(labels * 6, a * 6, b * 6, clusters=objects)
    assert (naive.method, clustered.method) == ("paired DeLong", "permutation, by instance")
    assert clustered.p == compare_auroc(labels, a, b).p
    assert clustered.interval.low < naive.interval.low


@pytest.mark.parametrize(
    "objects", [["one", "two"] * 30, [""] + ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] * 6]
)
def test_instances_that_cannot_be_used_change_nothing(objects: list[str]) -> None:
    labels, a, b = two_runs(15, 45)
    assert compare_auroc(labels, a, b, clusters=objects[:60]) == compare_auroc(labels, a, b)


def test_the_same_input_gives_the_same_p_where_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("physprior.stats.exchange.EXACT_STEPS", 0)
    labels, a, b = two_runs(15, 30)
    found = [compare_auroc(labels, a, b, seed=seed) for seed in (1, 1, 2)]
    assert found[0].method == "permutation, 20000 draws"
    assert found[0].p == found[1].p != found[2].p


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_not_finite_is_refused_by_its_index(bad: float) -> None:
    with pytest.raises(ValueError, match="score 2"):
        compare_auroc([0, 1, 1], [0.0, 1, 2], [0.0, 1, bad])


def test_fewer_instances_than_videos_are_refused() -> None:
    with pytest.raises(ValueError, match="1 clusters"):
        compare_auroc([0, 1], [0.0, 1], [0.0, 1], clusters=["a"])


def test_runs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 labels"):
        compare_auroc([0, 1, 1], [0.0, 1, 2], [0.0, 1])


SCORES = st.sampled_from([-1e308, -1.0, -0.0, 0.0, 5e-324, 1.0, 2.0, 1e308])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 1]), SCORES, SCORES), max_size=14))
def test_whatever_it_is_given_p_and_interval_are_numbers(
    rows: list[tuple[int, float, float]],
) -> None:
    labels, a, b = ([row[k] for row in rows] for k in range(3))
    found = compare_auroc(labels, a, b)
    if found.difference is None:
        assert len(set(labels)) < 2
        return
    assert 0 < found.p <= 1
    assert found.difference == pytest.approx(found.b - found.a, abs=1e-12)
    if found.interval is not None:
        assert -1 <= found.interval.low <= found.difference <= found.interval.high <= 1


def test_ten_thousand_videos_a_class_are_compared_at_once() -> None:
    found = compare_auroc(*two_runs(10_000, 10_000, (1.0, 1.05)))
    assert found.method == "paired DeLong"
