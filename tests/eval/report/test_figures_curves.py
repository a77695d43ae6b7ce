"""Curves as shapes: what is drawn is what was measured, in few points."""

from __future__ import annotations

import numpy as np
import pytest
from figures_material import WriteFile, evaluated, rows, without_scores
from numpy.typing import NDArray
from sklearn import metrics

from physprior.eval.predictions import read_predictions
from physprior.eval.report.evaluation import evaluate
from physprior.eval.report.figures.curve import FINEST, MOST_LETTERS, points
from physprior.eval.report.figures.panels import precision_recall_panels, roc_panels
from physprior.eval.report.figures.precision_recall import steps

Floats = NDArray[np.float64]
ROUNDED = 0.08
"""A point that is written to a tenth in x and y is off by less."""


def read(written: str) -> Floats:
    return np.array([[float(one) for one in pair.split(",")] for pair in written.split()])


def area(line: Floats) -> float:
    """Below a line that runs from left to right, in shares of the square."""
    x, y = line[:, 0] / 100, 1 - line[:, 1] / 100
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))


def distance(line: Floats, point: Floats) -> float:
    """How far a point is from the nearest stretch of a line, by trying each."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    lengths = np.maximum((ways**2).sum(axis=1), 1e-12)
    along = np.clip(((point - starts) * ways).sum(axis=1) / lengths, 0, 1)
    return float(np.linalg.norm(point - starts - along[:, None] * ways, axis=1).min())


def ranked(videos: int, apart: float, seed: int = 0) -> tuple[list[int], list[float]]:
    drawn = np.random.default_rng(seed)
    labels = drawn.integers(0, 2, videos)
    return labels.tolist(), (drawn.normal(size=videos) + apart * labels).tolist()


@pytest.mark.parametrize("apart", [0.0, 1.0, 3.0])
def test_a_thinned_line_passes_by_every_point_that_it_leaves_out(apart: float) -> None:
    false_rate, true_rate, _ = metrics.roc_curve(*ranked(1500, apart))
    drawn = read(points(100 * false_rate, 100 * true_rate))
    assert len(drawn) < len(false_rate)
    for x, y in zip(false_rate, true_rate, strict=True):
        assert distance(drawn, np.array([100 * x, 100 * y])) <= FINEST + ROUNDED


@pytest.mark.parametrize("apart", [0.0, 1.0, 3.0])
def test_a_curve_of_5000_videos_is_small_and_has_the_area_of_its_auroc(apart: float) -> None:
    labels, scores = ranked(5000, apart)
    false_rate, true_rate, _ = metrics.roc_curve(labels, scores)
    drawn = points(100 * false_rate, 100 - 100 * true_rate)
    assert len(drawn) <= MOST_LETTERS
    assert area(read(drawn)) == pytest.approx(metrics.roc_auc_score(labels, scores), abs=0.001)


@pytest.mark.parametrize("apart", [0.0, 1.0, 3.0])
def test_so_is_one_of_precision_with_the_area_of_its_average(apart: float) -> None:
    labels, scores = ranked(5000, apart)
    recall, precision = steps(np.asarray(labels), np.unique(scores, return_inverse=True)[1])
    drawn = points(100 * recall, 100 - 100 * precision)
    average = metrics.average_precision_score(labels, scores)
    assert len(drawn) <= MOST_LETTERS
    assert area(read(drawn)) == pytest.approx(average, abs=0.001)


def test_a_line_without_end_is_made_coarser_until_it_is_short() -> None:
    x = np.linspace(0, 100, 5_000)
    drawn = points(x, 50 + 40 * np.sin(20 * x))
    assert len(drawn) <= MOST_LETTERS


def test_a_straight_line_is_two_points() -> None:
    x = np.linspace(0, 100, 50)
    assert points(x, 100 - x) == "0.0,100.0 100.0,0.0"


def test_a_line_that_comes_back_keeps_its_way() -> None:
    assert points([0, 50, 0], [0, 0, 0]) == "0.0,0.0 50.0,0.0 0.0,0.0"


def test_nothing_is_written_as_minus_zero() -> None:
    assert points([-0.0, 100], [-1e-15, 0]) == "0.0,0.0 100.0,0.0"


def test_the_corners_of_precision_and_recall_are_those_of_scikit_learn() -> None:
    labels, scores = ranked(200, 1.0)
    tied = [round(score, 1) for score in scores]
    recall, precision = steps(np.asarray(labels), np.unique(tied, return_inverse=True)[1])
    known_precision, known_recall, _ = metrics.precision_recall_curve(labels, tied)
    known = {*zip(known_recall.round(9), known_precision.round(9), strict=True)}
    ends = [*zip(recall[1::2].round(9), precision[1::2].round(9), strict=True)]
    assert len(ends) == len({score for score, label in zip(tied, labels, strict=True) if label})
    assert {*ends} <= known
    assert (recall[0], recall[-1]) == (0, 1)
    assert (np.diff(recall) >= 0).all()


def test_the_area_below_precision_and_recall_is_the_average_precision() -> None:
    labels, scores = ranked(300, 0.7)
    tied = [round(score, 1) for score in scores]
    recall, precision = steps(np.asarray(labels), np.unique(tied, return_inverse=True)[1])
    assert area(np.column_stack([100 * recall, 100 - 100 * precision])) == pytest.approx(
        metrics.average_precision_score(labels, tied)
    )


def test_a_perfect_ranking_stays_at_the_top(write_file: WriteFile) -> None:
    (panel,) = precision_recall_panels(
        evaluated(write_file, rows([0, 0, 1, 1], [1.0, 2.0, 3.0, 4.0]))
    )
    assert panel.curves[0].points == "0.0,0.0 100.0,0.0"
    assert panel.curves[0].value == "1.000"


def test_the_floor_is_the_share_of_anomalous_videos(write_file: WriteFile) -> None:
    (panel,) = precision_recall_panels(
        evaluated(write_file, rows([0, 0, 0, 1], [1.0, 2.0, 3.0, 4.0]))
    )
    assert (panel.floor, panel.floor_said) == (75.0, "0.250")


def test_scores_that_all_tie_are_one_level_at_the_floor(
    write_file: WriteFile,
) -> None:
    (panel,) = precision_recall_panels(evaluated(write_file, rows([0, 1], [0.0, 0.0])))
    assert panel.curves[0].points == "0.0,50.0 100.0,50.0"
    assert panel.floor == 50.0


def test_a_category_of_one_class_has_no_curve(write_file: WriteFile) -> None:
    evaluation = evaluated(write_file, rows([1, 1], [1.0, 2.0]) + rows([0, 1], [1.0, 2.0], "clip"))
    assert [panel.title for panel in roc_panels(evaluation)] == ["clip"]
    assert [panel.title for panel in precision_recall_panels(evaluation)] == ["clip"]


def test_runs_beside_have_their_curves_after_the_own(write_file: WriteFile) -> None:
    evaluation = evaluated(write_file, rows([0, 1], [1.0, 2.0]), rows([0, 1], [2.0, 1.0]))
    (panel,) = roc_panels(evaluation)
    assert [(curve.name, curve.value) for curve in panel.curves] == [
        ("this run", "1.000"),
        ("base 1", "0.000"),
    ]


def test_a_run_of_words_alone_has_no_curve(write_file: WriteFile) -> None:
    own = [("ball", "normal", 1.0, None), ("ball", "leak", 2.0, None)]
    said = [("ball", name, 0.0, "Verdict: Normal. Reason: It runs.") for name in ("normal", "leak")]
    other = without_scores(write_file(said, "other.jsonl", model="words"))
    evaluation = evaluate(read_predictions(write_file(own)), beside=[other])
    for panel in (*roc_panels(evaluation), *precision_recall_panels(evaluation)):
        assert [curve.name for curve in panel.curves] == ["this run"]
