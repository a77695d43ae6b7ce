"""``physprior eval judge`` as a person starts it: what it prints, keeps, and leaves unscored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from judge_commands import Command, rows
from judge_server import JudgeServer, error, good, in_turn, saying, two_objects

from physprior.eval.judge.replies import read_judged

WriteFile = Callable[..., Path]


# What is printed, and where it is kept


def test_a_first_run_prints_the_means_and_keeps_the_replies_beside_the_predictions(
    judge: Command, file: Path
) -> None:
    said = judge(file)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    heads = "category videos score right wrong anomalous earned type logic"
    assert lines[0].split() == heads.split()
    names = [line.split("  ")[0] for line in lines[2:7]]
    assert names == ["clip", "fan", "-------------", "macro average", "pooled"]
    path = file.with_name("test.judge-llm-score.jsonl")
    assert lines[-1] == f"replies: {path}"
    values = {name: value or 0.0 for name, value in read_judged(path).values().items()}
    assert len(values) == 8
    pooled, right = lines[6].split(), right_of(file)
    assert float(pooled[2]) == pytest.approx(sum(values.values()) / 8, abs=6e-4)
    of_right = [value for name, value in values.items() if right[name]]
    assert float(pooled[5]) == pytest.approx(sum(of_right) / 4, abs=6e-4)
    earned = [
        value if right[name] else 0.0 for name, value in values.items() if "normal" not in name
    ]
    assert float(pooled[8]) == pytest.approx(sum(earned) / 4, abs=6e-4)
    below = " ".join(said.out.split())
    assert "LLM score as published (ICASSP, table 2; averages as printed; in brackets over" in below
    assert "Ours 0.777 (0.929)" in below  # the mean of clip's 0.983 and fan's 0.875
    assert "only loosely" in below


def right_of(file: Path) -> dict[str, bool]:
    lines = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    return {one["id"]: ("Anomalous" in one["text"]) == bool(one["label"]) for one in lines}


def test_given_again_it_asks_nothing_and_prints_the_same_marks(
    judge: Command, server: JudgeServer, file: Path, tmp_path: Path
) -> None:
    place = tmp_path / "below" / "mine.jsonl"
    first, again = judge(file, "-o", place), judge(file, "-o", place)
    assert place.is_file()
    assert not file.with_name("test.judge-llm-score.jsonl").exists()
    assert server.count == 8
    assert again.out.partition("this run")[0] == first.out.partition("this run")[0]
    assert "this run: 0 replies" in again.out
    assert "in all: 8 replies: 800 tokens sent" in again.out


def test_the_output_is_no_wider_than_a_terminal(
    judge: Command, write_file: WriteFile, kb: Any
) -> None:
    every = [(name, "normal", 0.5, f"Verdict: Normal. {name}.") for name in kb.categories]
    said = judge(write_file(every), "--price-in", 1e6, "--price-out", 1e6)
    assert len(kb.categories) == 22
    assert said.code == 0
    assert max(map(len, said.out.splitlines()[:-1])) <= 98


def test_a_model_that_says_one_word_to_everything_is_named(
    judge: Command, write_file: WriteFile
) -> None:
    same = "Verdict: Normal. Reason: Every part moves as it should."
    said = judge(write_file([("clip", kind, 0.5, same) for kind in ["normal", "unable_to_press"]]))
    assert "says Normal to all 2 videos" in " ".join(said.out.split())


def test_paeval_has_a_table_for_the_description_and_one_for_the_explanation(
    judge: Command, write_file: WriteFile
) -> None:
    file = write_file([*rows(), ("clip", "normal", 0.5, "")], "test.jsonl")
    described = file.read_text().replace('"description":null', '"description":"An arm moves."')
    file.write_text(described)
    trial = judge(file, "--profile", "paeval", "--limit", 2)
    assert "unscored" not in trial.out + trial.err
    said = judge(file, "--profile", "paeval")
    assert said.out.startswith("description\n\ncategory ")
    assert "\nexplanation\n\ncategory " in said.out
    assert "Video-LLaMA 0.137 / 0.303" in " ".join(said.out.split())
    assert said.out.endswith(f"replies: {file.with_name('test.judge-paeval.jsonl')}\n")


def test_repeats_show_how_far_the_judge_agrees_with_itself_and_a_price_what_they_cost(
    judge: Command, server: JudgeServer, file: Path
) -> None:
    server.script = in_turn(marking(4, 4), marking(2, 4))
    said = " ".join(judge(file, "--repeat", 2, "--price-in", 10, "--price-out", 0).out.split())
    assert "16 replies: 1,600 tokens sent, " in said
    assert "cost 0.0160" in said
    assert "agrees with itself in 0 of 8 (0.0%) answers" in said
    assert "mean difference 0.250" in said


def marking(anomaly_type: int, logic: int) -> Any:
    return saying(json.dumps({"reasoning": "So.", "anomaly_type": anomaly_type, "logic": logic}))


def test_json_is_one_object_with_every_mean_and_nothing_else(judge: Command, file: Path) -> None:
    found = json.loads(judge(file, "--json", "--price-in", 10, "--price-out", 0).out)
    assert (found["format"], found["profile"], found["header"]["model"]) == (
        1,
        "llm-score",
        "the-judge",
    )
    aspects = found["tasks"]["explanation"]["aspects"]
    assert set(aspects) == {"score", "anomaly_type", "logic"}
    assert set(aspects["score"]["macro"]) == {"all", "right", "wrong", "anomalous"}
    assert aspects["score"]["categories"]["fan"]["anomalous"]["n"] == 2
    assert found["cost"] == {"all": 0.008, "this_run": 0.008}
    assert found["usage"]["replies"] == 8


def test_a_judge_that_calls_itself_something_odd_breaks_no_output(
    judge: Command, server: JudgeServer, file: Path
) -> None:
    server.script = lambda asked: saying(
        json.dumps({"reasoning": "\ud800", "anomaly_type": 1, "logic": 1}),
        model=f"half \ud800\x1b[31m{asked.number}",
    )(asked)
    said = judge(file)
    assert said.code == 0
    assert "\x1b" not in said.out + said.err
    assert len(json.loads(judge(file, "--json").out)["models"]) == 8


def test_what_the_judge_makes_one_wait_for_is_said_at_once_and_once(
    judge: Command, server: JudgeServer, file: Path
) -> None:
    server.script = lambda asked: (error(503, "Loading.") if asked.number == 0 else good)(asked)
    said = judge(file, "--connections", 1)
    assert said.code == 0
    first, *_, last = said.err.splitlines()[1:]
    assert first == "at first the judge does not answer (HTTP 503: Loading.); it is asked again"
    assert last.startswith("judge: 8/8 after ")
    assert said.err.count("at first") == 1


# What has no mark


def test_what_cannot_be_read_is_listed_with_its_reason_and_is_no_failure_of_the_command(
    judge: Command, server: JudgeServer, file: Path
) -> None:
    server.script = lambda asked: (two_objects if "clip normal 0" in asked.user else good)(asked)
    said = judge(file)
    assert said.code == 0
    assert "unscored: 2 videos\n" in said.err
    assert "clip/test/normal/0000 (explanation): more than one JSON object\n" in said.err
    assert said.out.splitlines()[2].split()[:2] == ["clip", "2"]
    assert "2 of 8 (25.0%) videos are unscored: more than one JSON object 2" in said.out


def test_more_than_twenty_are_counted_and_stand_in_the_json(
    judge: Command, write_file: WriteFile
) -> None:
    silent = [("clip", "normal", 0.5, None)] * 23
    said = judge(write_file([*rows(), *silent]), "--json")
    assert "unscored: 23 videos\n" in said.err
    assert said.err.count(" (explanation): no text\n") == 20
    assert "  and 3 more; --json lists them all\n" in said.err
    assert len(json.loads(said.out)["tasks"]["explanation"]["unscored"]) == 23


def test_nothing_with_a_mark_is_an_error(judge: Command, server: JudgeServer, file: Path) -> None:
    server.script = saying("Quite good, I think.")
    said = judge(file)
    assert said.code == 2
    assert f"error: no explanation of {file} has a mark" in said.err
    assert said.err.count("error: ") == 1


def test_answers_that_are_all_empty_count_0_and_cost_nothing(
    judge: Command, server: JudgeServer, write_file: WriteFile
) -> None:
    said = judge(write_file([("clip", "normal", 0.5, ""), ("clip", "normal", 0.1, " ")]))
    assert said.code == 0
    assert server.count == 0
    assert said.out.splitlines()[2].split()[1:3] == ["2", "0.000"]


def test_a_trial_asks_so_many_and_says_what_is_left(
    judge: Command, server: JudgeServer, file: Path
) -> None:
    said = judge(file, "--limit", 3)
    assert (said.code, server.count) == (0, 3)
    assert "has not been asked about everything yet (5 to go)" in " ".join(said.out.split())
    assert "unscored" not in said.out + said.err
    assert judge(file).code == 0
    assert server.count == 8


def test_predictions_that_are_not_finished_are_said(judge: Command, write_file: WriteFile) -> None:
    said = judge(write_file(rows(), total=12))
    assert "4 videos have no prediction yet" in said.err
    assert said.code == 0


# A dry run


def test_a_dry_run_counts_and_neither_asks_nor_writes(
    judge: Command, server: JudgeServer, file: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    said = judge(file, "--dry-run")
    assert said.code == 0
    assert "questions: 8\n" in said.out
    assert "to ask:    8, of " in said.out
    assert server.count == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_a_dry_run_knows_what_is_answered_and_what_is_in_the_cache(
    judge: Command, server: JudgeServer, file: Path, tmp_path: Path
) -> None:
    judge(file, "--limit", 5)
    here = json.loads(judge(file, "--dry-run", "--json").out)
    assert (here["answered"], here["cached"], here["to_ask"]) == (5, 0, 3)
    other = json.loads(judge(file, "--dry-run", "--json", "-o", tmp_path / "o.jsonl").out)
    assert (other["answered"], other["cached"], other["to_ask"]) == (0, 5, 3)
    assert server.count == 5
