"""One card, in a browser: frames, decision, words, dialogue, places, print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_deck import answer, card, deck, shown_ids, strips, texts, until, write_page

from physprior.eval.report.cards.card import Deck, Mark

pytestmark = pytest.mark.slow
MISSED = answer(
    -2.5,
    1,
    "normal",
    copied=True,
    truncated=True,
    marks=(Mark("SBERT score", 0.25, "Rust."), Mark("LLM score", None, "the judge was away")),
)
FOUND = answer(3.0, 1, "anomalous", turns=("My own words of a spring.",), description="It opens.")
SAID_OTHERWISE = answer(-1.0, 0, "anomalous")
CARDS = (
    card("clip/test/stuck/0001", [MISSED, FOUND], severity=0.45, instance="clip-13"),
    card("clip/test/normal/0002", [SAID_OTHERWISE, None]),
    card("clip/test/loose/0003", [FOUND, MISSED]),
    card("clip/test/loose/0004", [None, None], skipped="the file is empty"),
)
DECK = Deck(("mine", "base"), {"clip": texts("clip")}, CARDS)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = strips(DECK, without=lambda one: one.id.endswith("0002"))
    return write_page(tmp_path_factory.mktemp("page"), DECK, made)


@pytest.fixture(scope="module")
def page(open_shared: Any, path: Path) -> Any:
    return open_shared(path)


def shown(page: Any, number: int) -> Any:
    shown_ids(page)
    return page.locator("#videos-list .video").nth(number)


def test_it_shows_each_frame_once_and_in_order(page: Any) -> None:
    colours = (
        shown(page, 0)
        .locator("img")
        .evaluate_all(
            """async (images) => Promise.all(images.map(async (image) => {
          await image.decode();
          const side = image.naturalHeight;
          const at = parseFloat(getComputedStyle(image).objectPosition) / 100;
          const canvas = document.createElement("canvas");
          const context = canvas.getContext("2d");
          context.drawImage(image, -at * (image.naturalWidth - side) - side / 2, -side / 2);
          return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].join();
        }))"""
        )
    )
    assert colours == ["255,0,0", "0,255,0", "0,0,255", "255,255,255"]
    assert shown(page, 0).locator(".at").all_inner_texts() == ["1", "2", "3", "4"]


def test_its_frames_have_a_text_for_who_cannot_see_them(page: Any) -> None:
    assert shown(page, 0).get_by_role("button", name="4 frames of clip/test/stuck/0001").count()


def test_a_click_enlarges_its_frames(page: Any) -> None:
    shown(page, 0).locator(".strip").click()
    assert page.inner_text("#videos-zoom-title") == "clip/test/stuck/0001"
    width = page.locator("#videos-zoom img").first.bounding_box()["width"]
    page.locator("#videos-zoom").get_by_role("button", name="Close").click()
    assert width > shown(page, 0).locator("img").first.bounding_box()["width"] - 1
    assert not page.is_visible("#videos-zoom")


def test_it_says_what_was_missed_and_by_how_much(page: Any) -> None:
    text = shown(page, 0).inner_text()
    assert "missed anomaly" in text
    assert "spring clip, cannot be pressed" in text
    assert "score −2.50, below the threshold 0.50" in text
    assert "its words say normal (cut at the length limit)" in text


def test_it_shows_each_run_with_its_own_decision(page: Any) -> None:
    lines = shown(page, 0).locator(".decision").all_inner_texts()
    assert [line.split("\n")[0] for line in lines] == ["mine", "base"]
    assert "missed anomaly" in lines[0]
    assert "anomaly found" in lines[1]


def test_words_and_score_that_disagree_are_said(page: Any) -> None:
    assert "its words and its score disagree" in shown(page, 1).inner_text()
    assert "disagree" not in shown(page, 0).inner_text()


def test_the_answer_stands_beside_the_references_and_the_violated_phase(page: Any) -> None:
    said, right = shown(page, 0).locator(".reasons > div").all_inner_texts()
    assert "Verdict: Normal. Reason: It gives its energy back." in said
    assert "A reference of cannot be pressed." in right
    assert "kb/clip.yaml:61" in right
    assert "The jaws close fully." in right


def test_marks_come_with_their_notes(page: Any) -> None:
    marks = shown(page, 0).locator(".marks li").all_inner_texts()
    assert marks == [
        "SBERT score 0.25nearest reference: Rust.",
        "LLM score not scoredthe judge was away",
    ]


def test_a_copied_sentence_is_said(page: Any) -> None:
    assert "word for word a sentence that it was taught" in shown(page, 0).inner_text()
    assert "word for word" not in shown(page, 1).inner_text()


def test_the_dialogue_unfolds_with_the_line_of_each_sentence(page: Any) -> None:
    shown(page, 0).get_by_text("Dialogue before the verdict").click()
    until(page, "document.querySelector('.turns') !== null")
    told = shown(page, 0).locator(".turns li").nth(1).inner_text()
    assert "kb/clip.yaml:12" in told
    assert told.startswith("told: ")


def test_generated_answers_stand_where_the_taught_ones_did(page: Any) -> None:
    shown(page, 2).get_by_text("Dialogue before the verdict").click()
    turns = shown(page, 2).locator(".turns li")
    turns.first.wait_for()
    assert "My own words of a spring." in turns.nth(1).inner_text()
    assert turns.nth(1).inner_text().startswith("answered: ")
    assert "A spring does." not in shown(page, 2).inner_text()


def test_a_place_is_copied_by_a_click(open_page: Any, path: Path) -> None:
    page = open_page(path, permissions=["clipboard-read", "clipboard-write"])
    shown(page, 0).get_by_text("kb/clip.yaml:61").click()
    until(page, "document.getElementById('videos-said').textContent === 'kb/clip.yaml:61 copied'")
    assert page.evaluate("navigator.clipboard.readText()") == "kb/clip.yaml:61"


def test_a_video_without_frames_says_why(page: Any) -> None:
    assert "No frames: the video is not there any more" in shown(page, 1).inner_text()


def test_a_video_that_nobody_saw_is_a_card_without_a_decision(page: Any) -> None:
    text = shown(page, 3).inner_text()
    assert "not seen by the model" in text
    assert "the file is empty" in text
    assert "It says" not in text


def test_nothing_that_is_missing_is_shown_as_a_word_of_the_script(page: Any) -> None:
    text = page.inner_text("#videos-list")
    assert not [word for word in ("null", "undefined", "NaN", "[object") if word in text]


def test_its_facts_are_there(page: Any) -> None:
    facts = shown(page, 0).locator(".card-facts").inner_text()
    assert "clip/test/stuck/0001.mp4" in facts
    assert "clip-13" in facts
    assert "0.45 of 1" in facts


def test_a_video_of_an_unknown_category_is_shown_with_its_ids(
    open_page: Any, tmp_path: Path
) -> None:
    cards = (card("constructor/test/toString/1", [MISSED]), card("x/test/__proto__/2", [FOUND]))
    page = open_page(write_page(tmp_path, Deck(("mine",), {}, cards)))
    assert "constructor, toString" in shown(page, 0).inner_text()
    assert "x, __proto__" in shown(page, 1).inner_text()


def test_scores_of_any_size_are_drawn_within_their_axis(open_page: Any, tmp_path: Path) -> None:
    scores = (1e-300, -1e300, 1e300, 0.5)
    cards = [card(f"clip/test/normal/{n}", [answer(s, 0, "normal")]) for n, s in enumerate(scores)]
    page = open_page(write_page(tmp_path, Deck(("mine",), {"clip": texts("clip")}, tuple(cards))))
    shown_ids(page)
    outside = page.evaluate(
        """[...document.querySelectorAll(".axis > *")].filter((one) =>
          !(parseFloat(one.style.left) >= 0 && parseFloat(one.style.left) <= 100)).length"""
    )
    assert outside == 0


def test_without_an_answer_only_what_is_known_is_shown(open_page: Any, tmp_path: Path) -> None:
    quiet: dict[str, Any] = {"words": None, "text": None, "explanation": None}
    silent = replace(answer(1.0, 1, "normal"), threshold=None, **quiet)
    bare = replace(answer(1.0, 1, "normal"), score=None, above=None, right=None, **quiet)
    cards = (card("clip/test/stuck/1", [silent]), card("clip/test/stuck/2", [bare]))
    page = open_page(write_page(tmp_path, Deck(("mine",), {"clip": texts("clip")}, cards)))
    assert "score 1.00" in shown(page, 0).inner_text()
    assert "not decided" in shown(page, 1).inner_text()


def test_words_alone_without_a_verdict_are_neither_right_nor_missed(
    open_page: Any, tmp_path: Path
) -> None:
    said = replace(answer(0, 1, "unparsed"), score=None, threshold=None, above=None, right=False)
    cards = (card("clip/test/stuck/1", [said]),)
    page = open_page(write_page(tmp_path, Deck(("mine",), {"clip": texts("clip")}, cards)))
    assert "no readable verdict" in shown(page, 0).locator("h3").inner_text()
    assert "hold no readable verdict" in shown(page, 0).locator(".decision").inner_text()


def test_a_video_without_a_score_among_scored_ones_is_missed_whatever_it_says(
    open_page: Any, tmp_path: Path
) -> None:
    # Its words are unparsed, which alone would be no decision.
    said = replace(answer(0, 1, "unparsed"), score=None, above=None, right=False)
    cards = (card("clip/test/stuck/1", [said]),)
    page = open_page(write_page(tmp_path, Deck(("mine",), {"clip": texts("clip")}, cards)))
    assert "missed anomaly" in shown(page, 0).locator("h3").inner_text()
    decision = shown(page, 0).locator(".decision").inner_text()
    assert "no score, which is wrong at any threshold" in decision


def test_on_paper_all_that_the_filter_leaves_is_unfolded(open_page: Any, tmp_path: Path) -> None:
    page = open_page(write_page(tmp_path, deck(60)))
    shown_ids(page)
    page.pdf()
    assert page.locator("#videos-list .video").count() == 60
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#videos-list details:not([open])").count() == 0
    assert not page.is_visible("#videos-bar")
    assert "A spring does." in shown(page, 0).inner_text()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#videos-list details[open]").count() == 0


def test_the_note_of_the_strips_is_said(page: Any) -> None:
    assert page.inner_text("#videos-note") == "The note of the strips."


def test_without_script_the_page_says_what_is_missing(open_page: Any, path: Path) -> None:
    page = open_page(path, java_script_enabled=False)
    assert "4 videos are drawn by a script" in page.inner_text("#videos")
    assert not page.is_visible("#videos-app")
