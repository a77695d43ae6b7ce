from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from physprior.stats.agreement import agreement, krippendorff

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers,
# twelve units, values missing; its answer for interval data is 0.849.
PUBLISHED = [
    [1, 1, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [5, 5, 5],
    [1, 1],
    [3],
]
SCORES = st.lists(
    st.lists(st.floats(0, 1).map(lambda score: round(score, 3)), max_size=4), max_size=8
)


def by_pairs(units: list[list[float]]) -> float:
    """The definition, pair by pair."""
    paired = [unit for unit in units if len(unit) > 1]
    scores = [score for unit in paired for score in unit]
    observed = sum(
        sum((x - y) ** 2 for x in unit for y in unit) / (len(unit) - 1) for unit in paired
    )
    expected = sum((x - y) ** 2 for x in scores for y in scores) / (len(scores) - 1)
    return 1 - observed / expected


def test_the_published_worked_example_comes_out() -> None:
    assert agreement(PUBLISHED).alpha == pytest.approx(0.849, abs=5e-4)


@given(SCORES)
def test_alpha_is_what_its_definition_by_pairs_says(units: list[list[float]]) -> None:
    found = krippendorff(units)

    distinct = {score for unit in units if len(unit) > 1 for score in unit}
    if len(distinct) < 2:
        assert found is None
    else:
        assert found == pytest.approx(by_pairs(units), abs=1e-9)


def test_a_judge_that_repeats_itself_agrees_wholly() -> None:
    found = agreement([[0.25, 0.25, 0.25], [1.0, 1.0], [0.1, 0.1]])

    assert (found.n, found.exact, found.difference, found.alpha) == (3, 1.0, 0.0, 1.0)


def test_a_judge_that_says_one_thing_of_everything_has_no_alpha() -> None:
    found = agreement([[0.7, 0.7], [0.7, 0.7]])

    assert found.exact == 1.0
    assert found.alpha is None


def test_differences_are_those_of_pairs_then_of_things() -> None:
    found = agreement([[0.0, 0.5, 1.0], [0.25, 0.25]])

    assert found.difference == pytest.approx((2 / 3 + 0) / 2)
    assert found.exact == 0.5


def test_what_was_asked_once_says_nothing_of_agreement() -> None:
    assert agreement([[0.5], []]).alpha is None
    assert agreement([[0.5], [0.25, 0.5]]).n == 1


def test_a_judge_that_contradicts_itself_is_below_chance() -> None:
    found = agreement([[0.0, 1.0], [1.0, 0.0]])

    assert found.alpha is not None
    assert found.alpha < 0


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="score 1 is nan"):
        agreement([[0.5, math.nan]])
