from __future__ import annotations

import math
import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.stats import covariance, placements, spread

TIED = st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1.0])
RUN = st.tuples(st.integers(0, 1), TIED, st.floats(-1e6, 1e6) | TIED, st.integers(0, 4))
VIDEOS = st.lists(RUN, min_size=4, max_size=24).filter(
    lambda rows: 2 <= sum(label for label, *_ in rows) <= len(rows) - 2
)
Rows = list[tuple[int, float, float, int]]

LABELS = [0, 0, 0, 1, 1, 1]
SCORES = [1.0, 2.0, 3.0, 2.0, 3.0, 4.0]


def won(anomalous: float, normal: float) -> float:
    return (anomalous > normal) + 0.5 * (anomalous == normal)


def components(labels: list[int], scores: list[float]) -> tuple[float, list[float], list[float]]:
    """AUROC and DeLong's structural components by their definition, one pair after the other."""
    anomalous = [score for label, score in zip(labels, scores, strict=True) if label]
    normal = [score for label, score in zip(labels, scores, strict=True) if not label]
    above = [statistics.fmean(won(a, n) for a in anomalous) for n in normal]
    below = [statistics.fmean(won(a, n) for n in normal) for a in anomalous]
    return statistics.fmean(below), above, below


def off_diagonal(first: list[float], second: list[float]) -> float:
    return statistics.covariance(first, second) / len(first)


def obuchowski(labels: list[int], one: list[float], other: list[float], names: list[str]) -> float:
    """Equations of Obuchowski (1997), cluster by cluster."""
    found = []
    for scores in (one, other):
        area, above, below = components(labels, scores)
        placed = {0: iter(above), 1: iter(below)}
        sums = {name: [0.0, 0.0] for name in names}
        for label, name in zip(labels, names, strict=True):
            sums[name][label] += next(placed[label]) - area
        found.append(sums)
    total = 0.0
    counts = [len({n for n, own in zip(names, labels, strict=True) if own == i}) for i in (0, 1)]
    sizes, every = [labels.count(0), labels.count(1)], len(set(names))
    for name in set(names):
        a, b = found[0][name], found[1][name]
        for kind in (0, 1):
            total += a[kind] * b[kind] / sizes[kind] ** 2 * counts[kind] / (counts[kind] - 1)
        total += (a[0] * b[1] + a[1] * b[0]) / (sizes[0] * sizes[1]) * every / (every - 1)
    return total


def columns(rows: Rows) -> tuple[list[int], list[float], list[float], list[str]]:
    labels, first, second, names = (list(column) for column in zip(*rows, strict=True))
    return labels, first, second, [f"object {name}" for name in names]


def test_placements_worked_by_hand() -> None:
    placed = placements(LABELS, SCORES)
    assert placed.normal == pytest.approx([1, 5 / 6, 1 / 2], abs=1e-15)
    assert placed.anomalous == pytest.approx([1 / 2, 5 / 6, 1], abs=1e-15)
    assert placed.auroc == 7 / 9


def test_a_variance_worked_by_hand() -> None:
    # Distances to 7/9 are -5, 1 and 4 eighteenths in either class.
    found = spread([placements(LABELS, SCORES)])
    assert found.variance == pytest.approx(7 / 162, abs=1e-15)
    assert found.degrees == pytest.approx(4, abs=1e-12)  # two equal parts of 2 each


