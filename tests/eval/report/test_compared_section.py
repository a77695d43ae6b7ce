"""Several runs in one report: the sentences and tables of ``eval compare``, and whose they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from explained import GOOD, put_sbert

from physprior.eval.compare import ComparedRuns, compare_all
from physprior.eval.compare_page import markdown
from physprior.eval.compare_words import conclusions, explained
from physprior.eval.predictions import Predictions
from physprior.eval.report.compared import comparison_legend, comparison_section

Read = Callable[..., Predictions]
ROWS = [
    (category, kind, score + shift, None)
    for category, shift in (("ball", 0.0), ("clip", 0.5))
    for kind, scores in (("normal", (0, 1, 2, 3)), ("leak", (2, 3, 4, 5)))
    for score in scores
]


@pytest.fixture
def compared(read: Read) -> Callable[..., tuple[ComparedRuns, ...]]:
    """The report's own run, and so many others that rank the other way round."""

    def call(others: int) -> tuple[ComparedRuns, ...]:
        own = read(ROWS, "own.jsonl")
        turned = [(category, kind, -(score or 0.0), text) for category, kind, score, text in ROWS]
        files = [
            read(turned, f"other{place}.jsonl", model=f"runs/other{place}")
            for place in range(others)
        ]
        return compare_all(own, files)

    return call


def test_without_other_runs_there_is_no_section(compared: Any) -> None:
    assert comparison_section(compared(0)) == ()
    assert comparison_legend(compared(0)) == ()


def test_each_run_beside_has_a_section_in_order(compared: Any) -> None:
    titles = [section.title for section in comparison_section(compared(2))]
    assert titles == ["B, other0, beside A, this run", "C, other1, beside A, this run"]


def test_the_legend_says_whose_each_letter_is(compared: Any) -> None:
    legend = comparison_legend(compared(2))
    assert [(letter, name) for letter, name, _ in legend] == [
        ("A", "this run"),
        ("B", "other0"),
        ("C", "other1"),
    ]
    assert "own.jsonl" in legend[0][2]
    assert "other1.jsonl" in legend[2][2]


def test_names_are_those_of_the_columns_and_cards_where_models_are_alike(read: Read) -> None:
    from physprior.eval.report.evaluation import short_names

    own, *others = (read(ROWS, f"{name}.jsonl") for name in ("own", "first", "second"))
    found = compare_all(own, others)
    assert [name for _, name, _ in comparison_legend(found)][1:] == [*short_names(others)]


def test_the_report_says_what_eval_compare_says(compared: Any) -> None:
    found = compared(2)
    page = markdown(found)
    for section in comparison_section(found):
        assert section.sentences
        assert all(sentence in page for sentence in (*section.sentences, *section.remarks))
        for table in section.tables:
            for row in table.rows:
                assert "| " + " | ".join(row) + " |" in page


def test_a_section_has_the_rankings_and_the_tests(compared: Any) -> None:
    (section,) = comparison_section(compared(1))
    assert [table.title for table in section.tables] == [
        "B beside A: AUROC",
        "B beside A: tests",
    ]
    assert [row[0] for row in section.tables[0].rows] == ["ball", "clip", "macro average", "pooled"]


def test_explanation_scores_that_both_have_are_compared_too(read: Read) -> None:
    own, other = read(GOOD, "own.jsonl"), read(GOOD, "other.jsonl", model="runs/other")
    put_sbert(own)
    put_sbert(other, lambda line: 0.1)
    (one,) = compare_all(own, [other])
    (section,) = comparison_section((one,))
    assert [*section.sentences] == [*conclusions(one, "B", 1), *explained(one, "B", 1)]
    assert any("SBERT" in sentence for sentence in section.sentences)
    assert any("SBERT" in table.title for table in section.tables)


def test_macro_p_is_corrected_over_the_runs_that_are_shown(compared: Any) -> None:
    one, two = comparison_section(compared(1)), comparison_section(compared(2))
    assert "over 2 runs" in " ".join(two[0].sentences + two[0].tables[1].notes)
    assert "over 2 runs" not in " ".join(one[0].sentences + one[0].tables[1].notes)


def test_a_run_beside_itself_is_said_to_be_the_same(read: Read) -> None:
    own = read(ROWS, "own.jsonl")
    (section,) = comparison_section(compare_all(own, [own]))
    assert section.remarks == ("A and B are the same predictions.",)


def test_comparison_and_report_can_each_be_imported_first() -> None:
    names = ("physprior.eval.compare_words", "physprior.eval.report.exports.record")
    code = f"""
import importlib, sys
for name in {names!r}:
    for known in [one for one in sys.modules if one.startswith("physprior.eval")]:
        del sys.modules[known]
    importlib.import_module(name)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
