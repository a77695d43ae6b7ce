"""Scores of predictions that were made by hand, so that every number can be checked on paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.errors import PredictionError
from physprior.eval.predictions import read_predictions
from physprior.eval.scoring import CategoryScores, Scores, score
from physprior.verdict import ParseStatus, render

WriteFile = Callable[..., Path]
YES, NO, DUNNO = render(True, "It jams."), render(False, "It runs."), "I like trains."


@pytest.fixture
def score_rows(write_file: WriteFile) -> Callable[..., Scores]:
    return lambda rows: score(read_predictions(write_file(rows)))


def category(scores: Scores, name: str) -> CategoryScores:
    return next(category for category in scores.categories if category.category == name)


def test_auroc_ranks_log_odds_whatever_the_words_say(score_rows: Callable[..., Scores]) -> None:
    rows = [
        ("clip", "normal", -3.0, YES),
        ("clip", "normal", 0.5, YES),
        ("clip", "unable_press", 0.2, NO),
        ("clip", "unable_rebound", 2.0, NO),
    ]
    clip = category(score_rows(rows), "clip")
    assert clip.auroc == 0.75
    assert clip.verdict_auroc == 0.0


def test_the_verdict_auroc_is_the_mean_of_both_rates(score_rows: Callable[..., Scores]) -> None:
    rows = [
        *[("clip", "normal", 0.0, text) for text in (NO, NO, NO, YES)],
        *[("clip", "unable_press", 0.0, text) for text in (YES, NO)],
    ]
    clip = category(score_rows(rows), "clip")
    assert clip.verdict_auroc == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert clip.auroc == 0.5


def test_an_answer_without_a_verdict_counts_as_one_half(score_rows: Callable[..., Scores]) -> None:
    rows = [
        ("clip", "normal", 0.0, NO),
        ("clip", "unable_press", 0.0, DUNNO),
        ("clip", "unable_press", 0.0, ""),
    ]
    scores = score_rows(rows)
    clip = category(scores, "clip")
    assert clip.verdict_auroc == 0.75  # as if a coin had decided the two anomalous ones
    assert clip.unparsed == 2
    assert scores.parsing == {ParseStatus.OK: 1, ParseStatus.MISSING: 1, ParseStatus.EMPTY: 1}
    assert scores.parse_rate == pytest.approx(1 / 3)


def test_answers_none_of_which_can_be_read_are_chance(score_rows: Callable[..., Scores]) -> None:
    rows = [("clip", "normal", 0.0, DUNNO), ("clip", "unable_press", 1.0, DUNNO)]
    assert category(score_rows(rows), "clip").verdict_auroc == 0.5


def test_without_text_there_is_no_verdict_auroc(score_rows: Callable[..., Scores]) -> None:
    scores = score_rows([("clip", "normal", 0.0, None), ("clip", "unable_press", 1.0, None)])
    clip = category(scores, "clip")
    assert (clip.auroc, clip.verdict_auroc, clip.unparsed) == (1.0, None, None)
    assert (scores.parse_rate, scores.macro_verdict_auroc) == (None, None)


def test_macro_is_the_mean_over_categories_not_over_videos(
    score_rows: Callable[..., Scores],
) -> None:
    rows = [
        *[("clip", "normal", -1.0, None)] * 9,
        ("clip", "unable_press", 1.0, None),
        ("fan", "normal", 1.0, None),
        ("fan", "stuck", -1.0, None),
    ]
    scores = score_rows(rows)
    assert [category.auroc for category in scores.categories] == [1.0, 0.0]
    assert scores.macro_auroc == 0.5


@pytest.mark.parametrize("class_id", ["normal", "stuck"])
def test_a_category_of_one_class_has_no_auroc_and_is_left_out_of_the_macro(
    score_rows: Callable[..., Scores], class_id: str
) -> None:
    rows = [
        ("clip", "normal", 0.0, None),
        ("clip", "unable_press", 1.0, None),
        ("fan", class_id, 9.0, None),
    ]
    scores = score_rows(rows)
    assert category(scores, "fan").auroc is None
    assert scores.macro_auroc == 1.0


def test_skipped_videos_keep_their_place_in_the_count(score_rows: Callable[..., Scores]) -> None:
    rows = [
        ("clip", "normal", 0.0, None),
        ("clip", "unable_press", 1.0, None),
        ("clip", "unable_press", None, None),
        ("fan", "stuck", None, None),
    ]
    scores = score_rows(rows)
    assert [(c.category, c.n, c.skipped) for c in scores.categories] == [
        ("clip", 2, 1),
        ("fan", 0, 1),
    ]
    assert scores.n == 2


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_refused_with_its_video(
    write_file: WriteFile, bad: float
) -> None:
    path = write_file([("clip", "normal", 0.0, None), ("clip", "unable_press", 0.25, None)])
    said = {math.inf: "Infinity", -math.inf: "-Infinity"}.get(bad, "NaN")
    path.write_text(path.read_text().replace('"score":0.25', f'"score":{said}'))
    with pytest.raises(PredictionError, match="the score of clip/test/unable_press/0001 is"):
        score(read_predictions(path))


@pytest.mark.parametrize("rows", [[], [("clip", "normal", None, None)]])
def test_a_file_without_predictions_has_no_score(
    write_file: WriteFile, rows: list[tuple[str, str, float | None, str | None]]
) -> None:
    with pytest.raises(PredictionError, match="holds no prediction"):
        score(read_predictions(write_file(rows)))


def test_a_file_of_skipped_videos_alone_says_why(write_file: WriteFile) -> None:
    rows = [("clip", "normal", None, None), ("clip", "unable_press", None, None)]
    with pytest.raises(PredictionError, match=r"all 2 videos were skipped.*: empty file") as caught:
        score(read_predictions(write_file(rows)))
    assert "mend the videos" in caught.value.remedy
