from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.stats.thresholds import RULES, can_choose, check_rule, choose_threshold

SCORE = st.floats(-1e9, 1e9) | st.sampled_from([-1.0, 0.0, 0.5, 1.0])  # the latter make ties
LABELLED = st.lists(st.tuples(st.integers(0, 1), SCORE), min_size=2, max_size=20).filter(
    lambda pairs: {label for label, _ in pairs} == {0, 1}
)
CHOSEN = [rule for rule in RULES if rule != "zero"]


def rates(labels: list[int], scores: list[float], threshold: float) -> tuple[float, float]:
    """Recall and false-alarm rate, counted."""
    hits = sum(label and score > threshold for label, score in zip(labels, scores, strict=True))
    alarms = sum(
        not label and score > threshold for label, score in zip(labels, scores, strict=True)
    )
    return hits / labels.count(1), alarms / labels.count(0)


def worth(labels: list[int], scores: list[float], threshold: float, rule: str) -> float:
    """What a rule looks for, counted; a threshold with too many false alarms is worth -1."""
    recall, alarms = rates(labels, scores, threshold)
    hits, false = recall * labels.count(1), alarms * labels.count(0)
    if rule == "youden":
        return recall - alarms
    if rule == "accuracy":
        return (hits + labels.count(0) - false) / len(labels)
    if rule == "f1":
        return 2 * hits / (hits + false + labels.count(1))
    return recall if alarms <= 0.05 else -1


@settings(deadline=None, max_examples=60)
@given(LABELLED, st.sampled_from(CHOSEN))
def test_no_other_threshold_does_better_by_its_rule(
    pairs: list[tuple[int, float]], rule: str
) -> None:
    labels, scores = [label for label, _ in pairs], [score for _, score in pairs]
    found = worth(labels, scores, choose_threshold(labels, scores, rule), rule)
    others = [math.nextafter(min(scores), -math.inf), *scores]
    assert found >= max(worth(labels, scores, other, rule) for other in others) - 1e-12


@settings(deadline=None, max_examples=60)
@given(LABELLED)
def test_a_limit_on_false_alarms_is_kept_and_none_is_wasted(
    pairs: list[tuple[int, float]],
) -> None:
    labels, scores = [label for label, _ in pairs], [score for _, score in pairs]
    recall, alarms = rates(labels, scores, choose_threshold(labels, scores, "fpr=0.34"))
    assert alarms <= 0.34
    for other in scores:
        its_recall, its_alarms = rates(labels, scores, other)
        assert (its_recall, -its_alarms) <= (recall, -alarms) or its_alarms > 0.34


def test_classes_that_lie_apart_are_parted_in_the_middle() -> None:
    for rule in CHOSEN:
        assert choose_threshold([0, 0, 1, 1], [-3.0, -1.0, 2.0, 5.0], rule) == 0.5


def test_of_gaps_that_do_equally_well_the_widest_is_taken() -> None:
    # 1.5 finds all and calls one of two normal ones; 6 finds one of two and calls none.
    assert choose_threshold([0, 1, 0, 1], [1.0, 2.0, 4.0, 8.0], "youden") == 6.0


def test_a_gap_is_taken_before_a_threshold_beyond_all_scores() -> None:
    # Two of three are right below all scores, and at 1.5 as well.
    assert choose_threshold([1, 0, 1], [0.0, 1.0, 2.0], "accuracy") == 1.5


def test_of_gaps_that_are_equally_wide_too_the_lowest_is_taken() -> None:
    assert choose_threshold([0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0], "youden") == 1.5


@pytest.mark.parametrize(
    ("labels", "rule", "expected"),
    [
        # One normal video far below, one above every anomalous one.
        ([0, 0, 0, 1, 1, 1, 1, 0], "accuracy", 2.5),
        ([0, 0, 0, 1, 1, 1, 1, 0], "fpr=0.05", 8.0),
        ([0, 0, 0, 1, 1, 1, 1, 0], "fpr=0.25", 2.5),
        # Nine in ten are anomalous: calling all so has the best F1 and accuracy, not the best J.
        ([1, 0, 1, 1, 1, 1, 1, 1], "f1", -1.0),
        ([1, 0, 1, 1, 1, 1, 1, 1], "youden", 1.5),
    ],
)
def test_rules_look_for_different_things(labels: list[int], rule: str, expected: float) -> None:
    assert choose_threshold(labels, [float(place) for place in range(8)], rule) == expected


