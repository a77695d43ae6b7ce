"""The page as one file: whole, linked, and safe whatever the entry says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from preview_material import Replace

from physprior.preview.page import Clip, Start, embedded, html_page
from physprior.preview.view import Folders, Sample, make_view

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7*7 }}"


class Reader(HTMLParser):
    """The elements of a page, by what a test asks of them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, key: str) -> list[str]:
        return [fields[key] or "" for _, fields in self.found if key in fields]


def static(folders: Folders, start: Start = Start()) -> str:  # noqa: B008 (it is frozen)
    return html_page(make_view(folders), start, embedded, live=False)


def test_the_same_files_give_the_same_page(with_videos: Folders) -> None:
    assert static(with_videos) == static(with_videos)


def test_every_link_of_the_page_leads_to_a_line_of_it(with_videos: Folders) -> None:
    read = Reader(static(with_videos))
    ids = read.all("id")
    assert len(ids) == len(set(ids))
    links = [link for link in read.all("href") if link.startswith("#")]
    assert len(links) > 200
    assert {link[1:] for link in links} <= set(ids)
    for places in read.all("data-at"):
        for file, first, last in re.findall(r"(\d+):(\d+)-(\d+)", places):
            assert {f"f{file}-{first}", f"f{file}-{last}"} <= set(ids)


def test_a_file_needs_nothing_from_elsewhere(with_videos: Folders) -> None:
    html = static(with_videos)
    read = Reader(html)
    assert all(source.startswith("data:image/webp;base64,") for source in read.all("src"))
    assert len(read.all("src")) == 3
    assert "http" not in html.replace("http-equiv", "")
    assert "<video" not in html
    assert "broken.mp4" in html


@pytest.mark.parametrize("live", [True, False])
def test_its_policy_lets_nothing_run_but_its_own_script(folders: Folders, live: bool) -> None:
    html = html_page(make_view(folders), Start(), embedded, live=live)
    policy = Reader(html).all("content")[0]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[^' ]+'(;|$)", policy)
    assert "unsafe" not in policy
    assert ("connect-src 'self'" in policy) == live
    assert not any(
        key.startswith("on") or key == "style" for _, at in Reader(html).found for key in at
    )


def test_words_of_an_entry_stay_words(folders: Folders, replace: Replace) -> None:
    tags = [tag for tag, _ in Reader(static(folders)).found]
    replace("name: spring clip", f"name: '{EVIL.replace(chr(39), chr(39) * 2)}'")
    html = static(folders)
    assert "<script>alert" not in html
    assert "49" not in re.findall(r"Watch the .{0,200}", html)[0]
    now = [tag for tag, _ in Reader(html).found]
    assert now.count("script") == tags.count("script") == 1
    assert now.count("img") == tags.count("img") == 0


def test_names_of_videos_stay_words(with_videos: Folders) -> None:
    def clip(sample: Sample) -> Clip:
        return Clip(EVIL, "data:,", "", EVIL)

    html = html_page(make_view(with_videos), Start(), clip, live=False)
    assert "<script>alert" not in html
    assert [tag for tag, _ in Reader(html).found].count("script") == 1


def test_the_dialogue_that_is_asked_for_is_the_one_that_is_shown(folders: Folders) -> None:
    html = static(folders, Start("no_phys", "unable_to_press", 2))
    shown = [
        (at["data-mode"], at["data-class"], at["data-index"])
        for tag, at in Reader(html).found
        if tag == "article" and "hidden" not in at
    ]
    assert shown == [("no_phys", "unable_to_press", "2")]


def test_what_is_not_there_is_the_first(folders: Folders) -> None:
    shown = [
        (at["data-mode"], at["data-class"], at["data-index"])
        for tag, at in Reader(static(folders, Start("none", "none", 99))).found
        if tag == "article" and "hidden" not in at
    ]
    assert shown == [("multi_turn", "normal", "5")]


def test_a_broken_entry_makes_a_page_that_says_where(folders: Folders, replace: Replace) -> None:
    replace("evidence: frame", "evidense: frame")
    html = static(folders)
    assert "unknown key &#39;evidense&#39;" in html
    assert "There is no dialogue yet: clip.yaml has 1 error." in html
    assert 'class="key wrong">evidense</span>' in html


def test_old_dialogues_lead_to_no_lines(folders: Folders, replace: Replace) -> None:
    good = make_view(folders)
    replace("evidence: frame", "evidense: frame")
    html = html_page(make_view(folders, good), Start(), embedded, live=False)
    assert "those of the last good save: clip.yaml has 1 error." in html
    assert 'class="talk old"' in html
    assert '<a class="piece"' not in html
