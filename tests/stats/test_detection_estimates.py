from __future__ import annotations

import math
import statistics
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.stats import (
    Estimate,
    Interval,
    auroc,
    auroc_estimate,
    average_precision,
    average_precision_estimate,
    balanced_accuracy_estimate,
    macro_estimate,
)
from physprior.stats.detection import lowest_average_precision, share_of_unanimous_pairs
from physprior.stats.labelled import independent_pairs

TIED = st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1.0])
VIDEO = st.tuples(st.integers(0, 1), st.floats(-1e6, 1e6) | TIED)
VIDEOS = st.lists(VIDEO, min_size=2, max_size=30).filter(
    lambda rows: {label for label, _ in rows} == {0, 1}
)
Rows = list[tuple[int, float]]

FIFTEEN = [0] * 15 + [1] * 45
TEN = [f"object {number}" for number in range(10)]


def columns(rows: Rows) -> tuple[list[int], list[float]]:
    return [label for label, _ in rows], [score for _, score in rows]


def logit(share: float) -> float:
    return math.log(share / (1 - share))


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.interval is not None
    return estimate.interval.low, estimate.interval.high


def test_an_interval_worked_by_hand() -> None:
    # Variance 7/162 with 4 degrees of freedom, of which Student's t leaves 2.5 % beyond 2.7764.
    found = auroc_estimate([0, 0, 0, 1, 1, 1], [1.0, 2.0, 3.0, 2.0, 3.0, 4.0])
    assert (found.value, found.n) == (7 / 9, 6)
    half = 2.776445 * math.sqrt(7 / 162) / (14 / 81)
    assert [logit(end) for end in ends(found)] == pytest.approx(
        [logit(7 / 9) - half, logit(7 / 9) + half], abs=1e-5
    )
    assert found.interval is not None
    assert (found.interval.method, found.interval.confidence) == ("DeLong, logit scale", 0.95)


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_the_value_is_the_one_auroc_and_within_its_interval(rows: Rows) -> None:
    labels, scores = columns(rows)
    found = auroc_estimate(labels, scores)
    assert found.value == auroc(labels, scores)
    if found.interval is None:
        assert min(labels.count(0), labels.count(1)) == 1
        return
    low, high = ends(found)
    assert 0 <= low <= found.value <= high <= 1
    assert low < high


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_the_interval_of_the_reverse_is_the_mirror_image(rows: Rows) -> None:
    labels, scores = columns(rows)
    there = auroc_estimate(labels, scores)
    for back in (
        auroc_estimate(labels, [-score for score in scores]),
        auroc_estimate([1 - label for label in labels], scores),
    ):
        assert (back.interval is None) == (there.interval is None)
        if there.interval is not None:
            low, high = ends(there)
            assert ends(back) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_more_confidence_needs_a_wider_interval() -> None:
    scores = [float(number % 23) for number in range(60)]
    widths = []
    for confidence in (0.5, 0.9, 0.99):
        low, high = ends(auroc_estimate(FIFTEEN, scores, confidence=confidence))
        widths.append(high - low)
    assert widths == sorted(widths)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95, -0.5, math.nan])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        auroc_estimate([0, 1], [0.0, 1.0], confidence=confidence)


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    true, draws = statistics.NormalDist().cdf(1.8 / math.sqrt(2)), 500  # 0.898
    hits = 0
    for _ in range(draws):
        scores = [*rng.normal(0, 1, 15), *rng.normal(1.8, 1, 45)]
        low, high = ends(auroc_estimate(FIFTEEN, scores))
        hits += low <= true <= high
    assert 0.92 < hits / draws < 0.985


@pytest.mark.parametrize("labels", [[], [0], [1, 1, 1]])
def test_one_class_alone_has_neither_value_nor_interval(labels: list[int]) -> None:
    scores = [0.5] * len(labels)
    assert auroc_estimate(labels, scores) == Estimate(None, len(labels), None)
    assert average_precision_estimate(labels, scores) == Estimate(None, len(labels), None)


def test_one_class_alone_still_has_to_have_finite_scores() -> None:
    with pytest.raises(ValueError, match="score 1"):
        auroc_estimate([1, 1], [0.0, math.nan])


