"""What is wrong is wrong everywhere: in the measures, on cards, in suggestions and in the CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from decks import ANOMALOUS, NORMAL

from physprior.eval.confusion import confuse
from physprior.eval.predictions import Predictions
from physprior.eval.report.cards.deck import make_deck
from physprior.eval.report.evaluation import Evaluation, evaluate
from physprior.eval.report.exports.runs import exported_runs
from physprior.eval.report.exports.spreadsheets import videos_csv
from physprior.eval.report.page.summary import worst
from physprior.eval.report.report import Report
from physprior.eval.report.severity import severity_scores
from physprior.eval.scoring.answers import deciding
from physprior.eval.suggest.failures import find_failures
from physprior.eval.thresholds import Thresholds, fixed
from physprior.knowledge.load import KnowledgeBase

JAM = "unable_to_press"
ROWS: list[Any] = [
    ("clip", JAM, 4.0, NORMAL),
    ("clip", JAM, 0.0, ANOMALOUS),
    ("clip", "normal", 0.0, ANOMALOUS),
    ("clip", "normal", 1.0, NORMAL),
    ("clip", JAM, 2.0, ANOMALOUS),
    ("clip", "normal", -9.0, NORMAL),
    ("fan", "normal", 0.0, NORMAL),
    ("fan", "broken_fan", 0.0, NORMAL),
]
"""The last clips and the fans lose their scores: what the words of the one say counts nothing."""
Read = Callable[..., Predictions]


@pytest.fixture
def unscored(read: Read) -> Evaluation:
    """Another method's table with a threshold; two clips, and all fans, have no score."""
    file = read(ROWS, source="import")
    lines = [without_score(line) if at >= 4 else line for at, line in enumerate(file.predictions)]
    return evaluate(replace(file, predictions=tuple(lines)), thresholds=fixed(0.0))


def without_score(line: Any) -> Any:
    return line.model_copy(update={"score": None, "log_normal": None, "log_anomalous": None})


def wrong_on_cards(evaluation: Evaluation) -> set[int]:
    return {
        int(card.id[-4:])
        for card in make_deck(evaluation).cards
        for answer in card.answers[:1]
        if answer is not None and answer.right is False
    }


def test_cards_measures_and_suggestions_count_the_same_videos_as_wrong(
    unscored: Evaluation,
) -> None:
    # The score decides of clips, and a clip without one is wrong; the words decide of fans.
    assert wrong_on_cards(unscored) == {1, 3, 4, 5, 7}
    clip, fan = unscored.scores.categories
    assert (clip.measures["accuracy"].value, clip.measures["accuracy"].n) == (2 / 6, 6)
    assert clip.types[0].recall.value == 1 / 3
    assert fan.measures["accuracy"].value is None
    assert fan.types[0].verdict_recall.value == 0.0
    found = {(one.category, one.kind): one for one in find_failures(unscored.scores, {}, {})}
    numbers = {
        name: {int(answer.line.id[-4:]) for answer in one.failed} for name, one in found.items()
    }
    assert numbers == {
        ("clip", "missed"): {1, 4},
        ("clip", "false alarm"): {3, 5},
        ("fan", "missed"): {7},
    }


def test_the_pooled_measures_are_of_the_categories_that_a_threshold_decides_of(
    unscored: Evaluation,
) -> None:
    pooled = unscored.scores.pooled["accuracy"]
    assert (pooled.value, pooled.n) == (2 / 6, 6)


def test_the_spreadsheet_says_so_too(unscored: Evaluation) -> None:
    report = Report(unscored)
    heads, *rows = videos_csv(report, exported_runs(report)).splitlines()
    at = heads.split(",").index("right")
    assert [row.split(",")[at] for row in rows] == [
        *("true", "false", "true", "false", "false", "false"),
        *("true", "false"),
    ]


def test_a_video_without_a_score_is_called_nothing(unscored: Evaluation, kb: KnowledgeBase) -> None:
    found = confuse(unscored, kb, None)
    assert found is not None
    clip = found.categories[0]
    jam = clip.classes.index(JAM)
    assert (clip.normal[0], clip.anomalous[0]) == (1, 1)
    assert (clip.normal[jam], clip.anomalous[jam]) == (1, 1)


def test_the_first_screen_says_that_a_score_is_not_there(unscored: Evaluation) -> None:
    file = unscored.scores.predictions
    clips = evaluate(replace(file, predictions=file.predictions[:5]), thresholds=fixed(0.0))
    assert [one.verdict for one in worst(make_deck(clips), None)] == [
        "Taken for anomalous, is normal: score 1.000, above the threshold 0.",
        "It has no score, which is wrong at any threshold. True: anomalous.",
        "Taken for normal, is anomalous: score 0, not above the threshold 0.",
    ]


def test_a_failure_without_a_score_is_found_at_no_severity(unscored: Evaluation) -> None:
    severities = {line.id: 0.1 for line in unscored.scores.predictions.predictions if line.label}
    found = severity_scores(unscored.scores, severities)
    assert found is not None
    (one,) = found.bins
    # Of the three clips one is above; the fans have no normal video with a score.
    assert one.found is not None
    assert (one.anomalous, one.found.value, one.found.n) == (2, 1 / 3, 3)
    assert one.macro.n == 4


def test_words_decide_where_no_video_of_a_category_has_a_score(unscored: Evaluation) -> None:
    lines = unscored.scores.predictions.predictions
    chosen = Thresholds(rule="fixed", per="category", value=1.0, values={"clip": 2.0, "fan": 3.0})
    assert deciding(lines, chosen) == {"clip": 2.0}
    assert deciding(lines, None) == {}
