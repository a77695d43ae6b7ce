from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.stats import auroc
from physprior.stats.unparsed import auroc_bounds

ANSWERS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([True, False, None])), min_size=2, max_size=8
).filter(lambda pairs: {label for label, _ in pairs} == {0, 1})


@settings(deadline=None, max_examples=60)
@given(ANSWERS)
def test_the_ends_are_those_of_every_way_to_read_the_unread(
    pairs: list[tuple[int, bool | None]],
) -> None:
    labels, said = [label for label, _ in pairs], [word for _, word in pairs]
    readings = product(*([float(word)] if word is not None else [0.0, 0.5, 1.0] for word in said))
    found = [auroc(labels, reading) for reading in readings]
    assert auroc_bounds(labels, said) == pytest.approx(
        (min(one for one in found if one is not None), max(one for one in found if one is not None))
    )


def test_where_all_is_read_both_ends_are_the_verdicts_auroc() -> None:
    assert auroc_bounds([0, 0, 1, 1], [False, True, True, True]) == (0.75, 0.75)


def test_where_nothing_is_read_everything_is_possible() -> None:
    assert auroc_bounds([0, 1], [None, None]) == (0.0, 1.0)


@pytest.mark.parametrize("labels", [[], [0, 0], [1]])
def test_one_class_alone_has_no_bounds(labels: list[int]) -> None:
    assert auroc_bounds(labels, [None] * len(labels)) is None


def test_labels_without_words_are_refused() -> None:
    with pytest.raises(ValueError, match="2 labels"):
        auroc_bounds([0, 1], [None])


def test_a_label_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="label 1 is 2"):
        auroc_bounds([0, 2], [None, True])
