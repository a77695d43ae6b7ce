"""The report: the same rows in both pages, and each number with its interval."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from physprior.errors import OutputError, PredictionError
from physprior.eval.compare import compare_all
from physprior.eval.predictions import read_predictions
from physprior.eval.report import Evaluation, Report, evaluate, tables
from physprior.eval.report.cards.deck import make_deck
from physprior.eval.report.compared import comparison_legend
from physprior.eval.report.figures.panels import roc_panels, score_panels
from physprior.eval.report.write import write_report as write_files
from physprior.verdict import render

WriteFile = Callable[..., Path]
Evaluated = Callable[..., Evaluation]
YES, NO = render(True, "It jams."), render(False, "It runs.")
ROWS: list[Any] = [
    ("ball", "normal", -1.0, NO),
    ("ball", "normal", -2.0, NO),
    ("ball", "leak", 2.0, "no idea"),
    ("ball", "leak", 1.0, YES),
    ("clip", "normal", 0.0, NO),
    ("clip", "unable_press", None, None),
]


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Path, Path]:
    """Markdown and page of an evaluation alone."""
    html, markdown, *_ = write_files(Report(evaluation), folder)
    return markdown, html


ESTIMATE = re.compile(r"\d\.\d{3} \[\d\.\d\d, \d\.\d\d\]")


class Page(HTMLParser):
    """The cells of each of a page's tables, its text, its elements, and what these name."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._cell = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag in ("td", "th", "table"):
            self._cell = tag != "table"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.tables and self._cell:
            self.tables[-1][-1][-1] += data


def markdown_tables(path: Path) -> list[list[list[str]]]:
    blocks = re.findall(r"(?:^\|.*\n)+", path.read_text(encoding="utf-8"), re.M)
    found = [
        [[cell.strip() for cell in line.strip("|").split(" | ")] for line in block.splitlines()]
        for block in blocks
    ]
    return [[row for row in rows if not row[0].startswith("---")] for rows in found]


@pytest.fixture
def evaluated(write_file: WriteFile) -> Evaluated:
    def make(*rows: Any, beside: list[Path] | None = None, **header: Any) -> Evaluation:
        file = read_predictions(write_file(list(rows or ROWS), **header))
        return evaluate(file, beside=beside or ())

    return make


def column(evaluation: Evaluation, title: str, head: str) -> dict[str, str]:
    """The cells of a table's column, by the row's name."""
    table = next(one for one in tables(evaluation) if one.title == title)
    place = table.heads.index(head)
    return {" ".join(row[: table.names]): row[place] for row in table.rows}


def test_both_pages_hold_every_row_of_every_table(evaluated: Evaluated, tmp_path: Path) -> None:
    markdown, html = write_report(evaluated(), tmp_path / "report")
    expected = [[list(table.heads), *map(list, table.rows)] for table in tables(evaluated())]
    assert len(expected) == 5
    page = Page(html).tables
    for table in expected:
        assert table in markdown_tables(markdown)
        assert table in page


def test_a_number_stands_beside_its_interval_and_n(evaluated: Evaluated) -> None:
    evaluation = evaluated()
    assert ESTIMATE.fullmatch(column(evaluation, "By category", "AUROC")["ball"])
    assert column(evaluation, "By category", "videos")["ball"] == "2 + 2"
    assert ESTIMATE.fullmatch(column(evaluation, "At the threshold", "accuracy")["ball"])
    assert ESTIMATE.fullmatch(column(evaluation, "By anomaly type", "AUROC")["ball leak"])


def test_a_category_of_one_class_is_not_available_and_never_a_half(evaluated: Evaluated) -> None:
    evaluation = evaluated()
    for head in ("AUROC", "verdict AUROC", "average precision"):
        assert column(evaluation, "By category", head)["clip"] == "n/a"
    for head in ("accuracy", "balanced accuracy", "F1"):
        assert column(evaluation, "At the threshold", head)["clip"] == "n/a"


def test_the_macro_average_leaves_a_category_of_one_class_out(evaluated: Evaluated) -> None:
    aurocs = column(evaluated(), "By category", "AUROC")
    assert aurocs["macro average"].startswith("1.000")
    assert column(evaluated(), "By category", "skipped") == {
        "ball": "0",
        "clip": "1",
        "macro average": "1",
        "pooled": "1",
    }


def test_the_unparsed_are_counted_with_what_they_could_change(evaluated: Evaluated) -> None:
    evaluation = evaluated()
    said = "By the words alone"
    assert column(evaluation, said, "unparsed")["ball"] == "1"
    assert column(evaluation, said, "AUROC at worst")["ball"] == "0.750"
    assert column(evaluation, said, "at best")["ball"] == "1.000"


