from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.stats import (
    Estimate,
    accuracy_estimate,
    balanced_accuracy_estimate,
    f1_estimate,
    rate_estimate,
)
from physprior.stats.intervals import (
    logit_interval,
    normal_quantile,
    sigmoid,
    student_quantile,
    wilson,
)

VERDICTS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([True, False, None])), min_size=1, max_size=30
)
Verdicts = list[tuple[int, bool | None]]

LABELS = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
SAID = [False, False, True, None, True, True, True, True, False, None]


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.interval is not None
    return estimate.interval.low, estimate.interval.high


def columns(rows: Verdicts) -> tuple[list[int], list[bool | None]]:
    return [label for label, _ in rows], [verdict for _, verdict in rows]


@pytest.mark.parametrize("n", [1, 7, 60])
@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_wilson_ends_are_where_the_score_test_turns(n: int, confidence: float) -> None:
    z = normal_quantile(confidence)
    for hits in range(n + 1):
        low, high = wilson(hits, n, confidence)
        assert 0 <= low <= hits / n <= high <= 1
        for end in {low, high} - {0.0, 1.0}:
            assert abs(hits / n - end) == pytest.approx(z * math.sqrt(end * (1 - end) / n))


def test_all_and_none_reach_the_end_of_the_scale() -> None:
    assert wilson(0, 45)[0] == 0.0
    assert wilson(45, 45)[1] == 1.0


def test_quantiles_are_those_of_the_tables() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert student_quantile(0.95, 4) == pytest.approx(2.776445, abs=1e-6)
    assert student_quantile(0.95, 1e9) == pytest.approx(normal_quantile(0.95), abs=1e-6)


@given(st.floats(allow_nan=False))
def test_a_share_of_any_log_odds_stays_a_share(log_odds: float) -> None:
    assert 0 <= sigmoid(log_odds) <= 1
    assert sigmoid(log_odds) + sigmoid(-log_odds) == pytest.approx(1)


def test_a_hopeless_error_reaches_from_end_to_end() -> None:
    assert logit_interval(0.5, 1e6, 12.7) == (0.0, 1.0)


def test_a_rate_of_nothing_has_no_value() -> None:
    assert rate_estimate(0, 0) == Estimate(None, 0)


@pytest.mark.parametrize(("hits", "n"), [(2, 1), (-1, 3), (0, -1)])
def test_hits_are_some_of_n(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        rate_estimate(hits, n)


def test_accuracy_counts_the_unparsed_as_wrong_and_keeps_their_place() -> None:
    found = accuracy_estimate(LABELS, SAID)
    assert (found.value, found.n) == (0.6, 10)
    assert ends(found) == wilson(6, 10)


def test_balanced_accuracy_is_the_mean_of_both_rates() -> None:
    found = balanced_accuracy_estimate(LABELS, SAID)
    assert (found.value, found.n) == (pytest.approx((2 / 4 + 4 / 6) / 2), 10)


def test_the_interval_of_balanced_accuracy_is_worked_by_hand() -> None:
    # Both classes alike: the half-width is that of one rate over the root of two.
    labels, said = [0] * 8 + [1] * 8, ([False] * 4 + [True] * 4) * 2
    low, high = wilson(4, 8)
    half = (high - low) / 2 / math.sqrt(2)
    found = ends(balanced_accuracy_estimate(labels, said))
    assert found == pytest.approx((0.5 - half, 0.5 + half), abs=0.01)
    assert found[0] <= 0.5 - half < 0.5 + half <= found[1]


def test_balanced_accuracy_near_1_covers_as_often_as_it_says() -> None:
    rng, draws, hits = random.Random(0), 400, 0
    for _ in range(draws):
        said = [rng.random() > 0.97 for _ in range(15)] + [rng.random() < 0.97 for _ in range(45)]
        low, high = ends(balanced_accuracy_estimate([0] * 15 + [1] * 45, said))
        hits += low <= 0.97 <= high
    assert hits / draws > 0.92  # MOVER alone: 0.90


def test_a_perfect_balanced_accuracy_is_not_certain() -> None:
    found = balanced_accuracy_estimate(LABELS, [bool(label) for label in LABELS])
    low, high = ends(found)
    assert (found.value, high) == (1.0, 1.0)
    assert 0.4 < low < 0.9


def test_f1_takes_an_unparsed_normal_video_for_a_false_alarm() -> None:
    # 4 hits, 2 misses, 2 false alarms, one of which said nothing.
    found = f1_estimate(LABELS, SAID)
    assert found.value == pytest.approx(2 * 4 / (2 * 4 + 2 + 2))
    assert ends(found) == pytest.approx(tuple(2 * end / (1 + end) for end in wilson(4, 8)))


def test_a_model_that_finds_nothing_has_an_f1_of_nothing() -> None:
    found = f1_estimate([0, 1, 1], [False, False, False])
    assert found.value == 0
    assert ends(found)[0] == 0
    assert ends(found)[1] > 0.5


@pytest.mark.parametrize("labels", [[0, 0], [1, 1], []])
def test_one_class_alone_has_an_accuracy_at_most(labels: list[int]) -> None:
    said = [True] * len(labels)
    assert balanced_accuracy_estimate(labels, said) == Estimate(None, len(labels))
    assert f1_estimate(labels, said) == Estimate(None, len(labels))
    expected = None if not labels else float(labels[0])
    assert accuracy_estimate(labels, said).value == expected


@settings(max_examples=50, deadline=None)
@given(VERDICTS)
def test_values_are_those_of_scikit_learn(rows: Verdicts) -> None:
    from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

    labels, said = columns(rows)
    plain = [1 - label if verdict is None else int(verdict) for label, verdict in rows]
    assert accuracy_estimate(labels, said).value == pytest.approx(accuracy_score(labels, plain))
    if len(set(labels)) == 2:
        balanced = balanced_accuracy_estimate(labels, said).value
        assert balanced == pytest.approx(balanced_accuracy_score(labels, plain))
        assert f1_estimate(labels, said).value == pytest.approx(f1_score(labels, plain))


@settings(max_examples=50, deadline=None)
@given(VERDICTS)
def test_every_interval_holds_its_value_and_stays_within_0_and_1(rows: Verdicts) -> None:
    labels, said = columns(rows)
    for estimate in (accuracy_estimate, balanced_accuracy_estimate, f1_estimate):
        found = estimate(labels, said)
        if found.value is not None:
            low, high = ends(found)
            assert 0 <= low <= found.value <= high <= 1


@settings(max_examples=50, deadline=None)
@given(VERDICTS)
def test_to_swap_the_classes_leaves_both_accuracies(rows: Verdicts) -> None:
    labels, said = columns(rows)
    swapped = [1 - label for label in labels]
    turned = [None if verdict is None else not verdict for verdict in said]
    for estimate in (accuracy_estimate, balanced_accuracy_estimate):
        there, back = estimate(labels, said), estimate(swapped, turned)
        assert back.value == there.value
        if there.value is not None:
            assert ends(back) == pytest.approx(ends(there))


def test_a_verdict_is_one_a_video() -> None:
    with pytest.raises(ValueError, match="3 labels, but 2 verdicts"):
        accuracy_estimate([0, 1, 1], [True, False])


def test_a_score_is_no_verdict() -> None:
    with pytest.raises(ValueError, match=r"verdict 1 is 0\.7"):
        accuracy_estimate([0, 1], [True, 0.7])  # type: ignore[list-item]
