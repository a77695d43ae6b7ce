"""Dots and intervals by category: each where its number says, on an axis that all share."""

from __future__ import annotations

import pytest
from figures_material import WriteFile, evaluated, rows, without_scores

from physprior.eval.predictions import read_predictions
from physprior.eval.report.evaluation import evaluate
from physprior.eval.report.figures.panels import IntervalPlot, interval_plot

LABELS = [0, 0, 0, 0, 1, 1, 1, 1]
GOOD = [0.0, 1.0, 2.0, 5.0, 3.0, 4.0, 6.0, 7.0]
WEAK = [0.0, 3.0, 2.0, 5.0, 1.0, 4.0, 6.0, 7.0]
BAD = [-score for score in GOOD]


def plotted(write_file: WriteFile, *runs: list[object]) -> IntervalPlot:
    found = interval_plot(evaluated(write_file, *runs))
    assert found is not None
    return found


def test_a_dot_and_the_ends_of_its_interval_stand_where_their_numbers_say(
    write_file: WriteFile,
) -> None:
    evaluation = evaluated(write_file, rows(LABELS, GOOD))
    plot = interval_plot(evaluation)
    estimate = evaluation.scores.categories[0].measures["auroc"]
    assert plot is not None
    assert estimate.interval is not None
    first, last = plot.ticks[0], plot.ticks[-1]

    def said(x: float | None) -> float:
        assert x is not None
        ends = float(first.said), float(last.said)
        return ends[0] + (x - first.x) / (last.x - first.x) * (ends[1] - ends[0])

    dot = plot.rows[0].dots[0]
    known = (estimate.value, estimate.interval.low, estimate.interval.high)
    assert (said(dot.x), said(dot.low), said(dot.high)) == pytest.approx(known, abs=0.001)
    assert said(plot.chance) == pytest.approx(0.5, abs=0.001)
    assert dot.value.startswith("0.875 [")


def test_the_category_that_is_found_worst_comes_first_and_the_mean_last(
    write_file: WriteFile,
) -> None:
    own = rows(LABELS, GOOD, "ball") + rows(LABELS, BAD, "clip") + rows(LABELS, WEAK, "fan")
    plot = plotted(write_file, own)
    assert [row.title for row in plot.rows] == ["clip", "fan", "ball", "macro average"]
    assert [row.whole for row in plot.rows] == [False, False, False, True]


@pytest.mark.parametrize("scores", [GOOD, WEAK, BAD])
def test_everything_lies_within_the_axis_and_one_is_its_end(
    write_file: WriteFile, scores: list[float]
) -> None:
    plot = plotted(write_file, rows(LABELS, scores))
    dots = [dot for row in plot.rows for dot in row.dots]
    placed = [x for dot in dots for x in (dot.x, dot.low, dot.high) if x is not None]
    assert all(0 <= x <= 100 for x in [*placed, plot.chance])
    assert (plot.ticks[-1].x, plot.ticks[-1].said) == (100.0, "1.0")
    assert len(plot.ticks) <= 7
    assert [tick.x for tick in plot.ticks] == sorted({tick.x for tick in plot.ticks})


def test_chance_is_in_the_picture_of_a_model_that_is_far_above_it(write_file: WriteFile) -> None:
    labels = [0, 1] * 500
    plot = plotted(write_file, rows(labels, [float(label) for label in labels]))
    assert 0 < plot.chance < 50


def test_runs_stand_below_one_another_within_their_row(write_file: WriteFile) -> None:
    plot = plotted(write_file, rows(LABELS, GOOD), rows(LABELS, WEAK), rows(LABELS, BAD))
    dots = plot.rows[0].dots
    assert [(dot.run, dot.name) for dot in dots] == [(0, "this run"), (1, "base 1"), (2, "base 2")]
    steps = [dot.y for dot in dots]
    assert [0, *steps, plot.height] == sorted({0, *steps, plot.height})


def test_a_run_of_words_alone_says_so(write_file: WriteFile) -> None:
    said = [
        ("ball", name, 0.0, "Verdict: Anomalous. Reason: It leaks.") for name in ("normal", "leak")
    ]
    other = without_scores(write_file(said, "other.jsonl", model="words"))
    own = read_predictions(write_file(rows([0, 1], [1.0, 2.0])))
    plot = interval_plot(evaluate(own, beside=[other]))
    assert plot is not None
    dot = plot.rows[0].dots[1]
    assert (dot.name, dot.value[:5]) == ("words, by its words", "0.500")


def test_a_value_without_an_interval_is_a_dot_alone(write_file: WriteFile) -> None:
    plot = plotted(write_file, rows([0, 1, 1, 1], [1.0, 0.0, 2.0, 1.0]))
    dot = plot.rows[0].dots[0]
    assert (dot.low, dot.high) == (None, None)


def test_a_category_of_one_class_is_left_out(write_file: WriteFile) -> None:
    plot = plotted(write_file, rows([1, 1], [1.0, 2.0]) + rows(LABELS, GOOD, "clip"))
    assert [row.title for row in plot.rows] == ["clip", "macro average"]


def test_without_any_auroc_there_is_no_plot(write_file: WriteFile) -> None:
    assert interval_plot(evaluated(write_file, rows([1, 1], [1.0, 2.0]))) is None