def test_a_model_without_text_has_no_table_of_words(evaluated: Evaluated) -> None:
    rows = [(*row[:3], None) for row in ROWS]
    assert "By the words alone" not in [table.title for table in tables(evaluated(*rows))]


def test_another_method_s_scores_get_no_calibration_and_no_threshold(evaluated: Evaluated) -> None:
    evaluation = evaluated(
        source="import", mode=None, history=None, sampling=None, base_fingerprint=None
    )
    titles = [table.title for table in tables(evaluation)]
    assert "Calibration" not in titles
    assert "At the threshold" not in titles


def test_both_pages_say_what_was_predicted_and_what_was_skipped(
    evaluated: Evaluated, tmp_path: Path
) -> None:
    evaluation = evaluated(accepted_changed_prior=["clip"], total=9)
    for path in write_report(evaluation, tmp_path):
        said = path.read_text(encoding="utf-8") if path.suffix == ".md" else Page(path).text
        for words in (
            "runs/mine",
            "555555555555",
            "clip/test/unable_press/0005.mp4: empty file",
            "3 videos have no prediction yet",
            "changed since training",
            "80.0%",
        ):
            assert words in said, (path.name, words)


def test_a_page_begins_with_whose_figures_they_are(evaluated: Evaluated, tmp_path: Path) -> None:
    evaluation = evaluated()
    header, n = evaluation.scores.predictions.header, evaluation.scores.n
    _, html = write_report(evaluation, tmp_path)
    head = html.read_text().partition("<h1>")[2].partition("<table")[0]
    assert f"{header.model} on the test split: {n} videos" in head


def test_a_page_needs_nothing_from_elsewhere(evaluated: Evaluated, tmp_path: Path) -> None:
    _, html = write_report(evaluated(), tmp_path)
    page = Page(html)
    assert {"link", "iframe", "img", "object", "base"}.isdisjoint(page.elements)
    named = {name: value for name, value in page.attributes if name in ("src", "href", "action")}
    assert all(value.startswith("#") for value in named.values())
    assert "://" not in html.read_text(encoding="utf-8")
    assert "url(" not in html.read_text(encoding="utf-8")


def test_a_page_has_colours_for_light_and_for_dark(evaluated: Evaluated, tmp_path: Path) -> None:
    _, html = write_report(evaluated(), tmp_path)
    page = html.read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"(--\w+): (#\w+)", part)) for part in page.split("@media", 2)[:2]
    )
    assert set(light) == set(dark)
    assert all(light[name] != dark[name] for name in light)


def test_a_name_that_is_markup_stays_a_name(evaluated: Evaluated, tmp_path: Path) -> None:
    evil = "<script>alert('model')</script><img src=x onerror=alert(1)>|a|[b](c)\nd"
    markdown, html = write_report(evaluated(model=evil), tmp_path)
    page = Page(html)
    assert page.elements.count("script") == 1
    assert "img" not in page.elements
    assert evil in page.text
    line = next(one for one in markdown.read_text(encoding="utf-8").splitlines() if "alert" in one)
    assert not re.search(r"(?<!\\)[<|]|\]\(", line)
    assert line.endswith("d")


def test_categories_of_one_class_alone_still_make_a_report(
    evaluated: Evaluated, tmp_path: Path
) -> None:
    evaluation = evaluated(("clip", "normal", 0.0, None), ("fan", "stuck", 1.0, None))
    aurocs = column(evaluation, "By category", "AUROC")
    assert [aurocs[name] for name in ("clip", "fan", "macro average")] == ["n/a"] * 3
    _, html = write_report(evaluation, tmp_path)
    assert "ROC curves" not in Page(html).text


def other_file(write_file: WriteFile, name: str, model: str) -> Path:
    rows = [(category, kind, score and -score, text) for category, kind, score, text in ROWS]
    return write_file(rows, name, model=model)


def test_other_runs_stand_beside_in_columns_of_their_own(
    evaluated: Evaluated, write_file: WriteFile
) -> None:
    files = [other_file(write_file, f"{name}.jsonl", f"the/{name}") for name in ("base", "old")]
    evaluation = evaluated(beside=files)
    alone = column(evaluated(), "By category", "AUROC")
    assert column(evaluation, "By category", "AUROC") == alone
    for head in ("AUROC base", "AUROC old"):
        assert column(evaluation, "By category", head)["ball"].startswith("0.000")
        assert column(evaluation, "By category", head)["clip"] == "n/a"


