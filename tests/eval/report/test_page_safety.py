"""The page is one file that loads nothing and runs nothing but its own script."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_material import hostile_report, parse

from physprior.eval.predictions import read_predictions
from physprior.eval.report import Report, evaluate
from physprior.eval.report.page import html_report
from physprior.eval.report.page.cells import cell

WriteFile = Callable[..., Path]
EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7 * 7 }}{% x %}<!-- ]]> \u202eabc"
)
LONG = "x" * 200
HERE = Path(html_report.__code__.co_filename).parent


@pytest.fixture
def hostile(write_file: WriteFile) -> Callable[[str], Report]:
    """A report all of whose names and texts are one text."""

    def make(text: str) -> Report:
        return hostile_report(text, write_file)

    return make


def test_the_policy_names_the_hashes_of_the_style_and_the_script_that_are_there(
    write_file: WriteFile,
) -> None:
    rows = [("ball", "normal", -1.0, None), ("ball", "leak", 1.0, None)]
    report = Report(evaluate(read_predictions(write_file(rows))))
    page = html_report(report)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"


def test_nothing_in_the_page_is_styled_or_scripted_by_attribute(
    hostile: Callable[[str], Report],
) -> None:
    def attributes(element: Any) -> set[str]:
        return {*element.attributes}.union(*map(attributes, element.inside))

    found = attributes(parse(html_report(hostile("plain"))))
    assert not [name for name in found if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("text", [EVIL, LONG, "\u05d0\u05d1\u202e", "</title></style>"])
def test_a_name_stays_text_wherever_it_stands(hostile: Callable[[str], Report], text: str) -> None:
    def tags(element: Any) -> list[str]:
        return [element.tag, *(tag for one in element.inside for tag in tags(one))]

    page, plain = (parse(html_report(hostile(one))) for one in (text, "plain"))
    assert [tag for tag in tags(page) if tag != "wbr"] == tags(plain)
    assert "49" not in page.all("section", id="data")[0].all("code")[0].text


def test_a_path_that_is_no_text_does_not_stop_the_page(hostile: Callable[[str], Report]) -> None:
    report = Report(None, missing=("\udcff is not there",))
    assert "? is not there" in html_report(report)


def test_the_page_s_own_files_cannot_end_their_elements() -> None:
    for path in (*HERE.glob("*.js"), *HERE.glob("*.css")):
        assert not re.search(r"</(script|style)|<!--", path.read_text(encoding="utf-8"), re.I)


def test_the_page_s_own_files_bring_nothing_from_elsewhere() -> None:
    for path in (*HERE.glob("*.js"), *HERE.glob("*.css")):
        text = path.read_text(encoding="utf-8")
        for way in ("url(", "@import", "fetch(", "XMLHttpRequest", "eval(", "innerHTML", "import("):
            assert way not in text, (path.name, way)


def test_the_same_report_makes_the_same_bytes(hostile: Callable[[str], Report]) -> None:
    report = hostile("plain")
    assert html_report(report) == html_report(report)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("0.894 [0.87, 0.92]", '<b class="v">0.894</b> <i class="i">[0.87, 0.92]</i>'),
        ("+0.031 [-0.01, 0.08]", '<b class="v">+0.031</b> <i class="i">[-0.01, 0.08]</i>'),
        ("unable_press", "unable_<wbr>press"),
        ("<b>", "&lt;b&gt;"),
        ("n/a", "n/a"),
    ],
)
def test_a_cell_keeps_its_text_and_lets_an_interval_go_below(text: str, html: str) -> None:
    assert cell(text) == html
