"""The page's address: links to cards, filters that can be sent to somebody, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browser_deck import card, deck, shown_ids, texts, until, write_page

from physprior.eval.report.cards.card import Deck

pytestmark = pytest.mark.slow
DECK = deck()
FAR = DECK.cards[101].id


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("page"), DECK)


def link(name: str) -> str:
    return f"#video={quote(name, safe='')}"


def test_a_link_shows_its_card_alone_and_unfolded(open_page: Any, path: Path) -> None:
    page = open_page(path, link(FAR))
    assert shown_ids(page) == [FAR]
    assert page.inner_text("#videos-count") == "One video of 130 videos"
    assert page.locator(".video details:not([open])").count() == 0
    assert page.get_by_role("button", name="All videos").bounding_box()["y"] > 0
    assert page.locator(".video").bounding_box()["y"] < 450


def test_a_link_survives_a_reload(open_page: Any, path: Path) -> None:
    page = open_page(path, link(FAR))
    page.reload()
    assert shown_ids(page) == [FAR]


def test_the_id_on_a_card_is_its_link_and_back_leads_back(open_page: Any, path: Path) -> None:
    page = open_page(path)
    page.locator("#videos-list .id").nth(3).click()
    assert shown_ids(page) == [DECK.cards[3].id]
    page.go_back()
    until(page, "document.querySelectorAll('.video').length === 50")
    page.go_forward()
    until(page, "document.querySelectorAll('.video').length === 1")


def test_a_filter_is_in_the_address_and_survives_a_reload(open_page: Any, path: Path) -> None:
    page = open_page(path)
    page.locator("[name=category]").select_option("fan")
    page.locator("[name=outcome]").select_option("wrong")
    page.locator("[name=sort]").select_option("low")
    before = shown_ids(page)
    assert page.evaluate("location.hash") == "#category=fan&outcome=wrong&sort=low"
    page.reload()
    assert shown_ids(page) == before
    assert page.input_value("[name=outcome]") == "wrong"


def test_a_search_with_odd_letters_survives_a_reload(open_page: Any, path: Path) -> None:
    page = open_page(path)
    page.fill("[name=q]", "a+b&sort=low %20#é")
    until(page, "location.hash.startsWith('#q')")
    page.reload()
    assert page.input_value("[name=q]") == "a+b&sort=low %20#é"
    assert page.input_value("[name=sort]") == "trouble"


def test_a_plus_in_an_address_is_a_plus(open_page: Any, path: Path) -> None:
    assert open_page(path, "#q=a+b").input_value("[name=q]") == "a+b"


def test_each_choice_is_a_step_back_and_typing_is_one(open_page: Any, path: Path) -> None:
    page = open_page(path)
    page.locator("[name=category]").select_option("fan")
    page.locator("[name=q]").press_sequentially("stuck", delay=150)
    until(page, "location.hash.endsWith('q=stuck') || location.hash.startsWith('#q=stuck&')")
    page.go_back()
    until(page, "location.hash === '#category=fan'")
    assert page.input_value("[name=q]") == ""
    page.go_back()
    until(page, "document.querySelector('[name=category]').value === ''")


def test_from_a_card_alone_one_gets_back_to_the_filter(open_page: Any, path: Path) -> None:
    page = open_page(path)
    page.locator("[name=outcome]").select_option("wrong")
    wrong = shown_ids(page)
    page.locator("#videos-list .id").nth(2).click()
    until(page, "document.querySelectorAll('.video').length === 1")
    page.get_by_role("button", name="Next").click()
    assert shown_ids(page) == [wrong[3]]
    page.get_by_role("button", name="All videos").click()
    assert shown_ids(page) == wrong
    assert page.evaluate("document.activeElement.dataset.index") is not None


def test_a_link_to_a_section_leaves_the_filter_as_it_is(open_page: Any, path: Path) -> None:
    page = open_page(path, "#outcome=wrong")
    wrong = shown_ids(page)
    page.locator("nav a").first.click()
    assert page.evaluate("location.hash") == "#summary"
    assert shown_ids(page) == wrong


def test_a_link_to_a_video_that_is_not_there_says_so(open_page: Any, path: Path) -> None:
    page = open_page(path, "#video=gone%2F1")
    assert page.inner_text("#videos-list") == "This report has no video gone/1."
    page.get_by_role("button", name="All videos").click()
    assert len(shown_ids(page)) == 50


@pytest.mark.parametrize(
    "address", ["#sort=__proto__&run=7&category=x&outcome=constructor", "#=&&=", "#q=%E0%A4%A"]
)
def test_an_address_that_means_nothing_shows_all(open_page: Any, path: Path, address: str) -> None:
    page = open_page(path, address)
    page.fill("[name=q]", "")
    assert page.locator("#videos-list .video").count() > 0 or "%" in address
    assert page.input_value("[name=sort]") == "trouble"
    assert page.input_value("[name=run]") == "0"


@pytest.mark.parametrize("name", ["clip/test/a b&c=d+e/1", "clip/test/ä#%2F/1", "clip/test/日本/1"])
def test_an_id_of_any_letters_has_a_link(open_page: Any, tmp_path: Path, name: str) -> None:
    cards = (card("clip/test/normal/0000", [None]), card(name, [None]))
    page = open_page(write_page(tmp_path, Deck(("mine",), {"clip": texts("clip")}, cards)))
    page.locator("#videos-list .id").nth(1).click()
    page.reload()
    assert shown_ids(page) == [name]