def test_runs_of_one_name_are_told_apart(evaluated: Evaluated, write_file: WriteFile) -> None:
    files = [other_file(write_file, name, "my/run") for name in ("a.jsonl", "b.jsonl")]
    assert evaluated(beside=files).names == ("a", "b")
    assert evaluated(beside=[files[0], files[0]]).all_names == ("mine 1", "a 2", "a 3")


def test_a_run_is_told_apart_from_the_reports_own_by_one_name_in_every_part(
    evaluated: Evaluated, write_file: WriteFile
) -> None:
    evaluation = evaluated(beside=[other_file(write_file, "new.jsonl", "other/mine")])
    own, beside = evaluation.all_names
    assert (evaluation.names, beside) == (("new",), "new")
    assert own != beside
    assert make_deck(evaluation).runs == evaluation.all_names
    files = [one.predictions for one in (evaluation.scores, *evaluation.beside)]
    legend = comparison_legend(compare_all(files[0], files[1:]))
    assert [name for _, name, _ in legend] == ["this run", "new"]


def test_a_run_on_other_videos_is_refused(evaluated: Evaluated, write_file: WriteFile) -> None:
    other = write_file(ROWS, "other.jsonl", split_hash="6" * 64)
    with pytest.raises(PredictionError, match="do not predict the same videos"):
        evaluated(beside=[other])


def test_the_same_scores_make_the_same_bytes(evaluated: Evaluated, tmp_path: Path) -> None:
    one, other = (write_report(evaluated(), tmp_path / name) for name in ("one", "other"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_a_curve_goes_from_corner_to_corner(evaluated: Evaluated) -> None:
    (panel,) = roc_panels(evaluated())
    assert panel.title == "ball"
    assert panel.curves[0].points.split() == ["0.0,100.0", "0.0,0.0", "100.0,0.0"]


def test_a_score_lies_in_the_picture_on_its_side_of_the_threshold(evaluated: Evaluated) -> None:
    ball = score_panels(evaluated().scores.categories)[0]
    assert (ball.low, ball.high, ball.threshold) == ("-2", "2", 50.0)
    assert all(bar.x >= ball.threshold for bar in ball.bars if bar.anomalous)
    assert all(bar.x + bar.width <= ball.threshold for bar in ball.bars if not bar.anomalous)


def test_each_class_of_scores_is_drawn_by_its_share_and_the_highest_bar_fills_its_half(
    evaluated: Evaluated,
) -> None:
    rows = [
        ("ball", "normal", score, None) for score in (0.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 5.0)
    ]
    (panel,) = score_panels(evaluated(*rows, *[("ball", "leak", 10.0, None)]).scores.categories)
    bars = {(bar.anomalous, bar.x): (bar.y, bar.height) for bar in panel.bars}
    # All anomalous videos are in one bar, half of the normal ones in another.
    assert bars[True, 95.83] == (2.0, 48.0)
    assert bars[False, 0.0] == (50, 24.0)
    assert bars[False, 95.83] == (50, 18.0)


@pytest.mark.parametrize("size", [1e308, 5e-324, 0.0])
def test_scores_of_any_size_are_drawn(evaluated: Evaluated, tmp_path: Path, size: float) -> None:
    evaluation = evaluated(("ball", "normal", -size, None), ("ball", "leak", size, None))
    _, html = write_report(evaluation, tmp_path)
    assert not re.search(r'"(?:nan|-?inf)"', html.read_text(encoding="utf-8"))
    (panel,) = score_panels(evaluation.scores.categories)
    assert all(0 <= bar.x <= 100 and 0 <= bar.y <= 100 for bar in panel.bars)


def test_a_place_that_cannot_be_written_is_refused(evaluated: Evaluated, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        write_report(evaluated(), tmp_path / "file" / "report")


def test_a_control_beside_is_named_as_one(evaluated: Evaluated, write_file: WriteFile) -> None:
    other = write_file(ROWS, "other.jsonl", control="first_frame")
    assert evaluated(beside=[other]).names == ("mine first frame",)


def test_a_run_of_words_alone_is_shown_by_its_words(
    evaluated: Evaluated, write_file: WriteFile
) -> None:
    other = write_file(ROWS, "other.jsonl", source="import", model="words")
    content = re.sub(r'"score":[-\d.]+', '"score":null', other.read_text(encoding="utf-8"))
    other.write_text(content, encoding="utf-8")
    evaluation = evaluated(beside=[other])
    words = column(evaluation, "By category", "verdict AUROC words")
    assert words == column(evaluation, "By category", "verdict AUROC")
    assert ESTIMATE.fullmatch(words["ball"])
