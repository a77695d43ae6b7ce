"""One score stands in several tables: under the same head there is the same number everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from explained import FAULTY, SOUND, Rows, put_llm_score, put_paeval, put_sbert

from physprior.cli.judged_table import Price, print_marks, spent
from physprior.cli.paeval_table import print_paeval
from physprior.cli.sbert_table import print_sbert
from physprior.eval.explanations.evaluation import Explanations, load_explanations
from physprior.eval.explanations.sbert_run import SbertReport
from physprior.eval.judge.judged import Usage
from physprior.eval.paeval.scores import prediction_scores
from physprior.eval.predictions import Prediction, Predictions
from physprior.eval.report.explained import explanation_tables, overview
from physprior.eval.report.explained_record import explained
from physprior.eval.report.words import number

Read = Callable[..., Predictions]
ROWS: Rows = [
    ("ball", "normal", 0.0, SOUND),
    ("ball", "normal", 0.0, FAULTY),
    ("ball", "leak", 0.0, FAULTY),
    ("ball", "leak", 0.0, SOUND),
    ("ball", "leak", 0.0, FAULTY),
    ("clip", "normal", 0.0, SOUND),
    ("clip", "unable_to_press", 0.0, SOUND),
    ("clip", "unable_to_press", 0.0, FAULTY),
]
GROUPS = {
    "all": "score",
    "right": "right verdict",
    "wrong": "wrong verdict",
    "anomalous": "anomalous only",
}


def value(line: Prediction) -> float:
    """Another one of each video, so that no two groups have the same mean."""
    return 0.02 + 0.015 * int(line.id[-1]) ** 2


@pytest.fixture
def predictions(read: Read) -> Predictions:
    predictions = read(ROWS)
    put_sbert(predictions, value, copied=lambda line: line.category == "ball")
    put_llm_score(predictions, lambda line: (int(line.id[-1]) % 5, int(line.id[-1]) % 3))
    put_paeval(predictions, lambda line, task: value(line) / (2 if task == "description" else 1))
    return predictions


@pytest.fixture
def found(predictions: Predictions) -> Explanations:
    found = load_explanations(predictions)
    assert found is not None
    return found


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of printed tables by their heads, intervals left out."""
    rows, heads = [], []
    lines = re.sub(r" \[[^]]*\]", "", text).splitlines()
    for before, line in pairwise(lines):
        if set(line) == {"-", " "} and not heads:
            heads = re.split(r"  +", before.strip())
        elif not line.strip():
            heads = []
        elif heads and set(line) != {"-", " "}:
            cells = re.split(r"  +", line.strip())
            if len(cells) == len(heads):
                rows.append(dict(zip(heads, cells, strict=True)))
    return rows


def expected(summary: Any, earned: Any, name: str) -> list[str]:
    """Score, right, wrong, anomalous and earned, as they are to be written."""
    whole = {"macro average": "macro", "pooled": "pooled"}
    at = lambda one: getattr(one, whole[name]) if name in whole else one.categories[name]  # noqa: E731
    return [number(at(summary)[g].value) for g in GROUPS] + [number(at(earned)["anomalous"].value)]


def test_the_groups_of_these_videos_all_differ(found: Explanations) -> None:
    assert found.sbert is not None
    for name in ("ball", "clip", "macro average", "pooled"):
        assert len(set(expected(found.sbert.best, found.sbert.earned, name))) == 5


def test_json_holds_what_the_tables_round(found: Explanations) -> None:
    said = explained(found)
    assert said is not None
    assert found.sbert is not None
    assert said["sbert"]["max"]["macro"]["wrong"]["value"] == found.sbert.best.macro["wrong"].value
    scores = [(said["sbert"]["earned"], found.sbert.earned)]
    for judge, record in zip(found.judged, said["judges"], strict=True):
        for task in judge.tasks:
            scores.append((record["tasks"][task.task]["earned"], task.earned))
    for record, summary in scores:
        assert record["macro"]["anomalous"]["value"] == summary.macro["anomalous"].value
        assert record["pooled"]["right"]["value"] == summary.pooled["right"].value
        assert record["categories"]["clip"]["all"]["n"] == 3


