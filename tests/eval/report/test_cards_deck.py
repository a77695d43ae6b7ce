from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from decks import ANOMALOUS, NORMAL
from explained import put_llm_score, put_paeval, put_sbert

from physprior.eval.explanations.items import sentences_of
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.report.cards import Card, CardAnswer, Deck, make_deck
from physprior.eval.report.evaluation import evaluate
from physprior.eval.thresholds import fixed
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import render

JAM = "unable_to_press"
ROWS: list[Any] = [
    ("clip", JAM, 4.0, ANOMALOUS),
    ("clip", JAM, -9.0, NORMAL),
    ("clip", "normal", 1.0, ANOMALOUS),
    ("clip", "normal", -1.0, "I cannot tell."),
    ("clip", "normal", None, None),
]
"""Right and sure; wrong and sure; wrong; right by its score with words that say nothing; skipped"""
Read = Callable[..., Predictions]


def deck_of(predictions: Predictions, **named: Any) -> Deck:
    return make_deck(evaluate(predictions), **named)


def own(card: Card) -> CardAnswer:
    assert card.answers[0] is not None
    return card.answers[0]


def numbers(deck: Deck) -> list[int]:
    """Which row each card is of."""
    return [int(card.id[-4:]) for card in deck.cards]


def test_wrong_and_sure_answers_come_first_and_skipped_videos_last(read: Read) -> None:
    assert numbers(deck_of(read(ROWS))) == [1, 2, 3, 0, 4]


def test_the_order_of_the_file_does_not_matter(read: Read, tmp_path: Path) -> None:
    path = read(ROWS).path
    header, *lines = path.read_text().splitlines()
    turned = tmp_path / "turned.jsonl"
    turned.write_text("\n".join([header, *reversed(lines)]) + "\n")
    assert deck_of(read_predictions(turned)) == deck_of(read_predictions(path))


def test_a_skipped_video_has_a_card_with_the_reason_and_no_answer(read: Read) -> None:
    last = deck_of(read(ROWS)).cards[-1]
    assert (last.skipped, last.answers) == ("empty file", (None,))


def test_a_card_says_what_was_said_and_what_was_decided(read: Read) -> None:
    wrong = own(deck_of(read(ROWS)).cards[0])
    assert (wrong.score, wrong.threshold, wrong.above) == (-9.0, 0.0, False)
    assert (wrong.words, wrong.right) == ("normal", False)
    assert (wrong.text, wrong.explanation) == (NORMAL, "It works.")
    assert 1.5 < wrong.trouble < 2


def test_words_that_say_nothing_are_unparsed_and_the_whole_text_is_the_explanation(
    read: Read,
) -> None:
    unparsed = own(deck_of(read(ROWS)).cards[2])
    assert (unparsed.words, unparsed.explanation) == ("unparsed", "I cannot tell.")
    assert unparsed.right is True


def test_the_threshold_decides(read: Read) -> None:
    found = make_deck(evaluate(read(ROWS), thresholds=fixed(2.0)))
    assert [own(card).right for card in found.cards[:4]] == [False, True, True, True]


def test_another_methods_scores_without_a_threshold_leave_the_decision_to_the_words(
    read: Read,
) -> None:
    rows: list[Any] = [("clip", JAM, 900.0, NORMAL), ("clip", "normal", 901.0, NORMAL)]
    found = deck_of(read(rows, source="import"))
    assert [own(card).above for card in found.cards] == [None, None]
    assert [(own(card).right, own(card).trouble) for card in found.cards] == [
        (False, 1.5),
        (True, 0.5),
    ]


def test_scores_alone_that_no_threshold_reads_decide_nothing(read: Read) -> None:
    found = deck_of(
        read([("clip", JAM, 2.0, None), ("clip", "normal", 1.0, None)], source="import")
    )
    assert [(own(card).right, own(card).trouble) for card in found.cards] == [(None, -1.0)] * 2


def test_what_the_model_said_on_its_way_is_on_the_card(read: Read) -> None:
    predictions = read([("clip", "normal", -1.0, NORMAL)], history="generated")
    said = {"turns": ("A spring.", "The handles."), "description": "A clip.", "truncated": True}
    line = predictions.predictions[0].model_copy(update=said)
    answer = own(deck_of(replace(predictions, predictions=(line,))).cards[0])
    assert answer.turns == ("A spring.", "The handles.")
    assert (answer.description, answer.truncated) == ("A clip.", True)


def test_severities_go_to_the_cards_of_their_videos(read: Read) -> None:
    name = f"clip/test/{JAM}/0001"
    found = deck_of(read(ROWS), severities={name: 0.25})
    assert {card.id: card.severity for card in found.cards if card.severity is not None} == {
        name: 0.25
    }


def test_further_runs_stand_behind_the_reports_own(read: Read) -> None:
    one = read(ROWS, "one.jsonl", model="runs/one")
    rows = [(*row[:2], row[2] and -row[2], row[3]) for row in ROWS]
    other = read([*rows[:-1], ROWS[-1]], "other.jsonl", model="runs/other")
    deck = make_deck(evaluate(one, beside=[other.path]))
    assert deck.runs == ("one", "other")
    assert numbers(deck) == [1, 2, 3, 0, 4]
    assert [answer and answer.right for answer in deck.cards[0].answers] == [False, True]


