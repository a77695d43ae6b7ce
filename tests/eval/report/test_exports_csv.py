"""The CSV files: every number unrounded, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from explained import GOOD
from exported_reports import ROWS, YES, a_training, report_of, whole_report

from physprior.eval.report import Report
from physprior.eval.report.cards.deck import make_deck
from physprior.eval.report.exports.comma import comma_separated
from physprior.eval.report.exports.write import write_exports

WriteFile = Callable[..., Path]
Row = dict[str, str]


def rows(report: Report, folder: Path, name: str) -> list[Row]:
    write_exports(report, folder)
    with (folder / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def test_a_category_has_its_counts_and_its_measures_unrounded(
    write_file: WriteFile, tmp_path: Path
) -> None:
    report = report_of(write_file(ROWS))
    assert report.evaluation is not None
    ball, clip, macro, pooled = rows(report, tmp_path, "categories")
    assert [one["category"] for one in (ball, clip, macro, pooled)] == [
        "ball",
        "clip",
        "macro average",
        "pooled",
    ]
    assert (ball["normal"], ball["anomalous"], ball["threshold"]) == ("3", "3", "0.0")
    auroc = report.evaluation.scores.categories[0].measures["auroc"]
    assert auroc.interval is not None
    assert float(ball["auroc"]) == auroc.value == pytest.approx(7 / 9, abs=1e-15)
    assert float(ball["auroc_low"]) == auroc.interval.low
    assert (clip["skipped"], clip["unparsed"]) == ("1", "2")
    assert (macro["skipped"], pooled["normal"]) == ("1", "5")


def test_a_number_without_a_meaning_is_an_empty_cell(write_file: WriteFile, tmp_path: Path) -> None:
    alone = report_of(write_file([("clip", "normal", 0.0, None)]))
    clip, *_ = rows(alone, tmp_path, "categories")
    assert (clip["auroc"], clip["auroc_low"], clip["unparsed"]) == ("", "", "")


def test_each_run_has_its_rows_under_its_name(write_file: WriteFile, tmp_path: Path) -> None:
    own = write_file(ROWS)
    report = report_of(own, [write_file(ROWS, "other.jsonl", model="runs/other")])
    for name, count in (("categories", 4), ("types", 2), ("videos", 11)):
        named = [one["run"] for one in rows(report, tmp_path, name)]
        assert named == ["mine"] * count + ["other"] * count


def test_a_video_has_what_was_said_of_it_and_whether_that_is_right(
    write_file: WriteFile, tmp_path: Path
) -> None:
    found = rows(report_of(write_file(ROWS)), tmp_path, "videos")
    missed = found[3]
    assert missed["id"] == "ball/test/leak/0003"
    assert (missed["label"], missed["score"], missed["above"]) == ("1", "-2.5", "false")
    assert (missed["words"], missed["right"], missed["text"]) == ("anomalous", "false", YES)
    assert found[6]["words"] == "unparsed"
    skipped = found[-1]
    assert (skipped["skipped"], skipped["score"], skipped["right"]) == ("empty file", "", "")


def test_a_video_is_right_where_its_card_says_so(write_file: WriteFile, tmp_path: Path) -> None:
    for number, row in enumerate(([*ROWS], [(*row[:3], None) for row in ROWS])):
        report = report_of(write_file(row, f"{number}.jsonl"))
        assert report.evaluation is not None
        cards = {card.id: card.answers[0] for card in make_deck(report.evaluation).cards}
        said = {None: "", True: "true", False: "false"}
        for one in rows(report, tmp_path, "videos"):
            answer = cards[one["id"]]
            assert one["right"] == said[answer.right if answer else None]


def test_severity_spoken_class_and_explanation_scores_have_columns(
    write_file: WriteFile, tmp_path: Path
) -> None:
    report = whole_report(write_file(GOOD), write_file(GOOD, "b.jsonl", model="runs/b"))
    found = rows(report, tmp_path, "videos")
    own, other = found[1], found[len(found) // 2 + 1]
    assert (own["spoken_class"], own["sbert"], own["llm_score_explanation"]) == (
        "leak",
        "0.9",
        "1.0",
    )
    assert (other["spoken_class"], other["sbert"], other["llm_score_explanation"]) == (
        "",
        "0.9",
        "",
    )


def test_a_skipped_video_keeps_its_severity(write_file: WriteFile, tmp_path: Path) -> None:
    report = report_of(write_file(ROWS))
    assert report.evaluation is not None
    (skipped,) = report.evaluation.scores.predictions.skipped
    deck = make_deck(report.evaluation, severities={skipped.id: 0.25})
    found = rows(dataclasses.replace(report, deck=deck), tmp_path, "videos")
    assert [one["severity"] for one in found if one["severity"]] == ["0.25"]
    assert found[-1]["severity"] == "0.25"


def test_a_training_s_values_stand_one_a_row(tmp_path: Path) -> None:
    found = rows(Report(None, training=(a_training(),)), tmp_path, "training")
    assert found[1] == {
        "run_folder": "runs/mine",
        "series": "loss/verdict",
        "step": "20",
        "value": repr(1 / 3),
    }
    assert len(found) == 3


FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert written(text) == f"'{text}"


@pytest.mark.parametrize("text", ["1 = 1", "a-b", "", " it jams", "'tis", 'no, "it"\njams\r\nso'])
def test_any_other_text_is_as_it_was(text: str) -> None:
    assert written(text) == text


def written(value: Any) -> str:
    text = comma_separated(["a", "b"], [[value, 0]])
    (found,) = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    assert found[1] == "0"
    return found[0]


def test_a_number_below_nothing_stays_a_number() -> None:
    assert [written(one) for one in (-1.5, 1e-17, 0.1 + 0.2, True, None)] == [
        "-1.5",
        "1e-17",
        "0.30000000000000004",
        "true",
        "",
    ]


def test_lines_end_as_rfc_4180_has_it() -> None:
    assert comma_separated(["a", "b"], [['x"y', "p,q"]]) == 'a,b\r\n"x""y","p,q"\r\n'


def test_what_no_file_can_hold_is_replaced() -> None:
    assert written("a\udcffb\0c") == "a?b\ufffdc"


def test_hostile_answers_and_names_stay_in_their_cells(
    write_file: WriteFile, tmp_path: Path
) -> None:
    evil = '=HYPERLINK("http://x","y")\r\n,","@x'
    report = report_of(write_file([("=cmd|' /C calc'!A0", "leak", 1.0, evil)], model="-2+3"))
    (found,) = rows(report, tmp_path, "videos")
    assert (found["run"], found["text"]) == ("'-2+3", f"'{evil}")
    assert found["category"] == "'=cmd|' /C calc'!A0"
    assert found["id"].startswith("'=cmd")


def test_a_file_of_an_earlier_report_does_not_stay(write_file: WriteFile, tmp_path: Path) -> None:
    own, other = write_file(GOOD), write_file(GOOD, "b.jsonl", model="runs/b")
    everything = set(write_exports(whole_report(own, other), tmp_path))
    (tmp_path / "csv" / "mine.csv").write_text("kept")
    left = set(write_exports(Report(None, training=(a_training(),)), tmp_path))
    assert {path.name for path in everything - left} == {
        "categories.csv",
        "types.csv",
        "videos.csv",
        "table1.tex",
        "table2.tex",
        "table3.tex",
        "all.tex",
    }
    there = {path for path in tmp_path.rglob("*.*") if path.parent != tmp_path}
    assert {path for path in there if path.name != "mine.csv"} == {
        path for path in left if path.parent != tmp_path
    }
    assert (tmp_path / "csv" / "mine.csv").read_text() == "kept"


def test_the_same_report_gives_the_same_bytes(write_file: WriteFile, tmp_path: Path) -> None:
    report = whole_report(write_file(GOOD), write_file(GOOD, "b.jsonl", model="runs/b"))
    one, other = (write_exports(report, tmp_path / name) for name in ("one", "other"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
