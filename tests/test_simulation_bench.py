"""What bench/simulation.py holds our statistics against is right, and its tables are made."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from physprior.stats import average_precision_estimate, covariance, placements

pytestmark = pytest.mark.usefixtures("_bench_on_path")


@pytest.fixture
def _bench_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "bench")


@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_drawn_runs_have_the_auroc_they_are_said_to_have(spread: float) -> None:
    import binormal

    labels = binormal.labels_of(30, 30)
    runs = binormal.runs(
        np.random.default_rng(0), 500, labels, (0.7, 0.9), spreads=(1.0, spread), correlation=0.5
    )
    means = [binormal.wins(labels, scores).mean() for scores in runs]
    assert means == pytest.approx([0.7, 0.9], abs=0.015)
    normal = [scores[:, labels == 0].ravel() for scores in runs]
    assert np.corrcoef(normal)[0, 1] == pytest.approx(0.5, abs=0.03)


def test_the_plain_errors_are_delongs() -> None:
    import binormal

    labels = binormal.labels_of(7, 9)
    a, b = binormal.runs(np.random.default_rng(0), 3, labels, (0.7, 0.8))
    both = [
        covariance([placements(labels, x), placements(labels, y)])
        for x, y in zip(a, b, strict=True)
    ]
    _, own = binormal.delong(binormal.wins(labels, a))
    _, paired = binormal.delong(binormal.wins(labels, b) - binormal.wins(labels, a))
    assert own == pytest.approx([math.sqrt(one[0, 0]) for one in both])
    assert paired == pytest.approx(
        [math.sqrt(one[0, 0] + one[1, 1] - 2 * one[0, 1]) for one in both]
    )


def test_the_bootstrap_spreads_as_delongs_errors_say_where_videos_are_many() -> None:
    import binormal

    generator, labels = np.random.default_rng(0), binormal.labels_of(150, 150)
    pairs = binormal.wins(labels, binormal.runs(generator, 20, labels, (0.75,))[0])
    low, high = binormal.bootstrap(generator, pairs)
    _, error = binormal.delong(pairs)
    assert np.mean((high - low) / error) == pytest.approx(2 * 1.96, rel=0.05)


def test_the_true_average_precision_is_that_of_very_many_videos() -> None:
    import binormal

    labels = binormal.labels_of(5_000, 15_000)
    (scores,) = binormal.runs(np.random.default_rng(0), 1, labels, (0.85,))
    found = average_precision_estimate(labels.tolist(), scores[0].tolist())
    assert binormal.average_precision(0.85, 0.75) == pytest.approx(found.value, abs=0.01)


@pytest.mark.parametrize("name", ["measures", "clustered"])
def test_every_table_is_made_and_made_again_the_same(name: str) -> None:
    import simulation

    made = simulation.table(name, 4, seed=1)
    assert made == simulation.table(name, 4, seed=1)
    widths = {line.count("|") for line in made.splitlines() if line.startswith("|")}
    assert len(widths) == 1


def test_a_rate_stands_with_its_own_error() -> None:
    import simulation

    assert simulation.rate([True, True, True, False]) == "0.750 ±0.217"
