"""The LaTeX tables: in the paper's layout, published marked, and harmless whatever a name holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from explained import GOOD, put_llm_score, put_sbert
from exported_reports import IMPORTED, ROWS, Rows, report_of, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from latex_reading import NotLatexError, Tabular, read_table, row, shown

from physprior.eval.predictions import read_predictions
from physprior.eval.published import read_table as read_published
from physprior.eval.report import Report
from physprior.eval.report.exports.latex import escape, line
from physprior.eval.report.exports.write import write_exports

WriteFile = Callable[..., Path]
PAPER = read_published("icassp-1")


def tables(report: Report, folder: Path) -> dict[str, Tabular]:
    """The tables that are written, by name; all are read strictly."""
    made = [path for path in write_exports(report, folder) if path.suffix == ".tex"]
    texts = {path.stem: path.read_text(encoding="utf-8") for path in made}
    document = texts.pop("all", "")
    for name, text in texts.items():
        assert f"\\input{{{name}}}" in document
        assert text.count("\\label{tab:physprior-") == 1
    return {name: read_table(text) for name, text in texts.items()}


@pytest.fixture
def table1(write_file: WriteFile, tmp_path: Path) -> Tabular:
    other = write_file([*ROWS, ("own", "normal", 0.0, None)], "b.jsonl", model="runs/b")
    own = write_file([*ROWS, ("own", "normal", 0.0, None)])
    return tables(report_of(own, [other]), tmp_path)["table1"]


def test_table_1_has_the_paper_s_columns_and_then_the_runs(table1: Tabular) -> None:
    assert table1.rows[0] == ["", "published†", *[""] * 6, "measured here", ""]
    assert table1.rows[1] == [
        "Category",
        *(f"{name}†" for name in PAPER.columns[:-1]),
        "Ours (paper)†",
        "mine",
        "b",
    ]


def test_categories_stand_in_the_paper_s_order_and_under_its_names(table1: Tabular) -> None:
    names = [one[0] for one in table1.rows[2:]]
    assert names[:3] == ["Clip", "Ball", "own"]
    assert table1.rows[2][1:8] == [*PAPER.rows["clip"].numbers]


def test_a_measured_figure_has_its_interval_and_a_published_one_has_none(table1: Tabular) -> None:
    clip, ball, own = table1.rows[2:5]
    assert ball[8].startswith("0.778 [0.")
    assert not any("[" in cell for cell in clip[1:8])
    assert own[1:] == ["--"] * 9


def test_averages_are_over_the_same_categories(table1: Tabular) -> None:
    same, every, printed = table1.rows[5:]
    assert same[0] == "Average of the same 2"
    ours = [Decimal(PAPER.rows[name].numbers[-1]) for name in ("clip", "ball")]
    assert same[7] == f"{sum(ours) / 2:.3f}" == "0.974"
    assert same[8].startswith("0.889 [")
    assert (every[0], every[1], every[8][:6]) == ("Average of all measured", "--", "0.889 ")
    assert printed == ["Average of 21, as printed", *PAPER.averages, "--", "--"]


def test_of_categories_that_no_paper_has_there_are_no_published_columns(
    write_file: WriteFile, tmp_path: Path
) -> None:
    rows: Rows = [("pump", "normal", 0.0, None), ("pump", "leak", 1.0, None)]
    found = tables(report_of(write_file(rows)), tmp_path)["table1"]
    assert found.rows[0] == ["Category", "mine"]
    assert [one[0] for one in found.rows[1:]] == ["pump", "Average of all measured"]


def test_a_run_that_lacks_a_category_takes_it_out_of_every_average(
    write_file: WriteFile, tmp_path: Path
) -> None:
    own, other = write_file(ROWS), write_file(ROWS, "b.jsonl", **IMPORTED)
    lines = other.read_text(encoding="utf-8").splitlines()
    lines = [
        re.sub(r'"score":[-.0-9]+', '"score":null', one) if "ball/test/leak" in one else one
        for one in lines
    ]
    other.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
    found = tables(report_of(own, [other]), tmp_path / "out")["table1"]
    same = next(one for one in found.rows if one[0].startswith("Average of the same"))
    assert same[0] == "Average of the same 1"
    assert same[7] == PAPER.rows["clip"].numbers[-1]
    assert same[8].startswith("1.000 [")


def test_table_2_has_both_scores_of_every_system_and_of_the_runs_that_have_one(
    write_file: WriteFile, tmp_path: Path
) -> None:
    own, other = write_file(GOOD), write_file(GOOD, "b.jsonl", model="runs/b")
    put_sbert(read_predictions(own))
    put_llm_score(read_predictions(own))
    bare = write_file(GOOD, "c.jsonl", model="runs/c")
    put_sbert(read_predictions(other))
    found = tables(report_of(own, [other, bare]), tmp_path / "out")["table2"]
    assert found.rows[1][1::2] == [
        *("Video-ChatGPT†", "Video-LLaMA†", "Video-LLaVA†", "Ours (paper)†", "mine", "b"),
    ]
    assert found.rows[2] == ["Category", *["SBERT", "LLM"] * 6]
    clip = next(one for one in found.rows if one[0] == "Clip")
    assert clip[1:9] == [*read_published("icassp-2").rows["clip"].numbers]
    assert clip[9].startswith("0.900 [")
    assert clip[10].startswith("1.000 [")
    assert clip[11].startswith("0.900 [")
    assert clip[12] == "--"


def test_table_2_is_of_all_answers_and_not_of_the_right_ones_alone(
    write_file: WriteFile, tmp_path: Path
) -> None:
    # One clip in two is judged wrong, and has the lesser mark.
    rows = [(*row[:3], GOOD[0][3]) if row[0] == "clip" else row for row in GOOD]
    own = write_file(rows)
    put_sbert(read_predictions(own))
    found = tables(report_of(own), tmp_path / "out")["table2"]
    (clip,) = [row for row in found.rows if row[0] == "Clip"]
    assert clip[-2].startswith("0.600")


def test_without_explanation_scores_there_is_no_table_2(
    write_file: WriteFile, tmp_path: Path
) -> None:
    assert set(tables(report_of(write_file(ROWS)), tmp_path)) == {"table1", "table3"}


def test_table_3_has_a_row_for_each_mode_that_was_trained_beside_the_paper_s(
    write_file: WriteFile, tmp_path: Path
) -> None:
    beside = [
        write_file(ROWS, "a.jsonl", model="runs/single", mode="single_turn"),
        write_file(ROWS, "b.jsonl", model="runs/plain", mode="no_phys"),
        write_file(ROWS, "c.jsonl", model="base", run_fingerprint=None),
        write_file(ROWS, "d.jsonl", control="blank"),
        write_file(ROWS, "e.jsonl", **IMPORTED),
    ]
    found = tables(report_of(write_file(ROWS), beside), tmp_path / "out")["table3"]
    assert found.rows[0] == ["", "Clip", "Ball", "Average"]
    assert [one[0] for one in found.rows[1:] if one[0]] == [
        *("No-phys†", "Single-turn†", "Multi-turn†", "Multi-turn", "Single-turn", "No-phys"),
    ]
    assert found.rows[3][1:] == ["0.974", "0.973", "0.974"]
    assert found.rows[4][1:] == ["1.000", "0.778", "0.889"]
    assert all(cell.startswith("[") for cell in found.rows[5][1:])


def test_two_runs_of_one_mode_are_told_apart_in_table_3(
    write_file: WriteFile, tmp_path: Path
) -> None:
    other = write_file(ROWS, "a.jsonl", model="runs/other")
    found = tables(report_of(write_file(ROWS), [other]), tmp_path / "out")["table3"]
    names = [one[0] for one in found.rows if one[0].startswith("Multi-turn (")]
    assert names == ["Multi-turn (mine)", "Multi-turn (other)"]


@pytest.mark.parametrize("count", [10, 11, 21, 22])
def test_table_3_has_blocks_of_at_most_eleven_columns(
    write_file: WriteFile, tmp_path: Path, count: int
) -> None:
    names = [*read_published("phys-ad-4").rows][:count]
    rows = [(name, kind, 0.0, None) for name in names for kind in ("normal", "bad")]
    found = tables(report_of(write_file(rows)), tmp_path)["table3"]
    assert found.width == 1 + {10: 11, 11: 6, 21: 11, 22: 8}[count]
    heads = [one for one in found.rows if not one[0] and not one[1].startswith("[")]
    every = [cell for one in heads for cell in one if cell]
    assert len(every) == count + 1
    assert every[-1] == "Average"


def test_without_a_trained_run_there_is_no_table_3(write_file: WriteFile, tmp_path: Path) -> None:
    assert set(tables(report_of(write_file(ROWS, **IMPORTED)), tmp_path)) == {"table1"}


HOSTILE = [
    r"\input{/etc/passwd}",
    r"} \\ \end{tabular} \write18{rm}",
    "% a comment",
    "a & b # c $x$ y_z ^ ~ {",
    "[0.5ex] a",
    "* b",
    "``a''--b---c,,d",
    "<a>|b|",
    "name\nwith\r\nlines\tand\x0bmore",
    "^^41",
    "Déjà vu, façade, Škoda, über, ß…",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_shown_as_it_is(text: str) -> None:
    expected = unicodedata.normalize("NFD", " ".join(text.split()))
    assert unicodedata.normalize("NFD", shown(escape(text))) == expected
    assert row(line([escape(text), "b"]), 2)[1] == "b"


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(max_codepoint=126), max_size=20))
def test_any_ascii_text_is_shown_as_it_is(text: str) -> None:
    kept = "".join(letter for letter in text if letter >= " " or letter.isspace())
    assert shown(escape(kept)) == " ".join(kept.split())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_any_text_at_all_is_harmless_ascii(text: str) -> None:
    found = escape(text)
    assert found.isascii()
    assert row(line([found, "b"]), 2)[1] == "b"


@pytest.mark.parametrize("text", ["中", "\u202e", "\x07", "😀", "\udcff"])
def test_a_letter_that_cannot_be_set_stands_as_its_code(text: str) -> None:
    assert shown(escape(text)) == f"U+{ord(text):04X}"


@pytest.mark.parametrize("latex", [r"a & b \\", r"a \\", r"a_b & c \\", r"\evil & c \\", r"{a & c"])
def test_the_reader_of_these_tests_refuses_what_is_no_row(latex: str) -> None:
    with pytest.raises(NotLatexError):
        row(latex, 3 if latex.startswith("a &") else 2)


@pytest.mark.parametrize("name", HOSTILE[:8])
def test_names_do_not_break_a_table(tmp_path: Path, name: str) -> None:
    rows: Any = [(name, kind, score, None) for kind, score in (("normal", 0.0), ("bad", 1.0))]
    own = write_rows(tmp_path / "own.jsonl", [*ROWS, *rows], model=f"x {name[:20]}")
    found = tables(report_of(own), tmp_path / "out")
    for table in found.values():
        shown_names = {one[0] for one in table.rows} | {*table.rows[0]}
        assert " ".join(name.split()) in shown_names


def test_a_path_cannot_leave_its_comment(write_file: WriteFile, tmp_path: Path) -> None:
    folder = tmp_path / "a\n\\evil"
    folder.mkdir()
    own = write_file(ROWS).rename(folder / "own.jsonl")
    paths = write_exports(report_of(own), tmp_path / "out")
    text = next(path for path in paths if path.name == "table1.tex").read_text(encoding="utf-8")
    assert "evil" in text
    assert all(one.startswith("%") for one in text.splitlines() if "evil" in one)
