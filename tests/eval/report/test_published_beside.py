"""Published figures beside measured ones: as printed, marked, averaged over like categories."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from exported_reports import IMPORTED, NO, ROWS, YES, report_of

from physprior.eval.published import read_table
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.published import (
    PublishedBeside,
    mean_measured,
    published_table,
    published_tables,
)
from physprior.stats import Estimate

WriteFile = Callable[..., Path]


def evaluation(file: Path, *beside: Path) -> Evaluation:
    found = report_of(file, beside).evaluation
    assert found is not None
    return found


@pytest.fixture
def found(write_file: WriteFile) -> list[PublishedBeside]:
    rows = [*ROWS, ("toothpaste", "normal", 0.0, NO), ("toothpaste", "leak", 1.0, YES)]
    own = write_file([*rows, ("pump", "normal", 0.0, None)])
    other = write_file([*rows, ("pump", "normal", 0.0, None)], "b.jsonl", model="runs/other")
    return published_tables(evaluation(own, other))


def test_both_papers_tables_say_what_they_are(found: list[PublishedBeside]) -> None:
    assert [one.id for one in found] == ["icassp-1", "phys-ad-4"]
    assert all(one.published for one in found)
    assert [one.number for one in found] == [1, 4]
    assert "ICASSP" in found[0].source
    assert "toothpaste" in found[0].note


def test_each_category_has_what_was_measured_and_what_is_printed(
    found: list[PublishedBeside],
) -> None:
    for one in found:
        assert [row.name for row in one.rows] == ["ball", "clip", "pump", "toothpaste"]
        assert one.systems == read_table(one.id).columns
        assert one.runs == ("AUROC", "AUROC other")
        ball = one.rows[0]
        assert ball.printed == read_table(one.id).rows["ball"].numbers
        assert [round(value.value or 0, 3) for value in ball.measured] == [0.778, 0.778]
        assert ball.measured[0].interval is not None


def test_a_category_that_a_paper_has_not_keeps_its_row(found: list[PublishedBeside]) -> None:
    icassp, phys_ad = found
    assert icassp.rows[2].printed == icassp.rows[3].printed == (None,) * 7
    assert icassp.rows[3].measured[0].value == 1.0
    assert phys_ad.rows[3].printed == read_table("phys-ad-4").rows["toothpaste"].numbers
    assert icassp.rows[2].measured[0].value is None


def test_averages_are_over_the_rows_that_both_have(found: list[PublishedBeside]) -> None:
    icassp, phys_ad = found
    assert icassp.averaged == ("clip", "ball")
    assert phys_ad.averaged == ("clip", "ball", "toothpaste")
    for one in found:
        rows = read_table(one.id).rows
        for place, figure in enumerate(one.average.printed):
            mean = sum(Decimal(rows[name].numbers[place]) for name in one.averaged)
            assert figure is not None
            assert abs(Decimal(figure) - mean / len(one.averaged)) <= Decimal("0.0005")
        values = [row.measured[0].value for row in one.rows if row.name in one.averaged]
        assert one.average.measured[0].value == pytest.approx(sum(map(float, values)) / len(values))
    assert icassp.average.measured[0].interval is not None


def test_the_paper_s_own_averages_stand_as_printed(found: list[PublishedBeside]) -> None:
    assert found[0].as_printed.printed == read_table("icassp-1").averages
    assert all(one.value is None for one in found[0].as_printed.measured)


def test_the_table_marks_every_published_column_and_none_else(
    found: list[PublishedBeside],
) -> None:
    for one in found:
        table = published_table(one)
        assert table.heads[:3] == ("category", "AUROC", "AUROC other")
        assert all(head.endswith(" †") for head in table.heads[3:])
        assert "Ours †" not in table.heads
        assert table.apart == 2
        assert any("not measured here" in note for note in table.notes)
        assert any(one.source in note for note in table.notes)
        pump = next(row for row in table.rows if row[0] == "pump")
        assert set(pump[1:]) == {"--"}


def test_categories_that_no_paper_has_make_no_table(write_file: WriteFile) -> None:
    rows = [("pump", "normal", 0.0, None), ("pump", "leak", 1.0, None)]
    assert published_tables(evaluation(write_file(rows))) == []


def test_a_category_of_one_class_alone_makes_no_table(write_file: WriteFile) -> None:
    assert published_tables(evaluation(write_file([("clip", "normal", 0.0, None)]))) == []


def test_a_run_of_words_alone_is_shown_by_its_words(write_file: WriteFile) -> None:
    other = write_file(ROWS, "b.jsonl", model="words", **IMPORTED)
    text = re.sub(r'"score":[-.0-9]+', '"score":null', other.read_text(encoding="utf-8"))
    other.write_text(text, encoding="utf-8")
    icassp, _ = published_tables(evaluation(write_file(ROWS), other))
    assert icassp.runs == ("AUROC", "verdict AUROC words")
    assert icassp.rows[0].measured[1].value == 1.0


def test_a_mean_is_of_all_its_categories_or_there_is_none() -> None:
    column = {"ball": Estimate(0.5, 10), "clip": Estimate(0.7, 10), "fan": Estimate(None, 0)}
    assert mean_measured(column, ("ball", "clip")).value == pytest.approx(0.6)
    assert mean_measured(column, ("ball", "fan")).value is None
    assert mean_measured(column, ("ball", "slide")).value is None