@pytest.mark.parametrize("name", ["ball", "clip", "macro average", "pooled"])
def test_sbert_is_the_same_in_its_own_table_and_below_score(
    found: Explanations,
    predictions: Predictions,
    name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert found.sbert is not None
    meant = expected(found.sbert.best, found.sbert.earned, name)

    print_sbert(SbertReport(predictions.path, found.sbert, found.items, (), False))
    [own] = [row for row in rows_of(capsys.readouterr().out) if row["category"] == name]
    table = overview(found)
    assert table is not None
    [below] = [row for row in table.rows if row[0] == name]

    heads = ["SBERT", "right", "wrong", "anomalous", "earned"]
    assert [own[head] for head in heads] == meant
    place = table.heads.index("SBERT")
    assert list(below[place : place + 5]) == meant
    copied = {"ball": "1.000", "clip": "0.000", "macro average": "0.500", "pooled": "0.625"}[name]
    assert own["copied"] == below[place + 5] == copied


@pytest.mark.parametrize("name", ["ball", "clip", "macro average", "pooled"])
def test_a_judge_s_marks_are_the_same_in_its_own_table_and_below_score(
    found: Explanations, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = found.judge("llm-score")
    assert judge is not None
    [task] = judge.tasks
    meant = expected(task.score, task.earned, name)

    print_marks(Explanations(found.items, None, (judge,)))
    [own] = [row for row in rows_of(capsys.readouterr().out) if row["category"] == name]
    table = overview(found)
    assert table is not None
    [below] = [row for row in table.rows if row[0] == name]

    heads = ["score", "right", "wrong", "anomalous", "earned"]
    assert [own[head] for head in heads] == meant
    place = table.heads.index("LLM")
    assert list(below[place : place + 5]) == meant


def test_paeval_is_the_same_in_its_own_table_and_in_the_report(
    found: Explanations, predictions: Predictions, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = found.judge("paeval")
    assert judge is not None
    means = {one.task: expected(one.score, one.earned, "macro average") for one in judge.tasks}

    print_paeval(prediction_scores(predictions))
    printed = {
        line.split("  ")[0]: re.findall(r"(?<!\S)(?:0\.\d{3}|n/a)(?!\S)", line)
        for line in re.sub(r" \[[^]]*\]", "", capsys.readouterr().out).splitlines()
    }
    reported = {
        table.title: next(row for row in table.rows if row[0] == "macro average")
        for table in explanation_tables(found)
    }

    names = ["all videos", "right verdict", "wrong verdict", "anomalous only"]
    assert [printed[name] for name in names] == [
        list(pair) for pair in zip(means["description"][:4], means["explanation"][:4], strict=True)
    ]
    assert printed["earned"] == [means["explanation"][4]]
    for task, meant in means.items():
        row = reported[f"Explanations: PAEval, {task}"]
        assert [cell.split(" [")[0] for cell in row[2:6]] == meant[:4]


def test_a_category_that_a_trial_has_not_reached_has_its_rows_all_the_same(
    read: Read, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions = read(ROWS)
    put_sbert(predictions, value)
    put_llm_score(predictions, asked=2)
    found = load_explanations(predictions)
    assert found is not None
    table = overview(found)
    assert table is not None
    place = table.heads.index("LLM")

    print_marks(Explanations(found.items, None, found.judged))

    rows = {row[0]: row[place] for row in table.rows}
    assert rows["clip"] == "n/a"
    assert rows["ball"] == rows["macro average"] == rows["pooled"] == "0.625"
    printed = rows_of(capsys.readouterr().out)
    assert [row["videos"] for row in printed if row["category"] in rows] == ["2", "0", "2", "2"]
    assert explanation_tables(found)


def test_what_a_trial_has_not_reached_is_not_counted_as_unscored(read: Read) -> None:
    predictions = read(ROWS)
    first = predictions.predictions[0].id
    put_llm_score(predictions, asked=2, failed={first: "HTTP 500"})
    found = load_explanations(predictions)
    assert found is not None

    [table] = explanation_tables(found)

    assert table.heads[1:3] == ("videos", "unscored")
    counts = {row[0]: row[1:3] for row in table.rows}
    assert [*counts.values()] == [("5", "1"), ("3", "0"), ("8", "1"), ("8", "1")]


def test_what_was_spent_names_what_is_not_counted_and_what_was_not_paid_for() -> None:
    usage = Usage(prompt_tokens=1000, completion_tokens=50, replies=3, uncounted=1, cached=2)
    assert spent(usage, Price(2.0, 4.0)) == (
        "3 replies: 1,000 tokens sent, 50 replied (1 of them say nothing of their tokens); 2 more "
        "from the cache; cost 0.0022"
    )
    assert spent(Usage(10, 2, 1), None) == "1 reply: 10 tokens sent, 2 replied"
