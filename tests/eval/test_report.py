from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from physprior.errors import OutputError
from physprior.eval.predictions import read_predictions
from physprior.eval.report import draw_curves, write_report
from physprior.eval.scoring import Scores, score
from physprior.verdict import render

WriteFile = Callable[..., Path]
YES, NO = render(True, "It jams."), render(False, "It runs.")
ROWS = [
    ("ball", "normal", -1.0, NO),
    ("ball", "leak", 2.0, "no idea"),
    ("clip", "normal", 0.0, NO),
    ("clip", "unable_press", None, None),
]
EXPECTED = [
    ["category", "normal + anomalous", "AUROC", "verdict AUROC", "unparsed", "skipped"],
    ["ball", "1 + 1", "1.000", "1.000", "1", "0"],
    ["clip", "1 + 0", "n/a", "n/a", "0", "1"],
    ["macro average", "2 + 1", "1.000", "1.000", "1", "1"],
]


class Page(HTMLParser):
    """The cells of a page's table, its text, and the names of its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.elements: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self._cell = tag in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self._cell:
            self.rows[-1][-1] += data
            self._cell = False


def markdown_rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if not row[0].startswith("---")]


@pytest.fixture
def scored(write_file: WriteFile) -> Callable[..., Scores]:
    return lambda *rows, **header: score(read_predictions(write_file(list(rows or ROWS), **header)))


def test_both_pages_hold_every_row(scored: Callable[..., Scores], tmp_path: Path) -> None:
    markdown, html = write_report(scored(), tmp_path / "report")
    assert markdown_rows(markdown.read_text(encoding="utf-8")) == EXPECTED
    assert Page(html.read_text(encoding="utf-8")).rows == EXPECTED


def test_both_pages_say_what_was_predicted_and_what_was_skipped(
    scored: Callable[..., Scores], tmp_path: Path
) -> None:
    scores = scored(accepted_changed_prior=["clip"], total=7)
    for path in write_report(scores, tmp_path):
        text = path.read_text(encoding="utf-8")
        said = text if path.suffix == ".md" else Page(text).text
        for words in (
            "runs/mine",
            "555555555555",
            "clip/test/unable_press/0003.mp4: empty file",
            "3 videos have no prediction yet",
            "changed since training",
            "66.7%",
        ):
            assert words in said, (path.name, words)


def test_a_page_needs_nothing_from_elsewhere(scored: Callable[..., Scores], tmp_path: Path) -> None:
    _, html = write_report(scored(), tmp_path)
    text = html.read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!data:)', text)
    assert "http" not in text.replace("data:image", "")


def test_a_name_that_is_markup_stays_a_name(scored: Callable[..., Scores], tmp_path: Path) -> None:
    evil = "<script>alert('model')</script><img src=x onerror=alert(1)>"
    _, html = write_report(scored(model=evil), tmp_path)
    page = Page(html.read_text(encoding="utf-8"))
    assert "script" not in page.elements
    assert evil in page.text


def test_categories_of_one_class_alone_still_make_a_report(
    scored: Callable[..., Scores], tmp_path: Path
) -> None:
    scores = scored(("clip", "normal", 0.0, None), ("fan", "stuck", 1.0, None))
    _, html = write_report(scores, tmp_path)
    assert [row[2] for row in Page(html.read_text(encoding="utf-8")).rows[1:]] == ["n/a"] * 3


def test_another_model_stands_beside_in_a_column_of_its_own(
    scored: Callable[..., Scores], tmp_path: Path
) -> None:
    rows = [(category, kind, score and -score, text) for category, kind, score, text in ROWS]
    other = scored(*rows, model="the/base", name="other.jsonl")
    markdown, html = write_report(scored(), tmp_path, beside=other)
    for found in (
        markdown_rows(markdown.read_text(encoding="utf-8")),
        Page(html.read_text(encoding="utf-8")).rows,
    ):
        assert [row[3] for row in found] == ["AUROC beside", "0.000", "n/a", "0.000"]
        assert [row[2] for row in found] == [row[2] for row in EXPECTED]
    assert "the/base" in markdown.read_text(encoding="utf-8")


def test_the_same_scores_make_the_same_bytes(scored: Callable[..., Scores], tmp_path: Path) -> None:
    one, other = (write_report(scored(), tmp_path / name) for name in ("one", "other"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_the_curves_are_a_picture(scored: Callable[..., Scores]) -> None:
    assert draw_curves(scored()).startswith(b"\x89PNG")


def test_a_place_that_cannot_be_written_is_refused(
    scored: Callable[..., Scores], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        write_report(scored(), tmp_path / "file" / "report")
