"""Explanation scores as ``physprior score`` and its report show them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from explained import (
    FAULTY,
    GOOD,
    SOUND,
    degenerate,
    loaded,
    put_llm_score,
    put_paeval,
    put_sbert,
)
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.eval.predictions import Predictions
from physprior.eval.report import Report, evaluate
from physprior.eval.report.explained import explanation_tables, overview
from physprior.eval.report.explained_words import accounts
from physprior.eval.report.words import estimate
from physprior.eval.report.write import write_report
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import render

Read = Callable[..., Predictions]


def score(*words: object) -> Result:
    outcome = CliRunner().invoke(app, ["score", *map(str, words)])
    assert outcome.exit_code == 0, outcome.output
    return outcome


def report(predictions: Predictions, folder: Path) -> None:
    write_report(Report(evaluate(predictions)), folder)


def second_table(printed: str) -> list[list[str]]:
    """The rows of the table below the word Explanations, its rules left out."""
    lines = printed.split("\nExplanations\n\n")[1].splitlines()
    rows = [line.replace("macro average", "macro").split() for line in lines if line[:1] != "-"]
    return rows[: 1 + [row[0] for row in rows].index("pooled")]


def test_without_explanation_scores_nothing_is_said_of_them(read: Read) -> None:
    assert "\nExplanations\n" not in score(read(GOOD).path).stdout


def test_a_second_table_stands_below_the_first(read: Read) -> None:
    predictions = read(GOOD)
    put_sbert(predictions)
    put_llm_score(predictions)

    heads, *rows = second_table(score(predictions.path).stdout)

    given = ["right", "wrong", "anom.", "earned"]
    assert heads == ["category", "SBERT", *given, "copied", "LLM", *given]
    assert [row[0] for row in rows] == ["ball", "clip", "macro", "pooled"]
    sbert, llm = (
        [value, value, "n/a", value, value]  # score, right, wrong, anom., earned
        for value in ("0.900", "1.000")
    )
    assert rows[0] == ["ball", *sbert, "0.000", *llm]


def test_below_it_stands_what_its_columns_mean(read: Read) -> None:
    predictions = read(GOOD)
    put_sbert(predictions)

    said = " ".join(score(predictions.path).stdout.split())

    assert "SBERT: cosine with the nearest reference" in said
    assert "Earned: anomalous videos, with 0 where the verdict is wrong." in said
    assert "LLM:" not in said
    assert "Type, logic" not in said


def test_one_score_alone_has_room_for_the_count_of_videos(read: Read) -> None:
    predictions = read(GOOD)
    put_sbert(predictions)

    heads, *rows = second_table(score(predictions.path).stdout)

    assert heads[:3] == ["category", "videos", "SBERT"]
    assert [row[1] for row in rows] == ["24", "24", "48", "48"]


def test_the_degenerate_model_is_seen_at_a_glance(read: Read) -> None:
    predictions = read(degenerate())
    put_sbert(predictions, copied=lambda line: True)
    put_llm_score(predictions)

    printed = score(predictions.path).stdout

    macro = second_table(printed)[3]
    sbert = ["0.450", "0.900", "0.300", "0.300", "0.000"]
    llm = ["0.438", "1.000", "0.250", "0.250", "0.000"]
    assert macro == ["macro", *sbert, "1.000", *llm]
    said = " ".join(printed.split())
    assert (
        "The model says Normal to all 120 videos, 90 of them wrongly: its explanations of anomalous"
        " videos are those of a sound object"
    ) in said
    assert "one and the same explanation" in said
    assert "120 of 120 (100.0%) explanations are taught sentences word for word" in said


@pytest.mark.slow
def test_the_degenerate_model_is_seen_with_the_packaged_encoder(
    read: Read, kb: KnowledgeBase
) -> None:
    taught = {name: one.normal.explanations[0] for name, one in kb.categories.items()}
    rows = [
        (category, kind, mark, render(False, taught[category]))
        for category, kind, mark, _ in degenerate()
    ]
    predictions = read(rows)
    made = CliRunner().invoke(app, ["eval", "sbert", str(predictions.path)])
    assert made.exit_code == 0, made.output

    printed = score(predictions.path).stdout

    for category in second_table(printed)[1:3]:
        sbert, _, wrong, anomalous, earned, copied = map(float, category[2:])
        assert wrong == anomalous > 0.4  # a fluent wrong answer resembles its references
        assert sbert > 0.4
        assert (earned, copied) == (0.0, 1.0)
    said = " ".join(printed.split())
    assert "says Normal to all 120 videos, 90 of them wrongly" in said
    assert "word for word, 30 of them of the true class" in said


def test_no_line_of_a_terminal_is_wider_than_98_columns(read: Read) -> None:
    rows = [("spherical_bearing", kind, 0.0, SOUND) for kind in ["normal"] * 5 + ["jam"] * 15]
    predictions = read([*rows, *degenerate()])
    put_sbert(predictions, unscored={predictions.predictions[0].id: "no reference"})
    put_llm_score(predictions, repeats=2)
    put_paeval(predictions, lambda line, task: 0.5)

    printed = score(predictions.path).stdout
    wide = [
        line
        for line in printed.splitlines()
        if len(line) > 98 and not line.startswith("report: ")  # a path stays whole
    ]
    assert wide == []


def test_everything_stands_in_the_report_with_its_interval(read: Read, tmp_path: Path) -> None:
    predictions = read(degenerate())
    put_sbert(predictions)
    put_llm_score(predictions)
    put_paeval(predictions, lambda line, task: 0.5)

    report(predictions, tmp_path / "report")

    found = loaded(predictions)
    assert found.sbert is not None
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    markdown = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    for table in explanation_tables(found):
        assert table.title in page
        assert table.title in markdown
    text = re.sub("<[^>]+>", "", page)
    for group in found.sbert.best.macro.values():
        assert estimate(group) in text
        assert estimate(group) in markdown
    assert '<ul class="alarms">' in page
    assert "says Normal to all 120 videos" in markdown


def test_the_report_says_what_encoder_and_judge_it_was(read: Read, tmp_path: Path) -> None:
    predictions = read(GOOD)
    put_sbert(predictions)
    put_llm_score(predictions)

    report(predictions, tmp_path / "report")

    markdown = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert "encoder small-encoder (eeeeeeeeeeee), references kb (aaaaaaaaaaaa)" in markdown
    assert "judge small-judge at http://127.0.0.1:8000/v1" in markdown
    assert "which calls itself small-judge-1" in markdown
    assert "48 replies, 4800 tokens in and 960 out" in markdown


def test_published_figures_stand_beside_and_say_that_they_are(read: Read) -> None:
    predictions = read(GOOD)
    put_sbert(predictions)

    table = explanation_tables(loaded(predictions))[0]

    column = [row[-1] for row in table.rows]
    assert table.heads[-1] == "published (ICASSP)"
    assert column == ["0.806", "0.946", "0.876", ""]
    assert any("as published (ICASSP, table 2;" in note and "0.824" in note for note in table.notes)


def test_a_category_that_no_paper_has_gets_no_published_column(read: Read) -> None:
    predictions = read([("pump", "normal", 0.0, SOUND), ("pump", "leak", 0.0, FAULTY)])
    put_sbert(predictions)

    assert "published (ICASSP)" not in explanation_tables(loaded(predictions))[0].heads


def test_json_holds_every_number_unrounded(read: Read) -> None:
    predictions = read(degenerate())
    put_sbert(predictions, lambda line: 1 / 3)
    put_llm_score(predictions, repeats=2)

    found = json.loads(score(predictions.path, "--json").stdout)["explanations"]

    assert found["sbert"]["max"]["macro"]["all"]["value"] == pytest.approx(1 / 3, abs=1e-15)
    assert set(found["sbert"]["max"]["categories"]) == {"ball", "clip"}
    assert found["sbert"]["encoder"] == {"name": "small-encoder", "hash": "e" * 64}
    task = found["judges"][0]["tasks"]["explanation"]
    assert set(task["aspects"]) == {"score", "anomaly_type", "logic"}
    assert task["agreement"] == {"n": 120, "exact": 1.0, "difference": 0.0, "alpha": 1.0}
    assert found["judges"][0]["usage"]["prompt_tokens"] == 24_000
    assert found["readings"]


def test_json_is_null_where_no_file_lies_there(read: Read) -> None:
    assert json.loads(score(read(GOOD).path, "--json").stdout)["explanations"] is None


def test_what_is_unscored_is_counted_listed_and_told_with_its_reason(
    read: Read, tmp_path: Path
) -> None:
    predictions = read(GOOD)
    ids = [line.id for line in predictions.predictions]
    put_sbert(predictions, unscored={ids[0]: "no reference"})
    put_llm_score(predictions, failed=dict.fromkeys(ids[:3], "timed out"))

    outcome = score(predictions.path)
    report(predictions, tmp_path / "report")

    said = " ".join(outcome.stdout.split())
    assert "SBERT score: 1 of 48 (2.1%) videos are unscored: no reference 1" in said
    assert "LLM score: 3 of 48 (6.2%) videos are unscored: timed out 3" in said
    for name in ids[:3]:
        assert f"  {name}: timed out" in outcome.stderr
    markdown = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert "Unscored, LLM score (3)" in markdown
    assert f"- {ids[2]}: timed out" in markdown
    assert "| category | videos | unscored |" in markdown


def test_a_long_list_is_cut_on_the_terminal_alone(read: Read, tmp_path: Path) -> None:
    predictions = read(GOOD)
    ids = [line.id for line in predictions.predictions]
    put_sbert(predictions, unscored=dict.fromkeys(ids[:30], "no reference"))

    outcome = score(predictions.path)
    report(predictions, tmp_path / "report")

    assert outcome.stderr.count(": no reference") == 20
    assert "and 10 more; all of them stand in the report" in outcome.stderr
    markdown = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert markdown.count("no reference\n") == 30


def test_a_judge_that_was_stopped_is_not_taken_for_unscored_alone(read: Read) -> None:
    predictions = read(GOOD)
    put_llm_score(predictions, asked=40)

    (line,) = accounts(loaded(predictions))
    assert line.startswith("LLM score: the judge has not been asked")
    assert "8 to go" in line


def test_scores_of_other_predictions_are_remarked_on(read: Read) -> None:
    put_sbert(read(GOOD))

    outcome = score(read(degenerate()).path)

    assert "left out: " in outcome.stderr
    assert "is of other predictions" in outcome.stderr
    assert "\nExplanations\n" not in outcome.stdout


def test_the_judge_without_a_column_is_told_in_words(read: Read) -> None:
    predictions = read(GOOD)
    put_llm_score(predictions)
    put_paeval(predictions, lambda line, task: 0.5)

    said = score(predictions.path).stdout
    assert re.search(r"PAEval explanation: 0\.500 \[[^]]+\] \(macro\),\s+earned\s+0\.500 \[", said)


def test_paeval_alone_has_the_column(read: Read) -> None:
    predictions = read(GOOD)
    put_paeval(predictions, lambda line, task: 0.5)

    found = overview(loaded(predictions))

    assert found is not None
    assert found.heads == ("category", "videos", "PAEval", "right", "wrong", "anom.", "earned")


def test_descriptions_alone_make_no_table_of_explanations(read: Read) -> None:
    predictions = read(GOOD)
    put_paeval(predictions, lambda line, task: 0.5, tasks=["description"])

    assert overview(loaded(predictions)) is None
    assert [table.title for table in explanation_tables(loaded(predictions))] == [
        "Explanations: PAEval, description"
    ]


def test_what_a_judge_calls_itself_may_be_anything(read: Read, tmp_path: Path) -> None:
    predictions = read(GOOD)
    put_llm_score(predictions, called="a judge \x1b[31m")

    outcome = score(predictions.path, "-o", tmp_path / "report")
    as_json = score(predictions.path, "--json", "-o", tmp_path / "report")

    assert "\x1b" not in outcome.output
    assert "a judge" in json.loads(as_json.stdout)["explanations"]["judges"][0]["models"][0]


def test_names_that_a_judge_chose_are_no_markup(read: Read, tmp_path: Path) -> None:
    predictions = read(GOOD)
    put_llm_score(
        predictions,
        model="<script>alert(1)</script>\x1b[31m",
        failed={predictions.predictions[0].id: "<b>\x1b[2J"},
    )

    outcome = score(predictions.path)
    report(predictions, tmp_path / "report")

    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<b>\\" not in page
    assert "\x1b" not in outcome.output + page


def test_a_table_keeps_its_alarms_without_a_column(read: Read) -> None:
    predictions = read(degenerate())
    put_sbert(predictions)
    table = explanation_tables(loaded(predictions))[0]

    assert table.alarms
    assert table.without("videos").alarms == table.alarms
