"""Five thousand videos: the page stays usable. The bench measures it; here are generous bounds."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from browser_deck import deck, shown_ids, strips, until, write_page

pytestmark = pytest.mark.slow
MANY = 5_000


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, open_shared: Any) -> Any:
    made = deck(MANY)
    # As many bytes as real frames have: zeros behind the picture's end, which no reader heeds.
    padded = {name: image + bytes(6_500) for name, image in strips(made).images.items()}
    path = write_page(tmp_path_factory.mktemp("page"), made, replace(strips(made), images=padded))
    assert path.stat().st_size > 40e6
    started = time.monotonic()
    page = open_shared(path)
    page.locator("#videos-list .video").first.wait_for()
    page.opened_in = time.monotonic() - started
    return page


def timed(page: Any, change: str) -> float:
    """Milliseconds from a change of the filter until its first cards are painted."""
    return page.evaluate(
        f"""async () => {{
          const bar = document.getElementById("videos-bar").elements, begun = performance.now();
          {change}
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          return performance.now() - begun;
        }}"""
    )


def test_it_opens_within_seconds(page: Any) -> None:
    assert page.opened_in < 8
    assert page.inner_text("#videos-count") == "5,000 videos"


def test_only_the_first_page_of_cards_is_drawn(page: Any) -> None:
    assert len(shown_ids(page)) == 50
    assert page.evaluate("document.querySelectorAll('*').length") < 12_000


def test_a_filter_answers_while_one_looks(page: Any) -> None:
    event = "dispatchEvent(new Event('change', {bubbles: true}))"
    times = [
        timed(page, f"bar.outcome.value = '{value}'; bar.outcome.{event};")
        for value in ("wrong", "missed", "right", "disagree", "")
    ]
    assert sorted(times)[2] < 500


def test_a_search_answers_while_one_looks(page: Any) -> None:
    started = time.monotonic()
    page.fill("[name=q]", "cafe loose")
    until(page, "location.hash.startsWith('#q=')")
    assert time.monotonic() - started < 3
    assert 0 < int(page.inner_text("#videos-count").split(" ")[0].replace(",", "")) < 1_000