def test_a_perfect_ranking_has_an_exact_bound_in_one_tail() -> None:
    found = auroc_estimate(FIFTEEN, [float(number) for number in range(60)])
    assert found.value == 1
    assert ends(found) == pytest.approx((0.05 ** (1 / 15), 1.0))
    assert found.interval is not None
    assert found.interval.method == "exact, one-sided"


def test_the_bound_of_a_perfect_ranking_is_attained() -> None:
    # A share 1 - s of the normal videos stands above all anomalous: perfect is s^m of the draws.
    share = share_of_unanimous_pairs(15)
    assert share**15 == pytest.approx(0.05)
    rng = np.random.default_rng(0)
    perfect = (rng.random((4000, 15)) < share).all(axis=1).mean()
    assert perfect == pytest.approx(0.05, abs=0.015)


def test_a_ranking_that_is_all_wrong_mirrors_the_bound() -> None:
    found = auroc_estimate(FIFTEEN, [-float(number) for number in range(60)])
    assert found.value == 0
    assert ends(found) == pytest.approx((0.0, 1 - 0.05 ** (1 / 15)))


def test_a_constant_score_is_no_certain_half() -> None:
    found = auroc_estimate(FIFTEEN, [3.25] * 60)
    assert found.value == 0.5
    share = 0.05 ** (1 / 15)
    assert ends(found) == pytest.approx((share / 2, 1 - share / 2))


def test_scores_of_two_values_are_a_verdict() -> None:
    said = [False] * 15 + [True] * 20 + [False] * 25
    found = auroc_estimate(FIFTEEN, [2.5 if word else -1.0 for word in said])
    balanced = balanced_accuracy_estimate(FIFTEEN, said)
    assert found.value == pytest.approx(balanced.value)
    assert ends(found) == ends(balanced)


def test_a_model_that_nearly_always_says_the_same_is_not_sure_of_it() -> None:
    labels, rng, hits = [0] * 60 + [1] * 180, np.random.default_rng(0), 0
    for _ in range(200):
        said = np.concatenate([rng.random(60) < 0.98, rng.random(180) < 0.99])
        low, high = ends(auroc_estimate(labels, said.astype(float).tolist()))
        hits += low <= 0.505 <= high
    assert hits / 200 > 0.93  # DeLong: 0.75


def test_one_normal_video_leaves_no_interval() -> None:
    assert auroc_estimate([0, 1, 1, 1], [1.0, 0.0, 2.0, 3.0]) == Estimate(2 / 3, 4, None)


def test_one_normal_video_below_all_others_leaves_a_wide_one() -> None:
    assert ends(auroc_estimate([0, 1, 1, 1], [0.0, 1.0, 2.0, 3.0])) == pytest.approx((0.05, 1.0))


def test_videos_of_one_object_count_less() -> None:
    rng = np.random.default_rng(1)
    labels, names, scores = [], [], []
    for number in range(24):
        labels += [number % 2] * 5
        names += [f"object {number}"] * 5
        scores += (rng.normal(1.5 * (number % 2), 1) + rng.normal(0, 0.3, 5)).tolist()
    plain, clustered = (auroc_estimate(labels, scores, clusters=known) for known in (None, names))
    assert clustered.value == plain.value
    assert ends(clustered)[1] - ends(clustered)[0] > 1.3 * (ends(plain)[1] - ends(plain)[0])
    assert clustered.interval is not None
    assert clustered.interval.method == "clustered DeLong, logit scale"


@pytest.mark.parametrize(
    "names",
    [TEN[:9] * 6 + TEN[:6], [*TEN * 5, *TEN[:9], ""], [str(number) for number in range(60)]],
    ids=["too few", "one unknown", "each its own"],
)
def test_objects_that_are_few_unknown_or_single_are_left_out(names: list[str]) -> None:
    scores = [float(number * 7 % 23) for number in range(60)]
    assert auroc_estimate(FIFTEEN, scores, clusters=names) == auroc_estimate(FIFTEEN, scores)


def test_normal_videos_of_one_object_alone_leave_no_interval() -> None:
    labels, names = [0] * 4 + [1] * 18, ["sound"] * 4 + TEN[:9] * 2
    scores = [float(number * 7 % 17) for number in range(22)]
    assert auroc_estimate(labels, scores).interval is not None
    assert auroc_estimate(labels, scores, clusters=names).interval is None


