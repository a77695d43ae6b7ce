from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.stats import auroc, auroc_error, macro, roc_curve

SCORE = st.floats(-1e6, 1e6) | st.sampled_from([-1.0, 0.0, 0.5, 1.0])  # the latter make ties
LABELLED = st.lists(st.tuples(st.integers(0, 1), SCORE), min_size=2, max_size=30).filter(
    lambda pairs: {label for label, _ in pairs} == {0, 1}
)


def by_counting_pairs(labels: list[int], scores: list[float]) -> float:
    """The definition: how often an anomalous video stands above a normal one; a tie is a half."""
    anomalous = [score for label, score in zip(labels, scores, strict=True) if label]
    normal = [score for label, score in zip(labels, scores, strict=True) if not label]
    won = sum((a > n) + 0.5 * (a == n) for a in anomalous for n in normal)
    return won / (len(anomalous) * len(normal))


@settings(deadline=None)  # the first call imports scikit-learn
@given(LABELLED)
def test_auroc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[int, float]]) -> None:
    labels, scores = [label for label, _ in pairs], [score for _, score in pairs]
    assert auroc(labels, scores) == pytest.approx(by_counting_pairs(labels, scores), abs=1e-12)


@settings(deadline=None)
@given(LABELLED)
def test_turning_the_scores_round_mirrors_auroc_at_one_half(
    pairs: list[tuple[int, float]],
) -> None:
    labels, scores = [label for label, _ in pairs], [score for _, score in pairs]
    there, back = auroc(labels, scores), auroc(labels, [-score for score in scores])
    assert there is not None
    assert back == pytest.approx(1 - there, abs=1e-12)


def test_higher_is_more_anomalous() -> None:
    assert auroc([0, 0, 1, 1], [-3.0, -2.0, 0.1, 0.2]) == 1.0
    assert auroc([1, 1, 0, 0], [-3.0, -2.0, 0.1, 0.2]) == 0.0


def test_equal_scores_say_nothing() -> None:
    assert auroc([0, 1, 0, 1, 1], [0.7] * 5) == 0.5


def test_scores_that_differ_in_the_last_digit_of_float64_are_no_tie() -> None:
    assert auroc([0, 1], [1.0, math.nextafter(1.0, 2.0)]) == 1.0


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1], []])
def test_one_class_alone_has_no_auroc(labels: list[int]) -> None:
    assert auroc(labels, [0.1 * number for number in range(len(labels))]) is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("labels", [[0, 1], [1, 1]])
def test_a_score_that_is_no_finite_number_is_an_error(labels: list[int], bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        auroc(labels, [0.0, bad])


@settings(deadline=None)
@given(LABELLED)
def test_the_area_under_the_curve_is_auroc(pairs: list[tuple[int, float]]) -> None:
    labels, scores = [label for label, _ in pairs], [score for _, score in pairs]
    false_rate, true_rate = roc_curve(labels, scores)
    assert (false_rate[0], true_rate[0]) == (0.0, 0.0)
    assert (false_rate[-1], true_rate[-1]) == (1.0, 1.0)
    area = float(np.trapezoid(true_rate, false_rate))
    assert area == pytest.approx(by_counting_pairs(labels, scores), abs=1e-12)


def test_macro_is_the_plain_mean_of_what_there_is() -> None:
    assert macro([0.5, None, 1.0]) == 0.75


@pytest.mark.parametrize("values", [[], [None, None]])
def test_macro_of_nothing_is_nothing(values: list[float | None]) -> None:
    assert macro(values) is None


def test_the_standard_error_of_an_auroc_is_that_of_repeated_draws() -> None:
    rng = np.random.default_rng(0)
    labels = [1] * 40 + [0] * 60
    drawn = [auroc(labels, [*rng.normal(1.0, 1, 40), *rng.normal(0.0, 1, 60)]) for _ in range(400)]
    assert np.std(drawn) == pytest.approx(auroc_error(np.mean(drawn), 40, 60), rel=0.2)
