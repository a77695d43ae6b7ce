"""Holm's correction."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from physprior.stats import holm

PS = st.lists(st.none() | st.floats(0, 1), max_size=8)


def test_hand_worked() -> None:
    # Sorted .01 .02 .03 .04: times 4, 3, 2, 1, and never less than the one before.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_no_test_stays_none_and_is_not_counted() -> None:
    assert holm([None, 0.02, None]) == [None, 0.02, None]


def test_nothing_is_adjusted_to_nothing() -> None:
    assert holm([]) == []
    assert holm([None]) == [None]


@pytest.mark.parametrize("bad", [math.nan, -0.1, 1.1, math.inf])
def test_what_is_no_p_is_refused_by_its_index(bad: float) -> None:
    with pytest.raises(ValueError, match="p 1 is"):
        holm([0.5, bad])


@given(PS)
def test_an_adjusted_p_is_not_smaller_not_above_1_and_keeps_the_order(
    ps: list[float | None],
) -> None:
    pairs = [(p, q) for p, q in zip(ps, holm(ps), strict=True) if p is not None and q is not None]
    assert len(pairs) == len(ps) - ps.count(None)
    assert all(p <= q <= 1 for p, q in pairs)
    assert [q for _, q in sorted(pairs)] == sorted(q for _, q in pairs)


@given(PS, st.randoms())
def test_the_order_of_the_tests_changes_nothing(ps: list[float | None], random: object) -> None:
    order = list(range(len(ps)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert holm([ps[index] for index in order]) == [holm(ps)[index] for index in order]