def test_a_ranking_the_wrong_way_round_leaves_all_anomalous() -> None:
    assert choose_threshold([1, 1, 0, 0], [1.0, 2.0, 3.0, 4.0], "youden") == 0.0


def test_scores_that_are_all_equal_are_not_parted() -> None:
    labels = [0, 1, 1]
    threshold = choose_threshold(labels, [2.0, 2.0, 2.0], "youden")
    assert rates(labels, [2.0] * 3, threshold) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (1.0, math.nextafter(1.0, 2.0)),
        (1 + 2**-52, 1 + 2**-51),
        (-5e-324, 0.0),
        (0.0, 5e-324),
        (-1.7e308, 1.7e308),
        (1e308, 1.7e308),
        (-1e16, -1e16 + 2),
        (-1, 3),
    ],
)
def test_neighbours_of_any_size_are_parted(low: float, high: float) -> None:
    for rule in CHOSEN:
        threshold = choose_threshold([0, 1], [low, high], rule)
        assert low <= threshold < high
        assert math.isfinite(threshold)


def test_minus_zero_is_zero() -> None:
    threshold = choose_threshold([0, 1, 0], [-0.0, 0.0, -4.0], "youden")
    assert threshold == -2.0


def test_the_limit_is_taken_as_it_is_written() -> None:
    # 0.29 x 100 is 28.999999999999996 in floating point.
    labels = [0] * 100 + [1] * 100
    scores = [float(place) for place in range(100)] + [70.5] * 100
    assert rates(labels, scores, choose_threshold(labels, scores, "fpr=0.29")) == (1.0, 0.29)


def test_zero_is_zero_whatever_the_videos() -> None:
    assert choose_threshold([0, 1], [5.0, 9.0], "zero") == 0.0
    assert choose_threshold([], [], "zero") == 0.0


@pytest.mark.parametrize(
    ("labels", "rules"),
    [([], CHOSEN), ([1, 1], CHOSEN), ([0, 0], ["youden", "f1", "accuracy"])],
)
def test_classes_that_are_not_enough_choose_nothing(labels: list[int], rules: list[str]) -> None:
    for rule in rules:
        assert not can_choose(labels, rule)
        with pytest.raises(ValueError, match="both classes"):
            choose_threshold(labels, [0.0] * len(labels), rule)


@pytest.mark.parametrize(
    ("rule", "expected"), [("fpr=0.1", 17.5), ("fpr=0.05", 18.5), ("fpr=0", 20.0)]
)
def test_normal_videos_alone_can_keep_false_alarms_rare(rule: str, expected: float) -> None:
    assert can_choose([0] * 20, rule)
    assert choose_threshold([0] * 20, [float(place) for place in range(20)], rule) == expected


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_finite_number_is_named(bad: float) -> None:
    with pytest.raises(ValueError, match=f"score 1 is {bad}"):
        choose_threshold([0, 1], [0.0, bad], "youden")


def test_labels_without_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels"):
        choose_threshold([0, 1], [0.0], "youden")


@pytest.mark.parametrize("rule", ["youden", "fpr=0", "fpr=.1", "fpr=0.999", "fpr=0.0"])
def test_rules_that_there_are(rule: str) -> None:
    assert check_rule(rule) == rule


@pytest.mark.parametrize(
    "rule",
    ["", "Youden", "best", "fpr", "fpr=", "fpr=1", "fpr=5", "fpr=-0.1", "fpr=nan", "fpr=1e-3",
     "fpr=0.05 ", "fpr=0.05\n", "fpr=٠.٥"],
)  # fmt: skip
def test_rules_that_there_are_not_are_refused_with_those_there_are(rule: str) -> None:
    with pytest.raises(ValueError, match=re.escape(", ".join(RULES))):
        check_rule(rule)