def test_placements_keep_the_order_of_the_videos() -> None:
    placed = placements([1, 0, 1, 0], [5.0, 1.0, 0.0, 3.0])
    assert placed.anomalous.tolist() == [1.0, 0.0]
    assert placed.normal.tolist() == [0.5, 0.5]


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_placements_are_those_of_the_definition(rows: Rows) -> None:
    labels, _, scores, _ = columns(rows)
    placed = placements(labels, scores)
    area, above, below = components(labels, scores)
    assert placed.auroc == pytest.approx(area, abs=1e-12)
    assert placed.normal == pytest.approx(above, abs=1e-12)
    assert placed.anomalous == pytest.approx(below, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_the_covariance_is_that_of_the_definition(rows: Rows) -> None:
    labels, one, other, _ = columns(rows)
    found = covariance([placements(labels, one), placements(labels, other)])
    parts = [components(labels, scores) for scores in (one, other)]
    for i in (0, 1):
        for j in (0, 1):
            expected = off_diagonal(parts[i][1], parts[j][1]) + off_diagonal(
                parts[i][2], parts[j][2]
            )
            assert found[i, j] == pytest.approx(expected, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_clustered_it_is_that_of_obuchowski(rows: Rows) -> None:
    labels, one, other, names = columns(rows)
    found = covariance(
        [placements(labels, one), placements(labels, other)], labels=labels, clusters=names
    )
    several = all(
        len({name for name, label in zip(names, labels, strict=True) if label == kind}) > 1
        for kind in (0, 1)
    )
    if not several:
        assert np.isnan(found).all()
        return
    expected = [[obuchowski(labels, a, b, names) for b in (one, other)] for a in (one, other)]
    assert found == pytest.approx(np.array(expected), abs=1e-12)
    assert np.linalg.eigvalsh(found).min() > -1e-12


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_each_video_a_cluster_is_no_cluster(rows: Rows) -> None:
    labels, one, other, _ = columns(rows)
    placed = [placements(labels, one), placements(labels, other)]
    alone = [str(number) for number in range(len(labels))]
    clustered = covariance(placed, labels=labels, clusters=alone)
    assert clustered == pytest.approx(covariance(placed), abs=1e-12)


def test_a_clustered_variance_worked_by_hand() -> None:
    # Sums of the distances (in eighteenths): normal 4, 1 | -5, anomalous -5 | 1, 4, each over 3.
    names = ["a", "a", "b", "c", "d", "d"]
    found = covariance([placements(LABELS, SCORES)], labels=LABELS, clusters=names)
    assert found[0, 0] == pytest.approx(2 * 2 * (25 + 25) / (18 * 3) ** 2, abs=1e-15)


def test_objects_with_both_classes_make_their_errors_cancel() -> None:
    # Each object stands high or low as a whole: within it the order is always right.
    labels, names = [0, 1] * 4, [name for name in "abcd" for _ in "01"]
    scores = [0.0, 1.0, 10.0, 11.0, 20.0, 21.0, 30.0, 31.0]
    placed = [placements(labels, scores)]
    clustered = covariance(placed, labels=labels, clusters=names)[0, 0]
    assert 0 <= clustered < covariance(placed)[0, 0] / 5


@pytest.mark.parametrize("labels", [[0, 1, 1, 1], [0, 0, 0, 1], [0, 1]])
def test_one_video_of_a_class_has_no_variance(labels: list[int]) -> None:
    scores = [float(number % 3) for number in range(len(labels))]
    found = covariance([placements(labels, scores)])
    assert found.shape == (1, 1)
    assert math.isnan(found[0, 0])
    assert math.isnan(spread([placements(labels, scores)]).variance)


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_the_spread_of_a_difference_is_that_of_the_covariance(rows: Rows) -> None:
    labels, one, other, names = columns(rows)
    placed = [placements(labels, one), placements(labels, other)]
    for known in (None, names):
        whole = covariance(placed, labels=labels, clusters=known)
        expected = whole[0, 0] + whole[1, 1] - 2 * whole[0, 1]
        found = spread(placed, (-1, 1), labels=labels, clusters=known)
        assert found.variance == pytest.approx(expected, abs=1e-12, nan_ok=True)
        if found.variance > 1e-12:
            assert 1 - 1e-9 <= found.degrees <= len(labels) - 1 + 1e-9


def test_a_run_does_not_differ_from_itself() -> None:
    placed = placements(LABELS, SCORES)
    assert spread([placed, placed], (-1, 1)).variance == 0


def test_degrees_of_freedom_are_those_of_the_class_that_decides() -> None:
    # 40 anomalous videos at three heights between 3 normal ones that are far apart.
    labels, scores = [0] * 3 + [1] * 40, [0.0, 10.0, 20.0] + [5.0] * 20 + [15.0] * 20
    assert spread([placements(labels, scores)]).degrees < 3


@settings(deadline=None)
@given(VIDEOS, st.sampled_from([math.exp, lambda x: x**3, lambda x: 2 * x + 7]))
def test_only_the_order_counts(rows: Rows, grows: object) -> None:
    assert callable(grows)
    labels, scores, _, _ = columns(rows)
    before = placements(labels, scores)
    after = placements(labels, [grows(score) for score in scores])
    assert after.auroc == before.auroc
    assert after.normal.tolist() == before.normal.tolist()
    assert after.anomalous.tolist() == before.anomalous.tolist()


@settings(max_examples=50, deadline=None)
@given(VIDEOS)
def test_to_swap_labels_and_signs_is_to_swap_the_classes(rows: Rows) -> None:
    labels, _, scores, _ = columns(rows)
    there = placements(labels, scores)
    back = placements([1 - label for label in labels], [-score for score in scores])
    assert back.auroc == there.auroc
    assert back.normal.tolist() == there.anomalous.tolist()
    assert back.anomalous.tolist() == there.normal.tolist()


def test_the_ends_of_float64_are_told_apart() -> None:
    ends = [-1.7e308, -1e308, -5e-324, 0.0, 5e-324, 1e308, 1.7e308]
    for low, high in pairwise(ends):
        assert placements([0, 1], [low, high]).auroc == 1
    assert placements([0, 1], [-0.0, 0.0]).auroc == 0.5


def test_whole_numbers_and_numpy_are_scores_too() -> None:
    plain = placements([0, 1, 1], [1.0, 0.0, 2.0])
    assert placements([False, True, True], [1, 0, 2]).auroc == plain.auroc  # type: ignore[list-item]
    arrays = placements(np.array([0, 1, 1]), np.array([1, 0, 2], dtype=np.float32))  # type: ignore[arg-type]
    assert arrays.auroc == plain.auroc


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None, "high", 10**400])
def test_what_is_no_finite_number_is_named_by_its_index(bad: float) -> None:
    with pytest.raises(ValueError, match=r"score 2 is .*, not a finite number"):
        placements([0, 1, 1], [0.0, 1.0, bad])


