"""The videos by keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from browser_deck import deck, shown_ids, until, write_page

pytestmark = pytest.mark.slow
DECK = deck()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, open_shared: Any) -> Any:
    return open_shared(write_page(tmp_path_factory.mktemp("page"), DECK))


@pytest.fixture
def page(shared: Any) -> Any:
    shared.goto("about:blank")
    shared.go_back()
    shared.get_by_role("button", name="Clear", exact=True).click()
    shown_ids(shared)
    shared.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    return shared


def focused(page: Any) -> str | None:
    return page.evaluate("document.activeElement.dataset.index || null")


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_j_and_k_go_from_card_to_card(page: Any) -> None:
    press(page, "j", "j", "j")
    assert focused(page) == "2"
    press(page, "k")
    assert focused(page) == "1"


def test_a_card_that_is_gone_to_is_in_view_and_shows_it(page: Any) -> None:
    press(page, "j", "j")
    box = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert 0 <= box < 120
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_arrows_go_on_from_a_card_and_else_scroll(page: Any) -> None:
    press(page, "ArrowRight")
    assert focused(page) is None
    press(page, "j", "ArrowRight")
    assert focused(page) == "1"
    press(page, "ArrowLeft")
    assert focused(page) == "0"


def test_j_draws_more_where_the_page_ends(page: Any) -> None:
    page.locator("#videos-list .video").nth(49).focus()
    press(page, "j")
    assert focused(page) == "50"


def test_slash_searches_and_escape_leaves_the_search(page: Any) -> None:
    press(page, "/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("jk/?")
    until(page, "location.hash.startsWith('#q=')")
    assert page.input_value("[name=q]") == "jk/?"
    press(page, "Escape")
    assert page.input_value("[name=q]") == ""
    assert page.inner_text("#videos-count") == "130 videos"


def test_o_unfolds_and_folds_a_card(page: Any) -> None:
    press(page, "j", "o")
    card = page.locator("#videos-list .video").first
    # What unfolds is made a moment after the key.
    card.get_by_text("A spring does.").first.wait_for()
    press(page, "o")
    assert "A spring does." not in card.inner_text()


def test_e_enlarges_the_frames_and_escape_goes_back_to_the_card(page: Any) -> None:
    press(page, "j", "e")
    assert page.locator("#videos-zoom img").count() == 4
    press(page, "j", "Escape")
    assert not page.is_visible("#videos-zoom")
    assert focused(page) == "0"


def test_l_shows_a_card_alone_and_escape_all(page: Any) -> None:
    press(page, "j", "j", "l")
    assert shown_ids(page) == [DECK.cards[1].id]
    assert page.evaluate("location.hash").startswith("#video=")
    press(page, "j")
    assert shown_ids(page) == [DECK.cards[2].id]
    press(page, "Escape")
    assert len(shown_ids(page)) == 50
    assert focused(page) == "2"


def test_a_question_mark_says_which_keys_there_are(page: Any) -> None:
    press(page, "?")
    assert "next and previous card" in page.inner_text("#videos-help")
    press(page, "Escape")
    assert not page.is_visible("#videos-help")


def test_letters_can_be_taken_off(page: Any) -> None:
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("letters are keys").uncheck()
    press(page, "Escape", "j")
    assert focused(page) is None
    press(page, "/")
    assert page.evaluate("document.activeElement.name") != "q"
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("letters are keys").check()
    press(page, "Escape")


def test_keys_with_a_modifier_are_the_browsers(page: Any) -> None:
    press(page, "Control+j", "Alt+j")
    assert focused(page) is None


def test_nothing_holds_the_tab_key(page: Any) -> None:
    page.locator("[name=q]").focus()
    stops = []
    for _ in range(12):
        press(page, "Tab")
        stops.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert len(set(stops)) == 12
    assert any('class="strip"' in stop for stop in stops)
    press(page, *["Shift+Tab"] * 12)
    assert page.evaluate("document.activeElement.name") == "q"
