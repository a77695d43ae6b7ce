"""The page for everybody: axe-core finds nothing serious, and a phone shows it all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from browser_deck import deck, shown_ids, write_page

from physprior.eval.predictions import read_predictions
from physprior.eval.report.evaluation import evaluate
from physprior.verdict import render

pytestmark = pytest.mark.slow
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
YES, NO = render(True, "It jams."), render(False, "It runs.")


@pytest.fixture
def path(tmp_path: Path, write_file: Callable[..., Path]) -> Path:
    """A report with tables, curves and cards, of two runs."""
    rows: list[Any] = [
        (category, kind, n * 0.3 - (kind == "normal") * 2, YES if n % 3 else NO)
        for category in ("clip", "fan")
        for kind in ("normal", "stuck", "loose")
        for n in range(8)
    ]
    file, other = write_file(rows), write_file(rows, "b.jsonl", fingerprint="0" * 64)
    evaluation = evaluate(read_predictions(file), beside=[other])
    return write_page(
        tmp_path, deck(14), evaluation=evaluation, missing=("severity: nothing says it",)
    )


def violations(page: Any) -> list[str]:
    """What axe-core calls serious or critical, with the first element of each."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
def test_axe_finds_nothing_serious(open_page: Any, path: Path, width: int, scheme: str) -> None:
    page = open_page(path, width=width, scheme=scheme)
    shown_ids(page)
    page.keyboard.press("j")
    page.keyboard.press("o")
    assert violations(page) == []


@pytest.mark.parametrize("key", ["e", "?"])
def test_axe_finds_nothing_serious_in_a_dialog(open_page: Any, path: Path, key: str) -> None:
    page = open_page(path)
    shown_ids(page)
    page.keyboard.press("j")
    page.keyboard.press(key)
    assert page.locator("dialog[open]").count() == 1
    assert violations(page) == []


def test_axe_would_find_what_is_serious(open_page: Any, path: Path) -> None:
    page = open_page(path)
    page.evaluate(
        "document.querySelector('#videos-bar [name=q]').parentElement.replaceWith("
        "document.querySelector('#videos-bar [name=q]'))"
    )
    page.evaluate("document.querySelector('#videos-bar [name=q]').removeAttribute('placeholder')")
    assert any(found.startswith("label") for found in violations(page))


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_is_wider_than_the_screen(open_page: Any, path: Path, width: int) -> None:
    page = open_page(path, width=width)
    shown_ids(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_change_of_the_choice_is_told_to_who_cannot_see_it(open_page: Any, path: Path) -> None:
    page = open_page(path)
    page.locator("[name=outcome]").select_option("wrong")
    told = page.get_by_role("status").all_inner_texts()
    assert any(text.endswith("of 14 videos") for text in told)
