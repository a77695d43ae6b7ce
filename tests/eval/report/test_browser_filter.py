"""Choosing among the videos, in a browser: filter, sort, search, pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser_deck import deck, shown_ids, until, write_page

from physprior.eval.report.cards.card import Card, CardAnswer

pytestmark = pytest.mark.slow
DECK = deck()
Wanted = Callable[[Card, CardAnswer], bool]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, open_shared: Any) -> Any:
    return open_shared(write_page(tmp_path_factory.mktemp("page"), DECK))


@pytest.fixture
def page(shared: Any) -> Any:
    """The page as it opens: what another test chose is cleared."""
    shared.get_by_role("button", name="Clear", exact=True).click()
    return shared


def choose(page: Any, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#videos-bar [name={name}]").select_option(value)


def search(page: Any, query: str) -> None:
    before = page.evaluate("location.hash")
    page.fill("#videos-bar [name=q]", query)
    until(page, f"location.hash !== {json.dumps(before)}")


def ids(wanted: Wanted, run: int = 0) -> list[str]:
    """The cards of which a run says what is wanted, in the deck's order."""
    answered = [(card, card.answers[run]) for card in DECK.cards]
    return [card.id for card, answer in answered if answer and wanted(card, answer)]


def counted(page: Any) -> str:
    return page.inner_text("#videos-count")


def test_the_first_page_is_wrong_and_confident_first(page: Any) -> None:
    assert shown_ids(page) == [card.id for card in DECK.cards[:50]]
    assert DECK.cards[0].answers[0].right is False


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        ("wrong", lambda card, answer: answer.right is False),
        ("missed", lambda card, answer: answer.right is False and card.label == 1),
        ("alarm", lambda card, answer: answer.right is False and card.label == 0),
        ("unparsed", lambda card, answer: answer.words == "unparsed"),
        (
            "disagree",
            lambda card, answer: (
                answer.words != "unparsed" and answer.above != (answer.words == "anomalous")
            ),
        ),
        ("only-0", lambda card, answer: answer.right and not card.answers[1].right),
        ("only-1", lambda card, answer: not answer.right and card.answers[1].right),
    ],
)
def test_an_outcome_leaves_its_videos(page: Any, outcome: str, wanted: Wanted) -> None:
    choose(page, outcome=outcome)
    assert ids(wanted)
    assert shown_ids(page) == ids(wanted)[:50]
    assert counted(page) == f"{len(ids(wanted))} of 130 videos"


def test_right_answers_are_those_that_are_not_wrong(page: Any) -> None:
    choose(page, outcome="right")
    assert counted(page) == f"{len(ids(lambda card, answer: bool(answer.right)))} of 130 videos"


def test_videos_that_the_model_could_not_see_are_found(page: Any) -> None:
    choose(page, outcome="skipped")
    assert shown_ids(page) == [card.id for card in DECK.cards if card.skipped]
    assert "empty file" in page.inner_text("#videos-list .video >> nth=0")


def test_a_category_leaves_its_videos_and_its_classes(page: Any) -> None:
    choose(page, category="fan")
    assert shown_ids(page) == [card.id for card in DECK.cards if card.category == "fan"][:50]
    classes = page.locator("#videos-bar [name=class] option").all_inner_texts()
    assert classes == ["all", "falls apart", "normal", "cannot be pressed"]


def test_a_class_leaves_its_videos(page: Any) -> None:
    choose(page, **{"class": "clip/loose"})
    wanted = [card.id for card in DECK.cards if (card.category, card.class_id) == ("clip", "loose")]
    assert shown_ids(page) == wanted


def test_a_category_lets_go_of_another_ones_class(page: Any) -> None:
    choose(page, **{"class": "clip/loose"})
    choose(page, category="fan")
    assert page.input_value("#videos-bar [name=class]") == ""


