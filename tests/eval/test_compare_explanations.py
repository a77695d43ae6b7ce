"""Explanation scores of two runs in ``physprior eval compare``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from explained import FAULTY, Rows, degenerate, put_llm_score, put_paeval, put_sbert
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.eval.compare import ComparedRuns, compare_all
from physprior.eval.compare_page import as_json, markdown, tables_of_explanations
from physprior.eval.compare_words import explained
from physprior.eval.predictions import Prediction, Predictions
from physprior.stats.paired_means import compare_means

Read = Callable[..., Predictions]

TRUE: Rows = [
    (category, kind, 1.0 if kind != "normal" else -1.0, FAULTY if kind != "normal" else text)
    for category, kind, _, text in degenerate()
]
"""What is true, of the same videos that the degenerate model calls normal."""


def of(level: float) -> Callable[[Prediction], float]:
    """A score that differs a little from video to video."""
    return lambda line: level + int(line.id[-4:]) % 7 / 100


@pytest.fixture
def runs(read: Read) -> tuple[Predictions, Predictions]:
    """A model that sees nothing, and one that sees what there is."""
    return read(degenerate(), "a.jsonl"), read(TRUE, "b.jsonl", model="runs/better")


def compared(runs: tuple[Predictions, ...]) -> ComparedRuns:
    return compare_all(runs[0], runs[1:2])[0]


def test_without_scores_beside_both_nothing_is_compared(
    runs: tuple[Predictions, Predictions],
) -> None:
    put_sbert(runs[0])

    found = compared(runs)

    assert found.explanations.scores == ()
    assert tables_of_explanations(found, "B") == []


def test_the_difference_of_each_category_is_the_paired_one(
    runs: tuple[Predictions, Predictions],
) -> None:
    put_sbert(runs[0], of(0.4))
    put_sbert(runs[1], of(0.5))

    (score,) = compared(runs).explanations.scores

    a, b = (
        [of(level)(line) for line in runs[0].predictions if line.category == "ball"]
        for level in (0.4, 0.5)
    )
    assert score.name == "SBERT score"
    assert score.categories["ball"].means == compare_means(a, b)
    assert score.macro.means.difference == pytest.approx(0.1)
    assert score.pooled.means.n == 120


def test_categories_are_corrected_by_holm(runs: tuple[Predictions, Predictions]) -> None:
    put_sbert(runs[0], of(0.4))
    put_sbert(runs[1], lambda line: of(0.4)(line) + (0.002 * (int(line.id[-4:]) % 3 - 0.6)))

    (score,) = compared(runs).explanations.scores

    ps = sorted(one.means.p or 0 for one in score.categories.values())
    assert min(one.holm or 0 for one in score.categories.values()) == pytest.approx(
        min(1, 2 * ps[0])
    )


def test_a_video_that_one_run_has_no_score_of_leaves_both(
    runs: tuple[Predictions, Predictions],
) -> None:
    put_sbert(runs[0], unscored={runs[0].predictions[0].id: "no reference"})
    put_sbert(runs[1], unscored={runs[0].predictions[1].id: "no reference"})

    (score,) = compared(runs).explanations.scores

    assert score.categories["ball"].means.n == 58


def test_what_sounds_alike_is_told_apart_by_what_it_earned(
    runs: tuple[Predictions, Predictions],
) -> None:
    put_sbert(runs[0], of(0.5))
    put_sbert(runs[1], of(0.5))

    found = compared(runs)

    (score,) = found.explanations.scores
    assert score.macro.means.difference == 0.0
    assert score.earned.a == 0.0
    assert score.earned.b == pytest.approx(0.53, abs=0.01)
    said = " ".join(explained(found, "B"))
    assert "no difference that stands" in said
    assert "with 0 for a wrong verdict: 0.000 and 0.5" in said


@pytest.mark.parametrize(
    ("field", "what"),
    [("encoder_hash", "encoder"), ("references_hash", "reference set")],
)
def test_other_encoders_and_references_are_no_comparison(
    runs: tuple[Predictions, Predictions], field: str, what: str
) -> None:
    put_sbert(runs[0])
    put_sbert(runs[1], **{field: "0" * 64})

    found = compared(runs).explanations

    assert found.scores == ()
    assert found.refused == (
        f"the SBERT score is not compared: the two runs have not the same {what}",
    )


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ({"model": "other"}, "judge"),
        ({"rubric_hash": "0" * 64}, "rubric"),
        ({"references_hash": "0" * 64}, "reference set"),
        ({"temperature": 0.7}, "temperature"),
    ],
)
def test_other_judges_are_no_comparison(
    runs: tuple[Predictions, Predictions], header: dict[str, Any], what: str
) -> None:
    put_llm_score(runs[0])
    put_llm_score(runs[1], **header)

    found = compared(runs).explanations

    assert found.scores == ()
    assert found.refused[0].endswith(f"have not the same {what}")


def test_every_score_that_both_have_has_a_table(runs: tuple[Predictions, Predictions]) -> None:
    for run in runs:
        put_sbert(run)
        put_llm_score(run)
        put_paeval(run, lambda line, task: 0.5)

    tables = tables_of_explanations(compared(runs), "B")

    assert [table.heads[0] for table in tables] == [
        "SBERT score",
        "LLM score",
        "PAEval description",
        "PAEval explanation",
    ]
    assert all(table.width <= 98 for table in tables)


def test_with_several_runs_the_macro_averages_are_corrected(read: Read) -> None:
    reference = read(degenerate(), "a.jsonl")
    put_sbert(reference, of(0.4))
    others = []
    for number in (1, 2):
        others.append(read(TRUE, f"b{number}.jsonl", model=f"runs/{number}"))
        put_sbert(others[-1], lambda line: of(0.4)(line) + 0.01 * (int(line.id[-4:]) % 2))

    found = compare_all(reference, others)

    macro = found[0].explanations.scores[0].macro
    assert macro.means.p is not None
    assert macro.holm == pytest.approx(min(1.0, 2 * macro.means.p))
    assert "after Holm over 2 runs" in explained(found[0], "B", 2)[0]


def test_the_command_its_page_and_its_json_show_it(
    runs: tuple[Predictions, Predictions], tmp_path: Path
) -> None:
    for run, level in zip(runs, (0.4, 0.5), strict=True):
        put_sbert(run, of(level))
    page = tmp_path / "compared.md"

    outcome = CliRunner().invoke(
        app, ["eval", "compare", str(runs[0].path), str(runs[1].path), "-o", str(page)]
    )

    assert outcome.exit_code == 0, outcome.output
    assert "SBERT score    videos" in outcome.stdout
    assert "SBERT score: B - A is +0.100" in outcome.stdout
    assert "| SBERT score | videos | A | B | B - A | p | Holm | visible |" in page.read_text(
        "utf-8"
    )
    assert all(len(line) <= 98 for line in outcome.stdout.splitlines() if " (" not in line[:20])
    whole = json.loads(json.dumps(as_json([compared(runs)]), allow_nan=False))
    score = whole["comparisons"][0]["explanations"]["scores"][0]
    assert score["macro"]["difference"]["value"] == pytest.approx(0.1)
    assert score["earned"]["reference"] == 0.0


def test_a_page_without_scores_is_what_it_was(runs: tuple[Predictions, Predictions]) -> None:
    assert "SBERT" not in markdown([compared(runs)])


def test_a_damaged_file_beside_a_run_is_said(runs: tuple[Predictions, Predictions]) -> None:
    put_sbert(runs[0])
    path = put_sbert(runs[1])
    path.write_text("{", encoding="utf-8")

    assert str(path) in " ".join(explained(compared(runs), "B"))
