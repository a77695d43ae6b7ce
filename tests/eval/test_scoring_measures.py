"""What a file's scores hold beside AUROC: every measure at its threshold, types, calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sklearn import metrics

from physprior.errors import PredictionError
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.scoring import CategoryScores, Scores, score
from physprior.eval.scoring.model import MEASURES
from physprior.eval.thresholds import choose_thresholds, fixed
from physprior.verdict import ParseStatus, render

WriteFile = Callable[..., Path]
YES, NO, DUNNO = render(True, "It jams."), render(False, "It runs."), "I like trains."
CLIP = [
    ("clip", "normal", -3.0, NO),
    ("clip", "normal", -1.0, NO),
    ("clip", "normal", 2.0, YES),
    ("clip", "unable_press", 1.0, YES),
    ("clip", "unable_press", 4.0, DUNNO),
    ("clip", "unable_rebound", -2.0, NO),
]
FAN = [
    ("fan", "normal", 5.0, NO),
    ("fan", "stuck", 9.0, YES),
]
HARD = ("accuracy", "balanced_accuracy", "f1")
IMPORT: dict[str, Any] = {
    "source": "import",
    "base_fingerprint": None,
    "run_fingerprint": None,
    "mode": None,
    "history": None,
    "sampling": None,
}


@pytest.fixture
def file(write_file: WriteFile) -> Callable[..., Predictions]:
    def make(rows: list[Any], **header: Any) -> Predictions:
        return read_predictions(write_file(rows, **header))

    return make


def changed(file: Predictions, **fields: Sequence[Any]) -> Predictions:
    """The file with other values of some fields, one a line."""
    lines = [
        line.model_copy(update={name: values[place] for name, values in fields.items()})
        for place, line in enumerate(file.predictions)
    ]
    return replace(file, predictions=tuple(lines))


def only(scores: Scores) -> CategoryScores:
    (category,) = scores.categories
    return category


def values(scores: Scores | CategoryScores) -> dict[str, float | None]:
    measures = scores.pooled if isinstance(scores, Scores) else scores.measures
    return {name: estimate.value for name, estimate in measures.items()}


def test_every_measure_is_there_with_its_videos(file: Callable[..., Predictions]) -> None:
    scores = score(file(CLIP))
    for measures in (only(scores).measures, scores.macro, scores.pooled):
        assert list(measures) == list(MEASURES)
        for estimate in measures.values():
            assert estimate.value is not None
            assert estimate.interval is not None
            assert estimate.interval.low <= estimate.value <= estimate.interval.high
            assert estimate.n == 6


def test_measures_of_the_score_are_those_of_sklearn(file: Callable[..., Predictions]) -> None:
    clip = only(score(file(CLIP)))
    said = [value > 0 for value in clip.scores]
    assert values(clip) == pytest.approx(
        {
            "auroc": metrics.roc_auc_score(clip.labels, clip.scores),
            "average_precision": metrics.average_precision_score(clip.labels, clip.scores),
            "accuracy": metrics.accuracy_score(clip.labels, said),
            "balanced_accuracy": metrics.balanced_accuracy_score(clip.labels, said),
            "f1": metrics.f1_score(clip.labels, said),
            # The words by hand: two of three are called normal; one and a half of three anomalous.
            "verdict_auroc": (2 / 3 + 1.5 / 3) / 2,
            "verdict_accuracy": 3 / 6,
            "verdict_balanced_accuracy": (2 / 3 + 1 / 3) / 2,
            "verdict_f1": 2 * 1 / (2 * 1 + 1 + 2),
        },
        abs=1e-12,
    )


def test_pooled_measures_are_of_all_videos_each_at_its_own_threshold(
    file: Callable[..., Predictions],
) -> None:
    validation = file(
        [
            ("clip", "normal", 0.0, None),
            ("clip", "unable_press", 1.0, None),
            ("fan", "normal", 6.0, None),
            ("fan", "stuck", 8.0, None),
        ],
        split="val",
    )
    chosen = choose_thresholds(validation, "youden", "category")
    scores = score(renamed(file([*CLIP, *FAN])), thresholds=chosen)
    assert [category.threshold for category in scores.categories] == [0.5, 7.0]
    # Of clip 2 + 2 are right, of fan both; at 0.5 the normal fan at 5 would be an alarm.
    assert scores.pooled["accuracy"].value == 6 / 8
    assert scores.macro["accuracy"].value == pytest.approx((4 / 6 + 1) / 2)
    assert scores.thresholds is chosen


def renamed(file: Predictions) -> Predictions:
    """The same lines under ids of another split."""
    return changed(file, id=[f"other/{line.id}" for line in file.predictions])


def test_pooled_auroc_is_of_all_scores_together(file: Callable[..., Predictions]) -> None:
    scores = score(file([*CLIP, *FAN]))
    labels = [label for category in scores.categories for label in category.labels]
    pooled = [value for category in scores.categories for value in category.scores]
    assert scores.pooled["auroc"].value == pytest.approx(metrics.roc_auc_score(labels, pooled))
    assert scores.pooled["auroc"].n == 8


@pytest.mark.parametrize("class_id", ["normal", "stuck"])
def test_where_one_class_is_alone_no_measure_has_a_value(
    file: Callable[..., Predictions], class_id: str
) -> None:
    rows = [*CLIP, ("fan", class_id, 1.0, YES), ("fan", class_id, 2.0, YES)]
    scores = score(file(rows))
    fan = scores.category("fan")
    assert fan is not None
    assert set(values(fan).values()) == {None}
    assert {estimate.interval for estimate in fan.measures.values()} == {None}
    assert fan.verdict_bounds is None
    assert scores.macro_verdict_bounds == only(score(file(CLIP))).verdict_bounds
    assert {name: one.value for name, one in scores.macro.items()} == values(
        only(score(file(CLIP)))
    )


def test_where_one_class_is_alone_everywhere_there_is_no_average(
    file: Callable[..., Predictions],
) -> None:
    scores = score(file([row for row in CLIP if row[1] == "normal"]))
    assert {one.value for one in (*scores.macro.values(), *scores.pooled.values())} == {None}
    assert (scores.macro_auroc, scores.pooled_verdict_bounds) == (None, None)


def test_a_type_stands_against_the_normal_videos_of_its_category(
    file: Callable[..., Predictions],
) -> None:
    skipped = [("clip", name, None, None) for name in ("unable_rebound", "normal")]
    press, rebound = only(score(file([*CLIP, *skipped]))).types
    assert (press.class_id, press.normal, press.anomalous, press.skipped) == (
        "unable_press",
        3,
        2,
        0,
    )
    # 1 is above two of three, 4 above all.
    assert press.auroc.value == pytest.approx(5 / 6)
    assert (press.recall.value, press.verdict_recall.value, press.unparsed) == (1.0, 0.5, 1)
    assert (rebound.anomalous, rebound.skipped) == (1, 1)
    assert rebound.auroc.value == pytest.approx(1 / 3)
    assert (rebound.recall.value, rebound.recall.n) == (0.0, 1)


def test_a_type_of_which_no_video_could_be_used_is_not_forgotten(
    file: Callable[..., Predictions],
) -> None:
    *_, stuck = only(score(file([("fan", "normal", 1.0, NO), ("fan", "stuck", None, None)]))).types
    assert (stuck.class_id, stuck.anomalous, stuck.skipped) == ("stuck", 0, 1)
    assert (stuck.auroc.value, stuck.recall.value, stuck.unparsed) == (None, None, None)


def test_a_type_without_normal_videos_has_a_recall_and_no_auroc(
    file: Callable[..., Predictions],
) -> None:
    (stuck,) = only(score(file([("fan", "stuck", 1.0, NO), ("fan", "stuck", -1.0, YES)]))).types
    assert stuck.auroc.value is None
    assert (stuck.recall.value, stuck.verdict_recall.value) == (0.5, 0.5)


def test_the_unparsed_keep_their_place_with_what_they_could_change(
    file: Callable[..., Predictions],
) -> None:
    clip = only(score(file(CLIP)))
    assert clip.unparsed == 1
    assert clip.verdict_bounds == pytest.approx(((2 / 3 + 1 / 3) / 2, (2 / 3 + 2 / 3) / 2))
    worst, best = clip.verdict_bounds or (0, 0)
    assert clip.verdict_auroc is not None
    assert worst < clip.verdict_auroc < best


def test_bounds_of_the_average_are_the_averages_of_bounds(
    file: Callable[..., Predictions],
) -> None:
    scores = score(file([*CLIP, *FAN]))
    assert scores.macro_verdict_bounds == pytest.approx(((1 / 2 + 1) / 2, (2 / 3 + 1) / 2))
    assert scores.pooled_verdict_bounds == pytest.approx(((3 / 4 + 1 / 2) / 2, (3 / 4 + 3 / 4) / 2))


def test_without_text_nothing_is_said_of_words(file: Callable[..., Predictions]) -> None:
    scores = score(file([(*row[:3], None) for row in CLIP]))
    clip = only(scores)
    assert {clip.measures[f"verdict_{name}"].value for name in ("auroc", *HARD)} == {None}
    assert clip.verdict_bounds is clip.unparsed is scores.parse_rate is None
    assert {one.verdict_recall.value for one in clip.types} == {None}


def test_a_score_at_the_threshold_is_not_above_it(file: Callable[..., Predictions]) -> None:
    rows = [("fan", "normal", 1.5, None), ("fan", "stuck", 1.5000001, None)]
    assert score(file(rows), thresholds=fixed(1.5)).pooled["accuracy"].value == 1.0


def test_thresholds_of_another_model_are_refused(file: Callable[..., Predictions]) -> None:
    chosen = choose_thresholds(file(CLIP, split="val"), "youden", "category")
    with pytest.raises(PredictionError, match="of runs/mine, not of runs/other"):
        score(file(CLIP, run_fingerprint="0" * 64, model="runs/other"), thresholds=chosen)


def test_videos_that_chose_the_threshold_are_not_scored_at_it(
    file: Callable[..., Predictions],
) -> None:
    chosen = choose_thresholds(file(CLIP, split="val"), "youden", "category")
    with pytest.raises(PredictionError, match="chose these thresholds"):
        score(file(CLIP, split="val"), thresholds=chosen)


def test_log_odds_are_cut_at_0_where_nothing_is_chosen(file: Callable[..., Predictions]) -> None:
    scores = score(file(CLIP))
    assert scores.thresholds == fixed(0.0)
    assert only(scores).threshold == 0.0


def test_another_methods_scores_have_no_threshold_of_their_own(
    file: Callable[..., Predictions],
) -> None:
    scores = score(file(CLIP, **IMPORT))
    clip = only(scores)
    assert scores.thresholds is clip.threshold is clip.calibration is None
    assert scores.pooled_calibration is None
    assert {clip.measures[name].value for name in HARD} == {None}
    assert {one.recall.value for one in clip.types} == {None}
    assert clip.auroc is not None
    assert clip.verdict_auroc is not None


def test_another_methods_scores_take_a_threshold_chosen_on_their_own(
    file: Callable[..., Predictions],
) -> None:
    chosen = choose_thresholds(file(CLIP, split="val", **IMPORT), "accuracy", "global")
    scores = score(renamed(file(CLIP, **IMPORT)), thresholds=chosen)
    assert scores.pooled["accuracy"].value == 4 / 6


def test_a_method_that_gives_words_alone_is_scored_by_them(
    file: Callable[..., Predictions],
) -> None:
    mute = changed(file(CLIP, **IMPORT), score=[None] * 6, mass=[None] * 6)
    scores = score(mute, thresholds=fixed(0.0))
    clip = only(scores)
    assert (clip.n, clip.unscored, scores.unscored) == (6, 6, 6)
    assert (clip.labels, clip.scores, clip.mass) == ((), (), None)
    assert {clip.measures[name].value for name in ("auroc", "average_precision", *HARD)} == {None}
    assert values(clip)["verdict_auroc"] == only(score(file(CLIP))).verdict_auroc
    assert {one.auroc.value for one in clip.types} == {None}


def test_a_video_without_a_score_has_no_rank_and_is_wrong_at_the_threshold(
    file: Callable[..., Predictions],
) -> None:
    given = [-3.0, -1.0, 2.0, 1.0, None, -2.0]
    clip = only(score(changed(file(CLIP, **IMPORT), score=given), thresholds=fixed(0.0)))
    assert clip.unscored == 1
    assert (clip.measures["auroc"].n, clip.measures["accuracy"].n) == (5, 6)
    assert clip.measures["auroc"].value == pytest.approx(3 / 6)
    assert clip.measures["accuracy"].value == 3 / 6
    assert clip.types[0].recall.value == 1 / 2


def test_answers_that_are_read_otherwise_now_are_counted(
    file: Callable[..., Predictions],
) -> None:
    then = [ParseStatus.OK, ParseStatus.OK, None, ParseStatus.TOLERANT, ParseStatus.MISSING]
    scores = score(changed(file(CLIP), parse=[*then, ParseStatus.AMBIGUOUS]))
    assert scores.reread == 2
    assert scores.parsing == {ParseStatus.OK: 5, ParseStatus.MISSING: 1}


def test_mass_is_the_median_of_the_videos(file: Callable[..., Predictions]) -> None:
    clip = only(score(changed(file(CLIP), mass=[0.9, 0.8, 0.99, 0.1, 0.95, None])))
    assert clip.mass == 0.9


def test_calibration_is_of_a_category_and_of_all(file: Callable[..., Predictions]) -> None:
    scores = score(file([*CLIP, *FAN]))
    assert [one.calibration.brier.n for one in scores.categories if one.calibration] == [6, 2]
    assert scores.pooled_calibration is not None
    assert scores.pooled_calibration.brier.n == 8


def test_scores_of_any_size_are_scored(file: Callable[..., Predictions]) -> None:
    rows = [("fan", "normal", -1.7e308, NO), ("fan", "stuck", 1.7e308, YES)]
    assert set(values(score(file(rows))).values()) == {1.0}


@pytest.mark.parametrize(("instances", "clustered"), [(12, True), (9, False)])
def test_videos_of_one_object_are_not_independent_where_ten_objects_are_known(
    file: Callable[..., Predictions], instances: int, clustered: bool
) -> None:
    rows = [
        ("fan", "stuck" if place % 3 else "normal", float(place * 7 % 10), None)
        for place in range(48)
    ]
    names = [f"object {place % instances}" for place in range(48)]
    plain, known = (
        only(score(changed(file(rows), instance=given))).measures["auroc"]
        for given in ([""] * 48, names)
    )
    assert plain.value == known.value
    assert (plain.interval != known.interval) == clustered


def test_objects_of_two_categories_are_not_one_for_their_name(
    file: Callable[..., Predictions],
) -> None:
    rows = [
        (category, "stuck" if place % 3 else "normal", float(place * 7 % 10), None)
        for category in ("fan", "servo")
        for place in range(24)
    ]
    # Six names a category: twelve objects, while six would be too few to count with.
    names = [f"object {place % 6}" for place in range(24)] * 2
    plain, known = (
        score(changed(file(rows), instance=given)).pooled["auroc"] for given in ([""] * 48, names)
    )
    assert plain.interval != known.interval


def test_the_same_file_gives_the_same_scores(file: Callable[..., Predictions]) -> None:
    predictions = file([*CLIP, *FAN])
    assert score(predictions) == score(predictions)
