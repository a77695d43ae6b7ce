"""The Markdown report: everything that the page says, and nothing that a name can break."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from explained import GOOD
from exported_reports import ROWS, SUGGESTION, a_training, report_of, whole_report, write_rows

from physprior.eval.report import Report
from physprior.eval.report.exports.markdown import markdown_report
from physprior.eval.report.exports.markdown_text import code, plain
from physprior.eval.report.training import training_tables

WriteFile = Callable[..., Path]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("markdown")
    own = write_rows(folder / "own.jsonl", GOOD)
    other = write_rows(folder / "b.jsonl", GOOD, model="runs/other")
    return markdown_report(whole_report(own, other))


def headings(page: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", page, re.M)


def test_every_part_of_a_report_has_its_heading(page: str) -> None:
    found = headings(page)
    for title in (
        "What is missing",
        "By category",
        "Beside published systems: table 1 of the ICASSP paper",
        "Beside published systems: table 4 of the Phys-AD paper",
        "Beside other runs",
        "By anomaly type",
        "What explanations of clip speak of",
        "What to edit",
        "clip: unable_press, missed 3 of 4",
        "Explanations: SBERT score",
        "Explanations: LLM score",
        "By severity",
        "At the threshold",
        "By the words alone",
        "Calibration",
        "Training: mine",
        *(table.title for table in training_tables(a_training())),
        "Model",
        "Commands to reproduce",
    ):
        assert found.count(title) == 1, title


def test_a_suggestion_names_files_and_lines(page: str) -> None:
    said = page.partition("What to edit")[2].partition("\n## ")[0]
    assert "Three of four are missed." in said
    assert "- kb/clip.yaml:12 “The arm swings “freely”.”: it says the same of both" in said
    assert "- 2 × “It opens and closes.” (speaks of normal)" in said
    assert "cosine 0.91" in said
    assert "Take more frames." in said
    assert "clip/test/unable\\_press/0008" in said or "clip/test/unable_press/0008" in said


def test_of_many_suggestions_the_later_ones_have_a_line_each(write_file: WriteFile) -> None:
    many = tuple(replace(SUGGESTION, class_id=f"kind{number}") for number in range(7))
    page = markdown_report(report_of(write_file(ROWS), suggestions=many))
    assert sum(f"clip: kind{number}, missed 3 of 4" in headings(page) for number in range(7)) == 5
    later = page.partition("### Less pressing\n\n")[2].partition("\n\n")[0].splitlines()
    assert later == [
        f"- clip: kind{number}, missed 3 of 4: Three of four are missed." for number in (5, 6)
    ]


def test_training_data_commands_and_what_is_missing_are_said(page: str) -> None:
    for said in (
        "- The videos are gone: name their folder with --videos.",
        "- state: stopped at step 20 of 40",
        "- kept: step 20 (the best validation)",
        "- The recipe is gone.",
        "- base: named twice",
        "```sh\nphysprior predict run data\n```",
    ):
        assert said in page, said


def test_every_row_of_a_table_is_as_wide_as_its_head(page: str) -> None:
    blocks = re.findall(r"(?:^\|.*\n)+", page, re.M)
    assert len(blocks) > 12
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_published_columns_are_marked_in_every_table_that_has_one(page: str) -> None:
    heads = [
        line for line in page.splitlines() if line.startswith("| category") and "LAVAD" in line
    ]
    assert len(heads) == 2
    for line in heads:
        names = [cell.strip() for cell in line.strip("|").split("|")]
        marked = [name for name in names if name.endswith("†")]
        assert names[:3] == ["category", "AUROC", "AUROC other"]
        assert marked == names[3:]


def test_a_report_of_training_alone_is_no_more_than_that() -> None:
    page = markdown_report(Report(None, training=(a_training(),)))
    assert headings(page)[:2] == ["physprior report", "Training: mine"]
    assert "By category" not in page


def test_predictions_alone_make_a_report(write_file: WriteFile) -> None:
    found = headings(markdown_report(report_of(write_file(ROWS))))
    assert "By category" in found
    assert not {"What to edit", "Beside other runs", "By severity", "What is missing"} & {*found}


HOSTILE = "<script>alert(1)</script>|a|[b](javascript:x)\n## c `d` *e*"


def test_hostile_names_are_no_markup(tmp_path: Path) -> None:
    rows: Any = [("clip", "normal", 0.0, HOSTILE), ("clip", "bad", 1.0, HOSTILE)]
    file = write_rows(tmp_path / "a.jsonl", rows, model=HOSTILE)
    page = markdown_report(
        report_of(file, missing=(HOSTILE,), data=((HOSTILE, ((HOSTILE,) * 2,)),))
    )
    assert "script" in page
    for line in page.splitlines():
        if "script" in line:
            assert not re.search(r"(?<!\\)[<`*]|\](?=\()", line), line
    assert "c \\`d\\`" in page
    assert not [one for one in headings(page) if one.startswith("c ")]


def test_a_command_cannot_close_its_fence() -> None:
    said = code(["echo '```'", "echo '`````'"])
    fence = said.partition("sh\n")[0]
    assert fence == "`" * 6
    assert said.endswith(f"\n{fence}")


def test_what_utf_8_cannot_hold_is_replaced() -> None:
    assert plain("a\udcff.jsonl").encode("utf-8") == b"a?.jsonl"
