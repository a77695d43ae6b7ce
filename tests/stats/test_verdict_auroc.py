"""The AUROC of hard verdicts, where answers that say neither are decided by a coin."""

from __future__ import annotations

import itertools
import random

import pytest

from physprior.stats import auroc, auroc_bounds, auroc_estimate, verdict_auroc_estimate


def test_it_is_the_ranking_s_where_every_answer_was_read() -> None:
    labels, said = [0, 0, 0, 1, 1], [False, True, False, True, True]
    words = [float(word) for word in said]
    assert verdict_auroc_estimate(labels, said) == auroc_estimate(labels, words)


def test_it_is_what_coins_are_expected_to_give() -> None:
    random.seed(5)
    for _ in range(20):
        labels = [0, 0, 0, 1, 1, 1, 1]
        said = [random.choice([True, False, None]) for _ in labels]
        silent = [index for index, word in enumerate(said) if word is None]
        values = []
        for coins in itertools.product([False, True], repeat=len(silent)):
            words = list(said)
            for index, coin in zip(silent, coins, strict=True):
                words[index] = coin
            values.append(auroc(labels, [float(bool(word)) for word in words]))
        found = verdict_auroc_estimate(labels, said)
        assert found.value == pytest.approx(sum(values) / len(values))
        bounds = auroc_bounds(labels, said)
        assert bounds is not None
        assert found.value == pytest.approx(sum(bounds) / 2)
        assert found.interval is not None
        assert found.interval.low <= found.value <= found.interval.high


def test_silence_on_every_anomaly_is_no_perfect_ranking() -> None:
    found = verdict_auroc_estimate([0, 0, 1, 1], [False, False, None, None])
    assert found.value == 0.75


def test_one_class_has_none() -> None:
    assert verdict_auroc_estimate([1, 1], [True, None]).value is None
    assert verdict_auroc_estimate([1, 1], [True, True]).value is None
