from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from physprior.stats.calibration import calibration, probability
from physprior.stats.thresholds import choose_threshold


def log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def drawn(number: int, spread: float, seed: int) -> tuple[list[int], list[float]]:
    """Videos of a perfectly calibrated model."""
    generator = np.random.default_rng(seed)
    scores = generator.normal(0, spread, number)
    labels = generator.random(number) < probability(scores)
    return labels.astype(int).tolist(), scores.tolist()


def test_brier_is_the_mean_squared_error_of_the_probability() -> None:
    labels, scores = drawn(50, 2.0, seed=1)
    found = calibration(labels, scores).brier
    said = [1 / (1 + math.exp(-score)) for score in scores]
    assert found.value == pytest.approx(brier_score_loss(labels, said), abs=1e-12)
    assert found.n == 50


def test_the_base_rate_stands_beside_it() -> None:
    # Whoever says 3/4 of every video has a Brier score of 3/16.
    found = calibration([1, 1, 1, 0], [log_odds(0.75)] * 4)
    assert found.base_brier == found.brier.value == pytest.approx(3 / 16)


def test_the_calibration_error_is_worked_by_hand() -> None:
    # 0.88, 0.88 with one of two anomalous: off by 0.38; 0.27 with none of one: off by 0.27.
    found = calibration([1, 0, 0], [log_odds(0.88), log_odds(0.88), log_odds(0.27)])
    assert found.ece == pytest.approx((2 * 0.38 + 0.27) / 3)
    filled = [(one.low, one.high, one.n, one.observed) for one in found.bins if one.n]
    assert filled == [(0.2, 0.3, 1, 0.0), (0.8, 0.9, 2, 0.5)]
    assert [one.predicted for one in found.bins if one.n] == pytest.approx([0.27, 0.88])


def test_bins_go_from_0_to_1_and_empty_ones_have_no_shares() -> None:
    bins = calibration([1, 0], [50.0, -50.0], bins=4).bins
    assert [(one.low, one.high) for one in bins] == [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]
    assert [one.n for one in bins] == [1, 0, 0, 1]
    assert bins[1].predicted is bins[1].observed is None


def test_the_error_by_chance_is_what_calibrated_models_show_on_average() -> None:
    found = [calibration(*drawn(60, 1.5, seed)) for seed in range(60)]
    shown = float(np.mean([one.ece for one in found]))
    assert shown == pytest.approx(float(np.mean([one.ece_by_chance for one in found])), rel=0.1)
    assert shown > 0.05  # though nothing is wrong with any of them


def test_a_model_that_is_too_sure_stands_above_chance() -> None:
    labels, scores = drawn(200, 1.0, seed=2)
    found = calibration(labels, [6 * score for score in scores])
    assert found.ece > 3 * found.ece_by_chance


def test_the_interval_of_brier_covers_though_a_sure_error_is_rare() -> None:
    # One video in 30 is wrong, and surely so: most samples of 40 hold one or none.
    generator = np.random.default_rng(3)
    hits = 0
    for _ in range(200):
        wrong = generator.random(40) < 1 / 30
        interval = calibration([1] * 40, np.where(wrong, -30.0, 30.0).tolist()).brier.interval
        assert interval is not None
        hits += interval.low <= 1 / 30 <= interval.high
    assert hits >= 190


def test_the_interval_of_a_perfect_model_is_not_of_no_width() -> None:
    interval = calibration([0, 1] * 20, [-40.0, 40.0] * 20).brier.interval
    assert interval is not None
    assert interval.low < 1e-12
    assert 0.05 < interval.high < 0.1


def test_scores_of_any_size_are_probabilities() -> None:
    scores = [1.7e308, -1.7e308, 5e-324, -0.0, 800.0, -800.0]
    said = probability(np.array(scores))
    assert said.tolist() == [1.0, 0.0, 0.5, 0.5, 1.0, 0.0]
    assert probability(np.array([-100.0]))[0] == pytest.approx(math.exp(-100), rel=1e-12)
    assert calibration([1, 0, 1, 0, 1, 0], scores).brier.value == pytest.approx(0.5 / 6)


def test_one_class_alone_still_has_an_error() -> None:
    found = calibration([0, 0], [0.0, 0.0])
    assert (found.brier.value, found.base_brier, found.ece) == (0.25, 0.0, 0.5)


def test_the_same_videos_give_the_same_numbers() -> None:
    labels, scores = drawn(300, 2.0, seed=4)
    assert calibration(labels, scores) == calibration(labels, scores)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_score_that_is_no_finite_number_is_named(bad: float) -> None:
    with pytest.raises(ValueError, match=f"score 1 is {bad}"):
        calibration([0, 1], [0.0, bad])


def test_no_video_is_no_calibration() -> None:
    with pytest.raises(ValueError, match="no video"):
        calibration([], [])


def test_calibrating_does_not_move_what_a_threshold_parts() -> None:
    labels, scores = drawn(80, 2.0, seed=5)
    stretched = [3 * score - 2 for score in scores]
    threshold = choose_threshold(labels, scores, "youden")
    other = choose_threshold(labels, stretched, "youden")
    assert [score > threshold for score in scores] == [score > other for score in stretched]