def test_another_run_is_judged_by_its_own_answers(page: Any) -> None:
    choose(page, run="1", outcome="wrong")
    wrong = ids(lambda card, answer: answer.right is False, run=1)
    found = shown_ids(page)
    assert sorted(found) == sorted(wrong)[:50] or len(wrong) > 50
    troubles = {card.id: card.answers[1].trouble for card in DECK.cards if card.answers[1]}
    assert [troubles[name] for name in found] == sorted(map(troubles.get, wrong), reverse=True)[:50]


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("high", lambda card: -card.answers[0].score),
        ("low", lambda card: card.answers[0].score),
        ("severity", lambda card: card.severity),
        ("sbert", lambda card: card.answers[0].marks[0].value),
        ("category", lambda card: (card.category, card.class_id, card.id)),
    ],
)
def test_cards_are_sorted(page: Any, sort: str, key: Callable[[Card], Any]) -> None:
    choose(page, outcome="missed", sort=sort)
    cards = {card.id: card for card in DECK.cards}
    found = [key(cards[name]) for name in shown_ids(page)]
    assert len(found) > 5
    assert found == sorted(found)


def test_what_a_sort_says_nothing_of_comes_last(page: Any) -> None:
    choose(page, category="clip", sort="severity")
    page.locator("#videos-end button").click()
    last = page.locator("#videos-list .video .id").last.inner_text()
    assert {card.id: card for card in DECK.cards}[last].severity is None


def test_a_search_is_blind_to_case_and_accents(page: Any) -> None:
    search(page, "CAFE")
    wanted = [
        card.id
        for card in DECK.cards
        if any(answer and answer.words == "unparsed" for answer in card.answers)
    ]
    assert shown_ids(page) == wanted


def test_a_search_wants_every_word(page: Any) -> None:
    search(page, "jammed loose 000")
    found = shown_ids(page)
    assert found
    assert all("/loose/000" in name for name in found)


def test_words_in_quotes_are_one(page: Any) -> None:
    search(page, '"hinge rust"')
    assert shown_ids(page) == []
    search(page, '"is jammed by"')
    assert shown_ids(page) != []


def test_a_search_finds_an_instance(page: Any) -> None:
    search(page, "clip-03")
    assert shown_ids(page) == [card.id for card in DECK.cards if card.instance == "clip-03"]


def test_filters_add_up(page: Any) -> None:
    choose(page, category="clip", outcome="wrong")
    search(page, "stuck")
    wanted = ids(
        lambda card, answer: (
            answer.right is False and card.category == "clip" and card.class_id == "stuck"
        )
    )
    assert shown_ids(page) == wanted


def test_options_say_how_many_they_leave(page: Any) -> None:
    choose(page, category="fan")
    missed = ids(
        lambda card, answer: answer.right is False and card.label == 1 and card.category == "fan"
    )
    options = page.locator("#videos-bar [name=outcome] option").all_inner_texts()
    assert f"missed anomalies ({len(missed)})" in options


def test_an_empty_choice_says_so_and_can_be_cleared(page: Any) -> None:
    search(page, "zebra")
    assert counted(page) == "0 of 130 videos"
    page.get_by_role("button", name="Clear the filter").click()
    assert counted(page) == "130 videos"
    assert page.input_value("#videos-bar [name=q]") == ""


def test_show_more_draws_the_next_fifty_and_goes_there(page: Any) -> None:
    shown_ids(page)
    page.get_by_role("button", name="Show 50 more (80 left)").click()
    until(page, "document.querySelectorAll('#videos-list .video').length === 100")
    assert page.evaluate("document.activeElement.dataset.index") == "50"
    page.get_by_role("button", name="Show 30 more (30 left)").click()
    until(page, "document.querySelectorAll('#videos-list .video').length === 130")
    assert not page.is_visible("#videos-end")


def test_one_run_alone_has_no_choice_of_runs(open_page: Any, tmp_path: Path) -> None:
    page = open_page(write_page(tmp_path, deck(12, runs=1)))
    assert not page.is_visible("#videos-bar [name=run]")
    values = page.locator("#videos-bar [name=outcome] option").evaluate_all(
        "(options) => options.map((option) => option.value)"
    )
    assert not [value for value in values if value.startswith("only")]