def test_a_video_that_one_run_has_skipped_is_shown_with_what_the_other_says(read: Read) -> None:
    one = read(ROWS, "one.jsonl", model="runs/one")
    other = read([*ROWS[:-1], ("clip", "normal", -3.0, NORMAL)], "other.jsonl", model="runs/other")
    last = make_deck(evaluate(one, beside=[other.path])).cards[-1]
    assert last.skipped == "empty file"
    assert last.answers[0] is None
    assert last.answers[1] is not None
    assert last.answers[1].right is True


def explained(read: Read, name: str = "a.jsonl") -> Predictions:
    rows = [("clip", JAM, 4.0, ANOMALOUS), ("clip", "normal", -4.0, render(False, "All is well."))]
    return read(rows, name)


def test_without_scores_of_explanations_nothing_is_said_of_copies(read: Read) -> None:
    answer = own(deck_of(explained(read)).cards[0])
    assert (answer.marks, answer.copied) == ((), None)


def test_the_encoder_and_the_judge_stand_with_their_notes(read: Read, kb: KnowledgeBase) -> None:
    predictions = explained(read)
    put_sbert(
        predictions,
        copied=lambda line: bool(line.label),
        references_hash=sentences_of(kb).hash,
    )
    put_llm_score(predictions, lambda line: (4, 2) if line.label else (0, 0))
    answer = next(own(card) for card in deck_of(predictions).cards if card.label)
    sbert, *judge = answer.marks
    jam = kb.categories["clip"].anomaly(JAM)
    assert jam is not None
    assert (sbert.name, sbert.value, sbert.note) == ("SBERT score", 0.9, jam.references[0])
    assert [(mark.name, mark.value) for mark in judge] == [
        ("LLM score", 0.75),
        ("LLM score: type", 1.0),
        ("LLM score: logic", 0.5),
    ]
    assert judge[0].note == "Compared."
    assert answer.copied is True


def test_references_that_have_changed_since_are_not_said_to_be_the_nearest(read: Read) -> None:
    predictions = explained(read)
    put_sbert(predictions, references_hash="0" * 64)
    assert own(deck_of(predictions).cards[0]).marks[0].note == ""


def test_an_unscored_explanation_says_why(read: Read) -> None:
    predictions = explained(read)
    first, second = (line.id for line in predictions.predictions)
    put_sbert(predictions, unscored={first: "no reference"})
    put_llm_score(predictions, failed={second: "the judge timed out"})
    marks = {card.id: own(card).marks for card in deck_of(predictions).cards}
    assert (marks[first][0].value, marks[first][0].note) == (None, "no reference")
    assert (marks[second][1].value, marks[second][1].note) == (None, "the judge timed out")


def test_what_a_judge_says_in_its_repeats_is_noted_each_wording_once(read: Read) -> None:
    predictions = explained(read)
    name = predictions.predictions[0].id
    other = json.dumps({"reasoning": "The type is right.", "anomaly_type": 4, "logic": 3})
    put_llm_score(predictions, lambda line: (4, 4), repeats=3, replies={(name, 2): other})
    notes = {card.id: own(card).marks[0].note for card in deck_of(predictions).cards}
    assert notes[name] == "Compared.\nThe type is right."


def test_paeval_marks_say_which_text_they_are_of(read: Read) -> None:
    predictions = explained(read)
    put_paeval(predictions, lambda line, task: 0.25 if task == "description" else 0.75)
    assert [(mark.name, mark.value) for mark in own(deck_of(predictions).cards[0]).marks] == [
        ("PAEval, description", 0.25),
        ("PAEval, explanation", 0.75),
    ]


def test_marks_of_a_run_beside_stand_with_its_own_answers(read: Read) -> None:
    other = explained(read, "other.jsonl")
    put_sbert(other)
    deck = make_deck(evaluate(explained(read), beside=[other.path]))
    for card in deck.cards:
        assert [len(answer.marks) for answer in card.answers if answer] == [0, 1]


@pytest.mark.parametrize("rows", [[("clip", "normal", 1.0, NORMAL)], ROWS[:2]])
def test_one_video_or_one_class_makes_a_deck(read: Read, rows: list[Any]) -> None:
    assert len(deck_of(read(rows)).cards) == len(rows)


def test_a_skipped_video_stands_behind_those_that_nothing_decides(read: Read) -> None:
    rows: list[Any] = [("clip", JAM, None, None), ("clip", JAM, 2.0, None)]
    assert numbers(deck_of(read(rows, source="import"))) == [1, 0]


@pytest.mark.parametrize(("source", "wider"), [("predict", 0), ("import", 1)])
def test_another_methods_categories_each_have_their_own_unit(
    read: Read, source: str, wider: int
) -> None:
    """The missed clip is the farthest of its category, the missed fan is the nearest of its own."""
    rows: list[Any] = [("clip", JAM, -3.0, None), ("fan", "stuck", -9.0, None)]
    rows += [("clip", "normal", -1.0, None)] * 5 + [("fan", "normal", -90.0, None)] * 5
    found = make_deck(evaluate(read(rows, source=source), thresholds=fixed(0.0)))
    assert numbers(found)[:2] == ([0, 1] if wider else [1, 0])
