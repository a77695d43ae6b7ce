from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from decks import made_answer, made_card, made_deck

from physprior.eval.report.cards import deck_json, page_json, strip_blocks
from physprior.eval.report.cards.card import (
    CardTurn,
    CategoryTexts,
    ClassTexts,
    Deck,
    Mark,
    Place,
    Sentence,
)
from physprior.eval.report.cards.page_json import LONGEST_TEXT
from physprior.eval.report.strips.strip import Strips

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]> &lt; <img src=x onerror=alert(1)>",
    "line\u2028and\u2029paragraph",
    "half a pair \ud800 and \udfff",
    "nothing \x00 and bell \x07 and escape \x1b",
    "{{ 7 * 7 }} {% raw %} ${x} `x`",
    "\u202eright to left\u2066",
    "\\u003cscript\\u003e \\",
]


def said(deck: Deck, strips: Strips | None = None) -> dict[str, Any]:
    found = json.loads(deck_json(deck, strips))
    assert isinstance(found, dict)
    return found


def of_text(text: str) -> Deck:
    return made_deck(made_card(0, made_answer(text=text)))


def pictures(**fields: Any) -> Strips:
    known: dict[str, Any] = {
        "images": {},
        "frames": 8,
        "width": 96,
        "height": 96,
        "note": "All have one.",
        "missing": {},
        "faithful": True,
    }
    return Strips(**(known | fields))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_comes_back_as_it_was(text: str) -> None:
    assert said(of_text(text))["texts"] == [text]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_can_end_the_script_element_or_begin_a_tag(text: str) -> None:
    made = deck_json(
        made_deck(
            made_card(0, made_answer(text=text, marks=(Mark(text, 0.5, text),)), skipped=text),
            clip=CategoryTexts(
                text,
                (CardTurn("user", "prompt", (Sentence(text, (Place(text, 1, text),)),)),),
                {text: ClassTexts(text, (Sentence(text, ()),), (), Place(text, 2, ""))},
                (text,),
            ),
        ),
        pictures(note=text),
    )
    assert not set("<>&\u2028\u2029\x00") & set(made)
    made.encode("utf-8")  # A lone surrogate would raise.


def test_a_long_text_is_cut_at_the_stated_length_and_says_so() -> None:
    (text,) = said(of_text("a" * 10_000_000))["texts"]
    assert text == "a" * LONGEST_TEXT + " … [cut at 8,000 of 10,000,000 characters]"


def test_a_text_of_the_stated_length_is_whole() -> None:
    assert said(of_text("a" * LONGEST_TEXT))["texts"] == ["a" * LONGEST_TEXT]


@pytest.mark.parametrize("letter", ["a", "<", "€", "\x00"])
def test_long_answers_are_cut_shorter_until_all_have_room(
    letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_json, "MOST_TEXT", 100_000)
    cards = [
        made_card(number, made_answer(text=f"{number} {letter * 9_000}")) for number in range(50)
    ]
    made = deck_json(made_deck(*cards), None)
    texts = json.loads(made)["texts"]
    assert len(json.dumps(texts, ensure_ascii=letter == "\x00").encode("utf-8")) < 100_000
    assert len(made.encode("utf-8")) < 120_000
    assert all(
        text.endswith(f"of {9_000 + len(text.split()[0]) + 1:,} characters]") for text in texts
    )


def test_short_answers_stay_whole_beside_long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_json, "MOST_TEXT", 20_000)
    cards = [made_card(0, made_answer(text="It jams.")), made_card(1, made_answer(text="a" * 9**6))]
    made = deck_json(made_deck(*cards), None)
    assert json.loads(made)["texts"][0] == "It jams."


def test_a_text_that_many_cards_say_stands_once() -> None:
    cards = [made_card(number, made_answer(text="It jams.")) for number in range(3)]
    made = said(made_deck(*cards))
    assert made["texts"] == ["It jams."]
    assert [video["answers"][0]["text"] for video in made["videos"]] == [0, 0, 0]


def test_an_empty_answer_is_another_thing_than_none() -> None:
    made = said(made_deck(made_card(0, made_answer(text=""), made_answer(text=None), None)))
    (video,) = made["videos"]
    assert [one and one["text"] for one in video["answers"]] == [0, None, None]
    assert made["texts"] == [""]


def test_a_place_is_meant_by_its_number() -> None:
    place = Place("kb/clip.yaml", 23, "prior.component.statement")
    turn = CardTurn("assistant", "component", (Sentence("It has a spring.", (place,)),))
    made = said(made_deck(clip=CategoryTexts("spring clip", (turn, turn), {})))
    assert made["places"] == [["kb/clip.yaml", 23, "prior.component.statement"]]
    assert [one["sentences"] for one in made["categories"]["clip"]["dialogue"]] == [
        [["It has a spring.", [0]]],
        [["It has a spring.", [0]]],
    ]


def test_what_is_no_number_of_json_is_left_out() -> None:
    made = said(made_deck(made_card(severity=float("nan"))))
    assert made["videos"][0]["severity"] is None


def test_without_pictures_there_is_no_block() -> None:
    assert strip_blocks(made_deck(), None) == []
    assert said(made_deck())["strips"] is None


def test_a_block_holds_the_pictures_of_fifty_cards_a_line_each() -> None:
    cards = [made_card(number) for number in range(51)]
    strips = pictures(images={cards[1].id: b"webp one", cards[50].id: b"webp fifty"})
    first, second = strip_blocks(made_deck(*cards), strips)
    assert first.split("\n") == ["", base64.b64encode(b"webp one").decode(), *[""] * 48]
    assert second == base64.b64encode(b"webp fifty").decode()


def test_a_card_says_whether_it_has_a_picture_and_why_not() -> None:
    cards = [
        made_card(0),
        made_card(1),
        made_card(2),
        made_card(3, None, skipped="empty file"),
    ]
    strips = pictures(images={cards[0].id: b"webp"}, missing={cards[1].id: "the video is gone"})
    assert [video["strip"] for video in said(made_deck(*cards), strips)["videos"]] == [
        True,
        "the video is gone",
        "left out, so that the page stays small",
        "",
    ]


def test_the_same_deck_gives_the_same_bytes() -> None:
    made = [deck_json(of_text("It jams."), pictures()) for _ in range(2)]
    assert made[0] == made[1]
