"""The whole page in Chromium: nothing runs or loads, nothing is too wide, and tables sort."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_material import hostile_report
from test_page_safety import EVIL, LONG

from physprior.eval.predictions import read_predictions
from physprior.eval.report import Report, evaluate
from physprior.eval.report.page import html_report

WriteFile = Callable[..., Path]
pytestmark = pytest.mark.slow


def written(report: Report, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(html_report(report), encoding="utf-8")
    return path


@pytest.mark.parametrize("text", [EVIL, LONG, "\u05d0\u05d1\u05d2\u202e" * 30])
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_hostile_report_runs_nothing_and_is_not_wider_than_the_screen(
    open_page: Any, write_file: WriteFile, tmp_path: Path, text: str, width: int, scheme: str
) -> None:
    path = written(hostile_report(text, write_file), tmp_path)
    page = open_page(path, width=width, scheme=scheme)
    page.locator("#videos-list > li").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_axe_finds_nothing_of_weight_in_the_whole_report(
    open_page: Any, write_file: WriteFile, tmp_path: Path, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    path = written(hostile_report("plain", write_file), tmp_path)
    page = open_page(path, width=width, scheme=scheme, bypass_csp=True)
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] != "minor"] == []


def test_a_failure_on_the_first_screen_leads_to_its_card(
    open_page: Any, write_file: WriteFile, tmp_path: Path
) -> None:
    page = open_page(written(hostile_report("plain", write_file), tmp_path))
    page.locator(".worst a").click()
    page.locator("#videos .alone").wait_for()
    assert page.locator("#videos-list > li").count() == 1


def test_a_table_sorts_by_a_click_on_a_head_and_keeps_its_averages_last(
    open_page: Any, write_file: WriteFile, tmp_path: Path
) -> None:
    rows = [
        (name, kind, float(mark), None)
        for name, wrong in (("a", 1), ("b", 3), ("c", 2))
        for number in range(6)
        for kind, mark in (("normal", 0), ("fault", -1 if number < wrong else 1))
    ] + [("d", "normal", 0.0, None)]
    report = Report(evaluate(read_predictions(write_file(rows))))
    page = open_page(written(report, tmp_path))
    table = page.locator("#categories table")
    head = table.get_by_role("button", name="AUROC", exact=True)

    def order() -> list[str]:
        names: list[str] = table.locator("tbody tr td:first-child").all_text_contents()
        return names

    whole = ["macro average", "pooled"]
    assert order() == ["a", "b", "c", "d", *whole]
    head.click()
    assert order() == ["b", "c", "a", "d", *whole]
    head.click()
    assert order() == ["a", "c", "b", "d", *whole]
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_the_navigation_marks_the_section_that_is_read(
    open_page: Any, write_file: WriteFile, tmp_path: Path
) -> None:
    page = open_page(written(hostile_report("plain", write_file), tmp_path))
    marked = page.locator("nav a[aria-current]")
    assert marked.all_text_contents() == ["Summary"]
    page.locator("nav a", has_text="Curves").click()
    page.wait_for_function("document.querySelector('nav a[aria-current]').hash === '#curves'")
    assert marked.count() == 1
