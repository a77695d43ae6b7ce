"""AUROC by severity: the ranges, what is in them, and what the table says of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from figures_material import WriteFile, without_scores
from sklearn import metrics

from physprior.eval.predictions import read_predictions
from physprior.eval.report.figures.panels import severity_panels
from physprior.eval.report.severity import FEWEST, Severity, SeverityBin, severity_scores
from physprior.eval.report.severity_table import readings, severity_table
from physprior.eval.scoring import Scores, score
from physprior.stats import Estimate, Interval, macro_estimate

NORMAL = [("ball", "normal", float(one), None) for one in range(20)]


def graded(
    write_file: WriteFile, failures: list[tuple[str, float, float | None]], *others: Any
) -> tuple[Scores, dict[str, float]]:
    """Scores of normal videos and of failures: (category, score, severity or None)."""
    rows = [*NORMAL, *others, *((name, "leak", value, None) for name, value, _ in failures)]
    predictions = read_predictions(write_file(rows))
    own = [line for line in predictions.predictions if line.label]
    severities = {
        line.id: severity
        for line, (_, _, severity) in zip(own, failures, strict=True)
        if severity is not None
    }
    return score(predictions), severities


def evenly(count: int, low: float, high: float, value: float = 30.0) -> list[Any]:
    return [("ball", value, float(one)) for one in np.linspace(low, high, count)]


def measured(write_file: WriteFile, *arguments: Any) -> Severity:
    found = severity_scores(*graded(write_file, *arguments))
    assert found is not None
    return found


def spans(found: Severity) -> list[tuple[float, float, int]]:
    return [(one.low, one.high, one.anomalous) for one in found.bins]


def test_the_auroc_of_a_range_is_that_of_its_videos_against_all_normal_ones(
    write_file: WriteFile,
) -> None:
    drawn = np.random.default_rng(0)
    failures = [("ball", float(one), float(drawn.random())) for one in drawn.normal(12, 6, 60)]
    found = measured(write_file, failures)
    assert len(found.bins) == 4
    for one in found.bins:
        inside = [value for _, value, severity in failures if one.low <= severity < one.high]
        labels = [0] * 20 + [1] * len(inside)
        known = metrics.roc_auc_score(labels, [*range(20), *inside])
        assert one.macro.value == pytest.approx(known)
        assert (one.normal, one.anomalous) == (20, len(inside))


def test_the_macro_average_is_the_mean_of_the_categories_in_the_range(
    write_file: WriteFile,
) -> None:
    others = [("clip", "normal", 0.0, None), ("clip", "normal", 2.0, None)]
    failures = [*evenly(12, 0.0, 0.2), *[("clip", 1.0, 0.1)] * 12, *evenly(12, 0.5, 0.6, 9.5)]
    found = measured(write_file, failures, *others)
    first, last = found.bins[0], found.bins[-1]
    assert [(name, one.value) for name, one in first.categories] == [("ball", 1.0), ("clip", 0.5)]
    assert first.macro.value == 0.75
    assert dict(last.categories)["clip"].value is None
    assert last.macro.value == dict(last.categories)["ball"].value == 0.5
    assert (first.normal, last.normal) == (22, 20)


def test_a_severity_at_a_border_is_in_the_graver_range_and_1_in_the_last(
    write_file: WriteFile,
) -> None:
    failures = [*evenly(10, 0.0, 0.2), *[("ball", 30.0, 0.25)] * 10, *[("ball", 30.0, 1.0)] * 10]
    found = measured(write_file, failures)
    assert spans(found) == [(0.0, 0.25, 10), (0.25, 0.5, 10), (0.5, 1.0, 10)]


def test_a_quarter_with_few_videos_is_joined_to_the_next(write_file: WriteFile) -> None:
    failures = [*evenly(FEWEST - 1, 0.0, 0.2), *evenly(FEWEST, 0.3, 0.4), *evenly(30, 0.5, 0.9)]
    assert spans(measured(write_file, failures))[0] == (0.0, 0.5, 2 * FEWEST - 1)


def test_the_last_quarter_with_few_videos_is_joined_to_the_one_before(
    write_file: WriteFile,
) -> None:
    failures = [*evenly(20, 0.0, 0.2), *evenly(20, 0.3, 0.4), *evenly(3, 0.8, 0.9)]
    assert spans(measured(write_file, failures)) == [(0.0, 0.25, 20), (0.25, 1.0, 23)]


def test_a_range_begins_and_ends_where_there_are_videos(write_file: WriteFile) -> None:
    assert spans(measured(write_file, evenly(30, 0.3, 0.7))) == [(0.25, 0.5, 15), (0.5, 0.75, 15)]


def test_one_graded_video_is_a_range_of_its_own(write_file: WriteFile) -> None:
    assert spans(measured(write_file, evenly(1, 0.6, 0.6))) == [(0.5, 0.75, 1)]


def test_videos_without_a_severity_are_counted(write_file: WriteFile) -> None:
    found = measured(write_file, [*evenly(10, 0.0, 0.2), ("ball", 3.0, None), ("ball", 4.0, None)])
    assert found.without == 2
    assert sum(one.anomalous for one in found.bins) == 10
    assert "2 anomalous videos have no severity" in severity_table(found).notes[-1]


def test_a_severity_of_a_normal_video_changes_nothing(write_file: WriteFile) -> None:
    scores, severities = graded(write_file, evenly(12, 0.0, 0.9))
    normal = {one.id: 0.5 for one in scores.predictions.predictions if not one.label}
    assert severity_scores(scores, severities | normal) == severity_scores(scores, severities)


def test_where_nothing_has_a_severity_there_is_nothing(write_file: WriteFile) -> None:
    scores, _ = graded(write_file, evenly(12, 0.0, 0.9))
    assert severity_scores(scores, {}) is None


def test_a_category_without_normal_videos_has_no_auroc_by_severity(write_file: WriteFile) -> None:
    failures = [*evenly(12, 0.0, 0.2), ("clip", 1.0, 0.1)]
    found = measured(write_file, failures)
    assert [name for name, _ in found.bins[0].categories] == ["ball"]
    assert found.bins[0].anomalous == 12


def test_words_alone_have_no_auroc_by_severity(write_file: WriteFile) -> None:
    rows = [("ball", "normal", 1.0, "no"), ("ball", "leak", 1.0, "no")]
    predictions = read_predictions(without_scores(write_file(rows)))
    assert severity_scores(score(predictions), {predictions.predictions[1].id: 0.5}) is None


def test_what_is_found_is_the_share_above_the_threshold(write_file: WriteFile) -> None:
    failures = [*evenly(6, 0.0, 0.1, -1.0), *evenly(6, 0.1, 0.2, 1.0), *evenly(10, 0.6, 0.7, 1.0)]
    found = measured(write_file, failures)
    assert [one.found.value for one in found.bins if one.found] == [0.5, 1.0]
    (row,) = [row for row in severity_table(found).rows if row[0] == "found at the threshold"]
    assert row[1].startswith("0.500 [")


def test_a_table_has_a_row_a_category_and_a_column_a_range(write_file: WriteFile) -> None:
    others = [("clip", "normal", 0.0, None), ("clip", "normal", 2.0, None)]
    failures = [*evenly(12, 0.0, 0.2), *[("clip", 1.0, 0.1)] * 12, *evenly(12, 0.5, 0.6)]
    table = severity_table(measured(write_file, failures, *others))
    assert table.heads == ("category", "0 to 0.25", "0.25 to 0.75")
    assert [row[0] for row in table.rows[: -table.apart]] == ["ball", "clip"]
    assert table.rows[1][2] == "n/a"
    assert table.rows[-1] == ("anomalous videos", "24", "12")
    assert len(table.alarms) == 1


def bins(*values: tuple[float, float, float]) -> Severity:
    """Equal ranges of one category with these AUROCs and intervals, the slightest first."""
    width = 1 / len(values)
    made = []
    for place, (value, low, high) in enumerate(values):
        one = Estimate(value, 50, Interval(low, high, "by hand"))
        ends = (round(place * width, 2), round((place + 1) * width, 2))
        made.append(SeverityBin(*ends, 25, 25, macro_estimate([one]), (("ball", one),)))
    return Severity(tuple(made), 0)


@pytest.mark.parametrize(
    ("slightest", "words"),
    [
        ((0.50, 0.45, 0.55), "A failure below 0.5 is found no better than by chance ("),
        ((0.55, 0.30, 0.75), "A failure below 0.5 is not surely found better than by chance ("),
        ((0.30, 0.20, 0.40), "A failure below 0.5 is ranked below sound objects ("),
        ((0.80, 0.70, 0.90), "Even the slightest failures, of 0 to 0.5, are found better than by"),
    ],
)
def test_a_sentence_says_how_small_a_failure_may_be(
    slightest: tuple[float, float, float], words: str
) -> None:
    found, _ = readings(bins(slightest, (0.95, 0.90, 0.98)))
    assert found.startswith(words)


def test_all_ranges_that_are_not_found_are_named_with_their_figures() -> None:
    found, _ = readings(bins((0.5, 0.45, 0.55), (0.52, 0.4, 0.66), (0.6, 0.52, 0.7), (0.9, 0.8, 1)))
    assert found == (
        "A failure below 0.5 is not surely found better than by chance (0 to 0.25 macro AUROC "
        "0.500 [0.45, 0.55]; 0.25 to 0.5 macro AUROC 0.520 [0.40, 0.66]); from 0.5 on it is found "
        "(macro AUROC 0.600 [0.52, 0.70])."
    )


def test_ranges_below_sound_objects_are_said_so_only_where_all_are() -> None:
    found, _ = readings(bins((0.3, 0.2, 0.4), (0.48, 0.44, 0.52), (0.9, 0.8, 0.98)))
    assert found.startswith("A failure below 0.67 is not surely found better than by chance (")


def test_a_graver_range_that_is_lost_again_is_named() -> None:
    found, _ = readings(bins((0.8, 0.7, 0.9), (0.55, 0.4, 0.7)))
    assert found.endswith("Not surely so again: 0.5 to 1.")


def test_where_nothing_is_found_it_says_so() -> None:
    found, _ = readings(bins((0.5, 0.4, 0.6), (0.55, 0.45, 0.65)))
    assert found.startswith("In no range are failures surely found better than by chance: 0 to 0.5")


@pytest.mark.parametrize(
    ("gravest", "words"),
    [
        ((0.90, 0.85, 0.95), "Graver failures are found better."),
        ((0.65, 0.55, 0.75), "Whether graver failures are found better cannot be told."),
        ((0.30, 0.25, 0.35), "Graver failures are found worse."),
    ],
)
def test_a_sentence_says_whether_graver_failures_are_found_better(
    gravest: tuple[float, float, float], words: str
) -> None:
    _, graver = readings(bins((0.6, 0.55, 0.65), gravest))
    assert graver.startswith(words)


def test_the_difference_has_the_interval_of_independent_estimates() -> None:
    _, graver = readings(bins((0.6, 0.56, 0.63), (0.9, 0.86, 0.94)))
    # 0.3 - hypot(0.04, 0.03) and 0.3 + hypot(0.04, 0.04), rounded outwards
    assert graver.endswith("0.300 [0.25, 0.36].")


def test_ranges_of_other_categories_are_not_compared() -> None:
    slight, grave = bins((0.6, 0.55, 0.65), (0.9, 0.85, 0.95)).bins
    none = Estimate(None, 0)
    apart = Severity(
        (
            dataclasses.replace(slight, categories=(("ball", slight.macro), ("clip", none))),
            dataclasses.replace(grave, categories=(("ball", none), ("clip", grave.macro))),
        ),
        0,
    )
    assert len(readings(apart)) == 1


def test_one_range_alone_is_read_alone() -> None:
    assert len(readings(bins((0.8, 0.7, 0.9)))) == 1


def test_steps_stand_where_their_numbers_say(write_file: WriteFile) -> None:
    found = measured(write_file, [*evenly(12, 0.0, 0.2, 9.5), *evenly(12, 0.5, 0.7)])
    (panel,) = severity_panels(found)
    first, last = panel.steps
    assert panel.title == "ball"
    assert (first.left, first.right, first.x, first.y) == (0.0, 25.0, 12.5, 50.0)
    assert (last.left, last.right, last.y) == (25.0, 75.0, 0.0)
    interval = found.bins[0].macro.interval
    assert interval is not None
    assert (first.low, first.high) == pytest.approx(
        (100 - 100 * interval.low, 100 - 100 * interval.high), abs=0.05
    )


def test_several_categories_have_a_panel_each_behind_their_mean(write_file: WriteFile) -> None:
    others = [("clip", "normal", 0.0, None), ("clip", "normal", 2.0, None)]
    failures = [*evenly(12, 0.0, 0.2), *[("clip", 1.0, 0.1)] * 12, *evenly(12, 0.5, 0.6)]
    panels = severity_panels(measured(write_file, failures, *others))
    assert [panel.title for panel in panels] == ["macro average", "ball", "clip"]
    assert [len(panel.steps) for panel in panels] == [2, 2, 1]


def test_videos_of_one_object_are_no_independent_witnesses(write_file: WriteFile) -> None:
    drawn = np.random.default_rng(1)
    scores, severities = graded(
        write_file, [("ball", float(one), 0.1) for one in drawn.normal(12, 8, 60)]
    )
    file = scores.predictions
    lines = [
        line.model_copy(update={"instance": f"object {at % 12}"})
        for at, line in enumerate(file.predictions)
    ]
    known = score(dataclasses.replace(file, predictions=tuple(lines)))
    found = severity_scores(known, severities)
    assert found is not None
    # All graded videos are in one range: it is the category itself.
    assert found.bins[0].macro == macro_estimate([known.categories[0].measures["auroc"]])
    apart = severity_scores(scores, severities)
    assert apart is not None
    assert found.bins[0].macro.interval != apart.bins[0].macro.interval
