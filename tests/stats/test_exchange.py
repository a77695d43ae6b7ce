"""The exchange of ranks, beside the plain listing of all exchanges."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, rankdata

from physprior.stats import exchange as room
from physprior.stats.exchange import SignedSum, exchange


def small_runs(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, two runs and groups of at most 9 videos; every second one with many ties."""
    generator = np.random.default_rng(number)
    normal, anomalous = generator.integers(1, 5, 2)
    labels = generator.permutation([False] * normal + [True] * anomalous)
    shape = (2, len(labels))
    runs = generator.integers(0, 4, shape) if number % 2 else generator.normal(size=shape)
    groups = np.unique(generator.integers(0, 4, len(labels)), return_inverse=True)[1]
    return labels, runs[0].astype(float), runs[1].astype(float), groups


def auroc_of_pairs(labels: np.ndarray, scores: np.ndarray) -> float:
    pairs = scores[labels][:, None] - scores[~labels][None, :]
    return float(((np.sign(pairs) + 1) / 2).mean())


def listed(labels: np.ndarray, a: np.ndarray, b: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The difference of AUROCs under each of the exchanges of whole groups, as it is defined."""
    ranks = rankdata(a), rankdata(b)
    found = []
    for flips in itertools.product([False, True], repeat=int(groups.max()) + 1):
        flipped = np.array(flips)[groups]
        first, second = np.where(flipped, ranks[::-1], ranks)
        found.append(auroc_of_pairs(labels, second) - auroc_of_pairs(labels, first))
    return np.array(found)


@pytest.fixture(params=["listed", "built"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small sums are listed; here the distribution is built for them, too."""
    if request.param == "built":
        monkeypatch.setattr(room, "LISTED", -1)


@pytest.mark.usefixtures("_either_way")
@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("grouped", [False, True])
def test_it_equals_the_listing_of_all_exchanges(number: int, grouped: bool) -> None:
    labels, a, b, groups = small_runs(number)
    found = exchange(labels, a, b, groups if grouped else None)
    by_hand = listed(labels, a, b, groups if grouped else np.arange(len(labels)))
    assert found.observed * found.unit == pytest.approx(by_hand[0], abs=1e-12)
    assert found.error == pytest.approx(by_hand.std(), abs=1e-12)
    assert found.p() == pytest.approx(np.mean(np.abs(by_hand) >= abs(by_hand[0]) - 1e-9), abs=1e-12)


def test_two_videos_that_are_ranked_the_other_way_round() -> None:
    # Of four exchanges two leave or restore the reversal, one video's alone makes two ties.
    found = exchange(np.array([False, True]), np.array([1.0, 2.0]), np.array([2.0, 1.0]))
    assert found.observed * found.unit == -1.0
    assert found.p() == 0.5


def test_a_video_that_both_runs_rank_alike_does_not_count() -> None:
    few = exchange(np.array([False, True, True]), np.array([1.0, 2, 3]), np.array([2.0, 1, 3]))
    many = exchange(
        np.array([False, True, True] + [True] * 30),
        np.array([1.0, 2, 3, *range(10, 40)]),
        np.array([2.0, 1, 3, *range(10, 40)]),
    )
    assert few.p() == many.p()


def test_runs_that_rank_alike_have_no_weights() -> None:
    found = exchange(
        np.array([False, True, True]), np.array([0.0, 1, 2]), np.array([-9.0, 0, 1e300])
    )
    assert not len(found.moving)
    assert (found.observed, found.error, found.p(), found.least) == (0, 0.0, 1.0, 1.0)


@pytest.mark.usefixtures("_either_way")
def test_a_sum_of_ones_is_binomial() -> None:
    assert SignedSum(np.array([1] * 9 + [-1] * 2)).p() == pytest.approx(2 * binom.cdf(2, 11, 0.5))


def test_tails_of_hundreds_of_weights_keep_their_digits() -> None:
    assert SignedSum(np.ones(300, dtype=np.int64)).p() == pytest.approx(2.0**-299, rel=1e-12, abs=0)


def test_a_common_divisor_changes_nothing() -> None:
    weights = np.array([3, -1, 4, 1, -5, 9])
    one, scaled = SignedSum(weights), SignedSum(weights * 1_000_000_007)
    assert scaled.p() == one.p()
    assert scaled.exact


def test_draws_of_a_built_distribution_have_its_moments() -> None:
    sums = SignedSum(np.array([4, 6, -2, 8] * 4))
    drawn = sums.draw(np.random.default_rng(0), 40_000)
    assert abs(drawn.mean()) < 4 * sums.error / math.sqrt(40_000)
    assert drawn.std() == pytest.approx(sums.error, rel=0.02)
    assert set(np.abs(drawn)) <= set(range(0, 81, 4))


def test_what_is_drawn_is_near_what_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = SignedSum(np.random.default_rng(1).integers(-20, 30, 40))
    built = sums.p()
    monkeypatch.setattr(room, "EXACT_STEPS", 0)
    assert not sums.exact
    assert sums.p() == pytest.approx(built, abs=4 * math.sqrt(built / room.DRAWS))
    assert sums.p(seed=3) == sums.p(seed=3) != sums.p(seed=4)


def test_a_drawn_p_is_never_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "EXACT_STEPS", 0)
    assert SignedSum(np.ones(60, dtype=np.int64)).p() == 1 / (1 + room.DRAWS)


@pytest.mark.timeout(10)
def test_weights_of_hundreds_of_millions_need_no_memory_of_their_size() -> None:
    large = np.random.default_rng(0).integers(4e8, 5e8, 40)
    few, many = SignedSum(large[:3]), SignedSum(large)
    assert few.exact
    assert few.p() == 0.25
    assert not many.exact
    assert many.p() == 1 / (1 + room.DRAWS)


def test_a_distribution_of_many_millions_of_values_is_drawn_and_not_built() -> None:
    assert SignedSum(np.arange(300_000, 300_010)).exact
    assert not SignedSum(np.arange(300_000, 300_020)).exact


def test_few_weights_are_drawn_from_the_list_of_all_sums() -> None:
    drawn = SignedSum(np.array([500_000_000, 3])).draw(np.random.default_rng(0), 100)
    assert set(np.abs(drawn)) == {500_000_003, 499_999_997}
