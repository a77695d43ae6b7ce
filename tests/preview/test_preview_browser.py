"""The page in Chromium, live: lines and sentences find each other, and what is saved is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from preview_material import Replace

from physprior.preview.page import Start, embedded, html_page
from physprior.preview.server import PageServer
from physprior.preview.view import Folders, make_view

pytestmark = pytest.mark.slow
SIZES = [(400, "dark"), (1280, "light")]


def lit(page: Any) -> list[str]:
    found: list[str] = page.locator(".line.lit:visible code").all_text_contents()
    return [text.strip() for text in found]


def test_a_click_on_a_sentence_lights_its_lines(open_page: Any, live: PageServer) -> None:
    page = open_page(live.url)
    page.locator(".talk:visible .part.component a.piece").click()
    assert lit(page) == [
        "The clip has a torsion spring at its hinge, which is elastic and stores the work of"
        " pressing."
    ]
    page.locator(".talk:visible .part.motion a.piece").click()
    assert [words.split()[0] for words in lit(page)] == ["Therefore,", "again"]


def test_words_of_the_template_open_the_template(open_page: Any, live: PageServer) -> None:
    page = open_page(live.url)
    page.locator(".talk:visible a.piece", has_text="Which parts move").click()
    assert lit(page) == ["Which parts move, and how should they respond?"]
    assert page.locator("input[name=file]:checked + span").inner_text() == "multi_turn.j2"


def test_a_click_on_a_line_lights_the_sentence_that_it_became(
    open_page: Any, live: PageServer
) -> None:
    page = open_page(live.url)
    page.locator(".line", has_text="The clip has a torsion spring").click()
    said = page.locator(".piece.lit")
    assert said.all_text_contents() == [
        "The clip has a torsion spring at its hinge, which is elastic and stores the work of"
        " pressing."
    ]


def test_a_line_of_another_class_brings_up_its_dialogue(open_page: Any, live: PageServer) -> None:
    page = open_page(live.url)
    page.locator(".line", has_text="The weak torsion spring cannot drive").click()
    assert page.locator("input[name=class]:checked").input_value() == "unable_to_rebound"
    assert page.locator("#which").inner_text() == "2 of 6"
    assert page.locator(".piece.lit").inner_text().startswith("The weak torsion spring cannot")


def test_a_line_that_no_dialogue_says_is_told_to_be_one(open_page: Any, live: PageServer) -> None:
    page = open_page(live.url)
    page.locator(".line", has_text="actuator: gripper").click()
    assert page.locator("#said").inner_text() == "no dialogue says line 9"


def test_explanations_are_gone_through_by_their_buttons(open_page: Any, live: PageServer) -> None:
    page = open_page(live.url)
    page.locator(".pills label", has_text="unable to press").click()
    assert page.locator("#which").inner_text() == "1 of 6"
    page.locator("#before").click()
    assert page.locator("#which").inner_text() == "6 of 6"
    page.locator("#after").click()
    page.locator("#after").click()
    verdict = page.locator(".talk:visible .part.verdict .words").inner_text()
    assert verdict.startswith("Verdict: Anomalous. Reason: Rust locks the hinge")


def test_what_is_saved_is_shown_and_the_place_is_kept(
    open_page: Any, live: PageServer, replace: Replace
) -> None:
    page = open_page(live.url)
    page.locator(".tabs label", has_text="no_phys").last.click()
    page.locator(".pills label", has_text="unable to press").click()
    page.evaluate("document.querySelector('#entry-body').scrollTop = 600")
    replace("name: spring clip", "name: paper clip")
    page.locator(".talk:visible .prompt", has_text="Watch the paper clip").wait_for()
    assert page.locator("h1").inner_text() == "paper clip"
    assert page.locator("input[name=mode]:checked").input_value() == "no_phys"
    assert page.locator("input[name=class]:checked").input_value() == "unable_to_press"
    assert page.evaluate("document.querySelector('#entry-body').scrollTop") == 600
    assert page.locator(".line .fresh").all_text_contents() == ["name: paper clip"]
    assert page.locator(".talk:visible .piece.fresh").all_text_contents() == ["paper clip"]


def test_videos_that_run_are_left_alone_by_a_save(
    open_page: Any, live: PageServer, replace: Replace
) -> None:
    page = open_page(live.url)
    page.evaluate("document.querySelector('figure video').mine = true")
    replace("opens wide and afterwards", "opens wide and then")
    page.locator(".line", has_text="opens wide and then").wait_for()
    assert page.evaluate("document.querySelector('figure video').mine")


def test_a_broken_entry_dims_what_it_said_until_it_is_mended(
    open_page: Any, live: PageServer, replace: Replace
) -> None:
    page = open_page(live.url)
    page.locator(".talk:visible").wait_for()
    replace("evidence: frame", "evidense: frame")
    page.locator(".banner", has_text="last good save").wait_for()
    assert page.locator(".talk.old:visible").count() == 1
    assert page.locator(".wrong").all_text_contents() == ["evidense"]
    assert page.locator("#problems li").count() == 1
    page.locator("#problems a").click()
    assert lit(page) == ["evidense: frame"]
    replace("evidense: frame", "evidence: frame")
    page.locator(".chip.good", has_text="no problems").wait_for()
    assert page.locator(".talk.old").count() == 0


def test_a_server_that_is_gone_is_told_and_what_was_shown_stays(
    open_page: Any, live: PageServer
) -> None:
    page = open_page(live.url)
    page.locator("#live", has_text=re.compile("^live$")).wait_for()
    page.context.set_offline(True)
    page.locator("#live.gone", has_text="the server has stopped").wait_for()
    assert page.locator(".talk:visible").count() == 1
    page.context.set_offline(False)
    page.locator("#live:not(.gone)", has_text=re.compile("^live$")).wait_for()


def test_videos_play_together_and_are_gone_through_together(
    open_page: Any, live: PageServer
) -> None:
    page = open_page(live.url)
    page.wait_for_function("[...document.querySelectorAll('video')].every((v) => v.duration > 0)")
    page.locator("#play").click()
    page.wait_for_function(
        "[...document.querySelectorAll('video')].every((v) => v.currentTime > 0)"
    )
    page.locator("#scrub").fill("500")
    times = page.evaluate("[...document.querySelectorAll('video')].map((v) => v.currentTime)")
    assert len(times) == 3
    assert max(times) - min(times) < 0.01
    assert page.evaluate("[...document.querySelectorAll('video')].every((v) => v.paused)")
    assert page.locator("#play").inner_text() == "Play all"


def test_a_video_without_frames_says_why(open_page: Any, live: PageServer) -> None:
    page = open_page(live.url)
    words = page.locator(".strips .cannot")
    words.scroll_into_view_if_needed()
    page.wait_for_function(
        "document.querySelector('.strips .cannot').textContent.includes('broken.mp4')"
    )


@pytest.mark.parametrize(("width", "scheme"), SIZES)
@pytest.mark.parametrize("state", ["good", "broken", "without videos"])
def test_axe_finds_nothing_of_weight_and_nothing_is_wider_than_the_screen(
    open_page: Any,
    with_videos: Folders,
    folders: Folders,
    replace: Replace,
    tmp_path: Path,
    state: str,
    width: int,
    scheme: str,
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = folders if state == "without videos" else with_videos
    view = make_view(shown)
    if state == "broken":
        replace("evidence: frame", f"evidense: {'frame' * 60}")
        view = make_view(shown, view)
    out = tmp_path / "page.html"
    out.write_text(html_page(view, Start(), embedded, live=False), encoding="utf-8")
    page = open_page(out.as_uri(), width=width, scheme=scheme, bypass_csp=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] != "minor"] == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_axe_finds_nothing_of_weight_in_the_live_page(
    open_page: Any, live: PageServer, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(live.url, width=width, scheme=scheme, bypass_csp=True)
    page.locator(".talk:visible a.piece").first.click()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] != "minor"] == []


def test_it_can_be_gone_through_by_keys(open_page: Any, live: PageServer) -> None:
    page = open_page(live.url)
    page.locator("input[name=mode]:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=mode]:checked").input_value() == "no_phys"
    page.locator(".talk:visible .part.verdict a.piece").last.focus()
    page.keyboard.press("Enter")
    assert lit(page)
    page.keyboard.press("Escape")
    assert lit(page) == []


def test_a_file_works_without_a_server(
    open_page: Any, with_videos: Folders, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    out.write_text(html_page(make_view(with_videos), Start(), embedded, live=False))
    page = open_page(out.as_uri())
    page.locator(".pills label", has_text="unable to press").click()
    page.locator(".talk:visible .part.verdict a.piece").last.click()
    assert len(lit(page)) == 2
    assert page.locator("#live").is_hidden()
    assert page.locator(".strips img").count() == 3
