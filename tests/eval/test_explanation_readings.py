"""What must be known before explanation scores are believed: said where it is so, not elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from explained import (
    FAULTY,
    GOOD,
    SOUND,
    Rows,
    degenerate,
    loaded,
    put_llm_score,
    put_paeval,
    put_sbert,
)

from physprior.eval.predictions import Predictions
from physprior.eval.report.explained_words import readings

Read = Callable[..., Predictions]


def said_of(read: Read, rows: Rows, **sbert: Any) -> str:
    predictions = read(rows)
    put_sbert(predictions, **sbert)
    return " | ".join(readings(loaded(predictions)))


def test_of_a_good_model_there_is_nothing_to_say(read: Read) -> None:
    assert said_of(read, GOOD) == ""


def test_a_model_that_sees_faults_everywhere_explains_what_is_not_there(
    read: Read,
) -> None:
    rows = [(name, kind, mark, FAULTY) for name, kind, mark, _ in degenerate()]

    said = said_of(read, rows)

    assert "says Anomalous to all 120 videos, 30 of them wrongly" in said
    assert "a fault that is not there" in said


def test_a_fluent_model_whose_verdicts_are_wrong_is_named_whatever_its_marks(read: Read) -> None:
    rows = [
        (name, kind, mark, FAULTY if kind == "normal" else SOUND)
        for name, kind, mark, _ in degenerate()
    ]

    said = said_of(read, rows, value=lambda line: 0.9)

    assert "The verdict is wrong, or cannot be read, in 120 of 120 (100.0%) answers" in said


def test_answers_without_any_verdict_are_named(read: Read) -> None:
    said = said_of(read, [(*row[:3], "A lever moves up and down.") for row in degenerate()])

    assert "cannot be read, in 120 of 120" in said


def test_nearly_one_word_is_one_word(read: Read) -> None:
    rows = degenerate()
    rows[-1] = (*rows[-1][:3], FAULTY)

    assert "says Normal to 119 of 120 videos, 89 of them wrongly" in said_of(read, rows)


def test_what_is_said_wrongly_is_of_that_word_alone(read: Read) -> None:
    rows = degenerate()
    rows[0] = (*rows[0][:3], FAULTY)  # wrongly, but it is not the word that is spoken of

    assert "says Normal to 119 of 120 videos, 90 of them wrongly" in said_of(read, rows)


def test_two_words_in_a_fair_share_are_no_alarm(read: Read) -> None:
    rows = degenerate()
    rows[-12:] = [(*row[:3], FAULTY) for row in rows[-12:]]

    assert "says Normal" not in said_of(read, rows)


def test_one_word_in_one_category_is_named(read: Read) -> None:
    rows = [row for row in GOOD if row[0] == "ball"]

    said = said_of(read, [*rows, *degenerate(("clip",))])

    assert "says one word, right or wrong, to nearly all videos of clip" in said


def test_a_test_set_of_almost_one_class_is_no_alarm(read: Read) -> None:
    rows = [row for row in GOOD if row[1] != "normal"] * 5
    normal = next(row for row in GOOD if row[1] == "normal")

    assert said_of(read, [normal, *rows]) == ""


def test_few_videos_are_no_alarm(read: Read) -> None:
    few: Rows = [("fan", "normal", 0.0, SOUND), ("fan", "stuck", 0.0, SOUND)]

    assert said_of(read, [*GOOD, *few], value=lambda line: 0.5) == ""


def test_videos_of_one_class_say_nothing_of_one_word(read: Read) -> None:
    rows = [row for row in GOOD if row[1] == "normal"]

    assert said_of(read, rows) == ""


def test_answers_that_cannot_be_read_are_no_word(read: Read) -> None:
    rows = degenerate()
    rows[0] = (*rows[0][:3], "Hm.")

    said = said_of(read, rows)

    assert "says Normal to all 119 videos whose answer can be read, of 120" in said


def test_wrong_verdicts_that_score_as_high_are_named(read: Read) -> None:
    said = said_of(read, degenerate(), value=lambda line: 0.8)

    assert "wrong verdicts are explained as well as right ones (0.800 beside 0.800)" in said


def test_copies_of_other_classes_are_told_from_those_of_the_true_one(read: Read) -> None:
    predictions = read(degenerate())
    path = put_sbert(predictions, copied=lambda line: True)
    made = json.loads(path.read_text(encoding="utf-8"))
    for name, one in made["scores"].items():
        one["copied_own"] = "/normal/" in name
    path.write_text(json.dumps(made), encoding="utf-8")

    said = " ".join(readings(loaded(predictions)))

    assert "120 of 120 (100.0%) explanations are taught sentences word for word, 30" in said


def test_judges_by_other_references_are_named(read: Read) -> None:
    predictions = read(GOOD)
    put_llm_score(predictions)
    put_paeval(predictions, lambda line, task: 0.5, references_hash="0" * 64)

    assert "different references" in " ".join(readings(loaded(predictions)))