@pytest.mark.parametrize("bad", [2, -1, None, "anomalous"])
def test_what_is_no_label_is_named_by_its_index(bad: int) -> None:
    with pytest.raises(ValueError, match=r"label 1 is .*, neither 0"):
        placements([0, bad, 1], [0.0, 1.0, 2.0])


def test_labels_and_scores_are_as_many() -> None:
    with pytest.raises(ValueError, match="3 labels, but 2 scores"):
        placements([0, 1, 1], [0.0, 1.0])


@pytest.mark.parametrize("labels", [[], [0, 0], [1]])
def test_one_class_alone_has_no_placements(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="one class alone"):
        placements(labels, [0.0] * len(labels))


def test_runs_of_other_videos_have_no_covariance() -> None:
    with pytest.raises(ValueError, match="same videos"):
        covariance([placements([0, 1, 1], [0.0, 1.0, 2.0]), placements([0, 1], [0.0, 1.0])])


def test_clusters_are_one_a_video() -> None:
    placed = [placements(LABELS, SCORES)]
    with pytest.raises(ValueError, match="6 labels, but 2 clusters"):
        covariance(placed, labels=LABELS, clusters=["a", "b"])
    with pytest.raises(ValueError, match="need the labels"):
        covariance(placed, clusters=["a"] * 6)
    with pytest.raises(ValueError, match="not those of the placements"):
        covariance(placed, labels=[0, 0, 1, 1, 1, 1], clusters=["a"] * 6)


def test_twenty_thousand_videos_take_no_square_of_memory() -> None:
    import tracemalloc

    rng = np.random.default_rng(0)
    labels = [0, 1] * 10_000
    scores = rng.normal(size=20_000).round(2).tolist()
    tracemalloc.start()
    found = spread([placements(labels, scores)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.variance == pytest.approx(1 / (12 * 5000), rel=0.1)  # 1/12m + 1/12n by chance
    assert peak < 5e6  # all pairs would be 1e8
