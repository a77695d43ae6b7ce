"""The papers' tables: as printed, and which of their averages do not come of their rows."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.errors import PredictionError
from physprior.eval.published import read_table, recompute, table_names
from physprior.knowledge.load import KnowledgeBase


def differing(name: str) -> dict[str, str]:
    """Columns whose printed average is not that of their rows, to what the rows give."""
    averages = recompute(read_table(name))
    return {one.column: f"{one.recomputed:.4f}" for one in averages if one.differs}


def test_the_detection_and_explanation_tables_of_both_papers_are_there() -> None:
    assert table_names() == ["icassp-1", "icassp-2", "icassp-3", "phys-ad-4", "phys-ad-5"]


@pytest.mark.parametrize("name", table_names())
def test_every_number_is_one_of_three_decimals_between_0_and_1(name: str) -> None:
    table = read_table(name)
    every = [number for row in table.rows.values() for number in row.numbers]
    for number in (*every, *table.averages):
        assert len(number) == 5
        assert 0 <= Decimal(number) <= 1


@pytest.mark.parametrize("name", ["icassp-1", "icassp-2", "icassp-3", "phys-ad-4"])
def test_rows_are_categories_of_the_knowledge_base(name: str, kb: KnowledgeBase) -> None:
    table = read_table(name)
    for category, row in table.rows.items():
        placed = kb.place_category(row.printed)
        assert category in kb.categories
        assert placed is None or placed.id == category


def test_the_paper_has_all_categories_but_toothpaste(kb: KnowledgeBase) -> None:
    every = set(kb.categories)
    assert set(read_table("phys-ad-4").rows) == every
    for name in ("icassp-1", "icassp-2", "icassp-3"):
        assert set(read_table(name).rows) == every - {"toothpaste"}


def test_numbers_are_those_that_the_papers_speak_of() -> None:
    ours = read_table("icassp-1")
    assert ours.averages[ours.columns.index("Ours")] == "0.967"
    assert ours.averages[ours.columns.index("LAVAD")] == "0.510"
    best = read_table("phys-ad-4")
    assert best.averages[best.columns.index("MNAD.r")] == "0.669"
    assert read_table("phys-ad-4").rows["fan"].numbers[best.columns.index("MNAD.p")] == "0.810"
    paeval = read_table("phys-ad-5").rows
    assert paeval["video-llama"].numbers == ("0.523", "0.137", "0.303")
    assert paeval["video-llava"].numbers[1] == "0.219"


def test_both_papers_print_the_same_baselines() -> None:
    theirs, ours = read_table("phys-ad-4"), read_table("icassp-1")
    for category, row in ours.rows.items():
        assert row.numbers[:-1] == theirs.rows[category].numbers[8:]
    assert ours.averages[:-1] == theirs.averages[8:]


def test_the_multi_turn_column_is_the_method_of_the_detection_table() -> None:
    detection, ablation = read_table("icassp-1"), read_table("icassp-3")
    for category, row in detection.rows.items():
        assert row.numbers[-1] == ablation.rows[category].numbers[-1]


def test_the_baselines_averages_are_over_22_categories_and_not_over_the_21_of_the_table() -> None:
    assert differing("phys-ad-4") == {}
    assert differing("icassp-1") == {
        "LAVAD": "0.5077",
        "Video-ChatGPT": "0.5012",
        "Video-LLaMA": "0.5220",
    }


def test_the_llm_score_of_the_method_is_not_the_mean_of_its_rows() -> None:
    assert differing("icassp-2") == {"Ours LLM": "0.7826"}


def test_the_ablation_s_averages_are_those_of_its_rows() -> None:
    assert differing("icassp-3") == {}


def test_a_table_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(PredictionError) as caught:
        read_table("../x")
    assert "phys-ad-4" in caught.value.remedy


def test_a_printed_table_says_that_it_is_published_and_where_it_does_not_add_up() -> None:
    said = CliRunner().invoke(app, ["eval", "published", "icassp-1"]).stdout
    assert said.startswith("Published, not measured here: table 1 of Multi-Turn")
    assert "differs: LAVAD: printed 0.510, its rows give 0.5077" in said
    assert "clip                  0.516" in said


@pytest.mark.parametrize("name", table_names())
def test_a_printed_table_fits_a_terminal(name: str) -> None:
    said = CliRunner().invoke(app, ["eval", "published", name]).stdout
    assert max(map(len, said.splitlines())) <= 100


def test_without_a_name_the_tables_are_listed() -> None:
    lines = CliRunner().invoke(app, ["eval", "published"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == table_names()


def test_json_holds_the_rows_and_says_that_they_are_published() -> None:
    said = json.loads(CliRunner().invoke(app, ["eval", "published", "icassp-2", "--json"]).stdout)
    assert said["published"] is True
    assert said["rows"]["clip"]["values"][-1] == 0.983
    assert [one["column"] for one in said["averages"] if one["differs"]] == ["Ours LLM"]