def test_objects_that_are_each_like_the_whole_take_no_doubt_away() -> None:
    labels, scores = [0, 1, 0] * 12, [1.0, 2.0, 3.0] * 12
    names = [str(number // 3) for number in range(36)]
    found = auroc_estimate(labels, scores, clusters=names)
    assert ends(found) == ends(auroc_estimate(labels, scores))
    assert ends(found)[0] < 0.5 < ends(found)[1]


def test_a_perfect_ranking_of_few_objects_is_bound_by_their_pairs() -> None:
    labels, names = [0, 1] * 30, [TEN[number // 2 % 10] for number in range(60)]
    found = auroc_estimate(labels, [float(label) for label in labels], clusters=names)
    assert ends(found) == pytest.approx((0.05 ** (1 / 5), 1.0))  # ten objects are five pairs


def most_pairs(with_normal: set[str], with_anomalous: set[str]) -> int:
    names = sorted(with_normal | with_anomalous)
    return max(
        sum(
            a in with_normal and b in with_anomalous
            for a, b in zip(order[::2], order[1::2], strict=False)
        )
        for order in permutations(names)
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from("abcdef")), max_size=9))
def test_independent_pairs_share_no_object(rows: list[tuple[int, str]]) -> None:
    labels, names = [label for label, _ in rows], [name for _, name in rows]
    normal = {name for label, name in rows if not label}
    anomalous = {name for label, name in rows if label}
    assert independent_pairs(labels, names) == most_pairs(normal, anomalous)
    assert independent_pairs(labels) == min(labels.count(0), labels.count(1))


def test_clusters_are_one_a_video_even_where_they_cannot_be_used() -> None:
    with pytest.raises(ValueError, match="2 labels, but 1 clusters"):
        auroc_estimate([0, 1], [0.0, 1.0], clusters=["a"])


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_ranking_figures_are_those_of_scikit_learn(rows: Rows) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    labels, scores = columns(rows)
    assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert average_precision(labels, scores) == pytest.approx(
        average_precision_score(labels, scores), abs=1e-12
    )


def test_average_precision_worked_by_hand() -> None:
    assert average_precision([1, 0, 1], [3.0, 2.0, 1.0]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([1, 0, 0, 0], [1.0] * 4) == 0.25  # one threshold: chance


def test_average_precision_tells_the_ends_of_float64_apart() -> None:
    assert average_precision([0, 1, 1], [-1.7e308, 5e-324, 1.7e308]) == 1
    assert average_precision([0, 1], [0.0, 5e-324]) == 1


def test_the_interval_of_average_precision_is_that_of_a_share_of_the_anomalous() -> None:
    found = average_precision_estimate([1, 0, 1, 0], [4.0, 3.0, 2.0, 1.0])
    value, z, anomalous = (1 + 2 / 3) / 2, 1.959964, 2
    centre = value + z**2 / (2 * anomalous)
    half = z * math.sqrt(value * (1 - value) / anomalous + (z / (2 * anomalous)) ** 2)
    whole = 1 + z**2 / anomalous
    assert found.value == pytest.approx(value)
    assert ends(found) == pytest.approx(
        ((centre - half) / whole, (centre + half) / whole), abs=1e-6
    )


def test_one_pair_that_is_wrong_does_not_make_average_precision_unknown() -> None:
    # On the logit scale the error grows without limit near 1: this would be [0.01, 1.00].
    scores = [float(number) for number in range(250)]
    scores[124], scores[125] = scores[125], scores[124]
    found = average_precision_estimate([0] * 125 + [1] * 125, scores)
    assert found.value is not None
    assert 0.9999 < found.value < 1
    assert ends(found)[0] > 0.95


def test_a_perfect_average_precision_is_not_certain() -> None:
    found = average_precision_estimate(FIFTEEN, [float(number) for number in range(60)])
    assert found.value == 1
    odds = 15 / 45 * (1 - 0.05 ** (1 / 15))
    assert ends(found) == pytest.approx((1 - math.sqrt(2 * odds / 3), 1.0))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=8),
    st.integers(1, 60),
    st.integers(1, 60),
)
def test_no_scorer_within_the_bound_has_less_average_precision(
    steps: list[float], normal: int, anomalous: int
) -> None:
    odds = normal / anomalous * (1 - share_of_unanimous_pairs(min(normal, anomalous)))
    rises = np.repeat(np.cumsum(steps), 2000)
    if rises.mean() < 1e-9:
        return
    alarms = rises * (odds / rises.mean())  # never falls, and has the largest integral allowed
    found = (np.arange(alarms.size) + 0.5) / alarms.size
    precision = float(np.mean(found / (found + alarms)))
    assert precision >= lowest_average_precision(normal, anomalous) - 1e-6


def test_the_bound_of_average_precision_is_that_of_its_dual() -> None:
    odds = 15 / 45 * (1 - share_of_unanimous_pairs(15))
    price = 1 / math.sqrt(6 * odds)
    found = (np.arange(1_000_000) + 0.5) / 1_000_000
    alarms = np.maximum(np.sqrt(found / price) - found, 0)  # the worst, could it fall
    assert float(alarms.mean()) == pytest.approx(odds, rel=1e-4)
    precision = float(np.mean(found / (found + alarms)))
    assert lowest_average_precision(15, 45) == pytest.approx(precision, abs=1e-5)


def test_macro_worked_by_hand() -> None:
    members = [
        Estimate(0.8, 10, Interval(0.7, 0.95, "any")),
        Estimate(0.6, 30, Interval(0.2, 0.8, "any")),
    ]
    found = macro_estimate(members)
    assert (found.value, found.n) == (pytest.approx(0.7), 40)
    low = 0.7 - math.sqrt(0.1**2 + 0.4**2) / 2
    log_odds = math.sqrt(0.1 * 0.15 + 0.4 * 0.2) / 2 / (0.7 * 0.3)
    high = 0.7 * math.exp(log_odds) / (0.7 * math.exp(log_odds) + 0.3)
    assert high > 0.7 + math.sqrt(0.15**2 + 0.2**2) / 2  # where MOVER ends
    assert ends(found) == pytest.approx((low, high), abs=1e-12)
    assert found.interval is not None
    assert found.interval.method == "MOVER"


def test_macro_leaves_out_what_has_no_value() -> None:
    known = Estimate(0.8, 10, Interval(0.7, 0.95, "any"))
    found = macro_estimate([known, Estimate(None, 99)])
    assert (found.value, found.n) == (0.8, 10)
    assert ends(found) == pytest.approx((0.7, 0.95))


@pytest.mark.parametrize("members", [[], [Estimate(None, 3), Estimate(None, 0)]])
def test_macro_of_nothing_is_nothing(members: list[Estimate]) -> None:
    assert macro_estimate(members) == Estimate(None, 0)


def test_a_member_without_an_interval_may_be_anything() -> None:
    known = Estimate(0.8, 10, Interval(0.7, 0.9, "any"))
    found = macro_estimate([known, Estimate(0.6, 4)])
    whole = macro_estimate([known, Estimate(0.6, 4, Interval(0.0, 1.0, "any"))])
    assert ends(found) == ends(whole)


def test_macro_of_values_without_any_interval_has_none() -> None:
    assert macro_estimate([Estimate(0.5, 4), Estimate(1.0, 4)]) == Estimate(0.75, 8, None)


def test_macro_of_several_confidences_is_refused() -> None:
    members = [Estimate(0.5, 4, Interval(0, 1, "any", level)) for level in (0.9, 0.95)]
    with pytest.raises(ValueError, match="confidences"):
        macro_estimate(members)


def test_macro_near_1_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    true, draws, hits = 0.99, 100, 0
    shift = statistics.NormalDist().inv_cdf(true) * math.sqrt(2)
    for _ in range(draws):
        members = [
            auroc_estimate(FIFTEEN, [*rng.normal(0, 1, 15), *rng.normal(shift, 1, 45)])
            for _ in range(21)
        ]
        low, high = ends(macro_estimate(members))
        hits += low <= true <= high
    assert hits / draws > 0.95  # MOVER alone: 0.91


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=1, max_size=25))
def test_macro_holds_its_value_within_0_and_1(rows: list[tuple[float, float, float]]) -> None:
    members = []
    for row in rows:
        low, value, high = sorted(row)
        members.append(Estimate(value, 1, Interval(low, high, "any")))
    found = macro_estimate(members)
    low, high = ends(found)
    assert found.value is not None
    assert 0 <= low <= found.value + 1e-15
    assert found.value - 1e-15 <= high <= 1
