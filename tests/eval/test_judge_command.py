"""``physprior eval judge`` as a person starts it, before a judge that listens on a real port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from judge_server import JudgeServer, echoing_key, error, good, in_turn, saying, two_objects

from physprior.dataset.label_file import read_labels
from physprior.dataset.references import write_references
from physprior.eval.judge.replies import read_judged
from physprior.paths import kb_folder, templates_folder

KEY = "sk-only-for-this-test-4f9a"
WriteFile = Callable[..., Path]
VARIABLES = [
    "PHYSPRIOR_JUDGE_URL",
    "PHYSPRIOR_JUDGE_MODEL",
    "PHYSPRIOR_JUDGE_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_KEY",
]


@dataclass(frozen=True)
class Said:
    """How the command ended and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with JudgeServer() as judge:
        yield judge


@pytest.fixture(scope="module")
def program() -> Any:
    """All of the command line, put together once: that takes longer than most of these tests."""
    import typer

    from physprior.cli.main import app

    return typer.main.get_command(app)


@pytest.fixture
def command(
    program: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> Iterator[Command]:
    """``physprior eval``, in this process, without a judge in the environment."""
    from physprior.cli.main import run

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("physprior.cli.main.app", program)

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["physprior", "eval", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            run()
        said = capsys.readouterr()
        return Said(leaving.value.code, said.out, said.err)  # type: ignore[arg-type]

    hook = sys.excepthook
    yield call
    sys.excepthook = hook


@pytest.fixture
def judge(command: Command, server: JudgeServer) -> Command:
    """The command before the server, by options."""

    def call(file: Path, *words: object) -> Said:
        return command("judge", file, "--base-url", server.url, "--model", "the-judge", *words)

    return call


@pytest.fixture
def file(write_file: WriteFile) -> Path:
    return write_file(rows(), "test.jsonl")


def rows(count: int = 1) -> list[tuple[str, str, float, str]]:
    """Right and wrong answers, no two alike, of normal and anomalous videos of two categories."""
    classes = {"clip": "unable_to_press", "fan": "stuck"}
    return [
        (category, kind, 0.5, f"Verdict: {word}. Reason: Seen on {category} {kind} {number}.")
        for category, fault in classes.items()
        for kind in ("normal", fault)
        for word in ("Normal", "Anomalous")
        for number in range(count)
    ]


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
    assert "published, table 2 of the ICASSP paper" in below
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
    judge: Command, file: Path
) -> None:
    described = file.read_text().replace('"description":null', '"description":"An arm moves."')
    file.write_text(described)
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


# What has no mark


def test_what_cannot_be_read_is_listed_with_its_reason_and_is_no_failure_of_the_command(
    judge: Command, server: JudgeServer, file: Path
) -> None:
    server.script = lambda asked: (two_objects if "clip normal 0" in asked.user else good)(asked)
    said = judge(file)
    assert said.code == 0
    assert "unscored: 2 questions\n" in said.err
    assert "clip/test/normal/0000 (explanation): more than one JSON object\n" in said.err
    assert said.out.splitlines()[2].split()[:2] == ["clip", "2"]
    assert "2 of 8 (25.0%) videos are unscored: more than one JSON object 2" in said.out


def test_more_than_twenty_are_counted_and_stand_in_the_json(
    judge: Command, write_file: WriteFile
) -> None:
    silent = [("clip", "normal", 0.5, None)] * 23
    said = judge(write_file([*rows(), *silent]), "--json")
    assert "unscored: 23 questions\n" in said.err
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


# Which judge is asked


def test_the_judge_is_named_by_the_environment(
    command: Command, server: JudgeServer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHYSPRIOR_JUDGE_URL", server.url)
    monkeypatch.setenv("PHYSPRIOR_JUDGE_MODEL", "theirs")
    monkeypatch.setenv("PHYSPRIOR_JUDGE_KEY", f" {KEY}\n")
    said = command("judge", file)
    assert said.code == 0
    assert said.err.startswith(
        f"judge: theirs at {server.url} (address from PHYSPRIOR_JUDGE_URL, model from "
        "PHYSPRIOR_JUDGE_MODEL, key from PHYSPRIOR_JUDGE_KEY)\n"
    )
    assert {asked.key for asked in server.asked} == {KEY}
    assert {asked.body["model"] for asked in server.asked} == {"theirs"}


def test_openai_s_key_is_not_sent_to_another_endpoint(
    judge: Command, server: JudgeServer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said = judge(file)
    assert said.code == 0
    assert "no key)" in said.err
    assert "OPENAI_API_KEY is not sent" in said.err
    assert KEY not in json.dumps([[dict(asked.headers), asked.body] for asked in server.asked])


def test_other_references_go_into_the_question(
    judge: Command, server: JudgeServer, write_file: WriteFile, tmp_path: Path, kb: Any
) -> None:
    taught = kb.categories["clip"].normal.explanations[0]
    labels = {
        "clip": {"explanation_label": {"normal": ["1. It closes and opens.", f"2. {taught}"]}}
    }
    (tmp_path / "label.json").write_text(json.dumps(labels))
    made = tmp_path / "references.json"
    read = read_labels(tmp_path / "label.json", kb)
    write_references(read, made, source=tmp_path / "label.json", kb_folders=[kb_folder()])
    said = judge(write_file([rows()[0]]), "--references", made)
    assert said.code == 0, said.err
    assert "It closes and opens." in server.asked[0].user
    assert f"the KB teaches 1 of the sentences in {made}" in said.err


def test_a_rubric_of_one_s_own_is_asked_by(
    judge: Command, server: JudgeServer, file: Path, templates: Any, tmp_path: Path
) -> None:
    words = (templates_folder() / "judge" / "llm-score.j2").read_text(encoding="utf-8")
    (tmp_path / "mine" / "judge").mkdir(parents=True)
    mine = words.replace("You cannot see the video.", "You are blind.").replace(
        'version = "1"', 'version = "mine"'
    )
    (tmp_path / "mine" / "judge" / "llm-score.j2").write_text(mine, encoding="utf-8")
    said = judge(file, "--templates", tmp_path / "mine", "--json")
    assert json.loads(said.out)["header"]["rubric_version"] == "mine"
    assert all("You are blind." in asked.system for asked in server.asked)


# Misuse


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--price-in", "1"], "--price-out"),
        (["--no-cache", "--cache", "here"], "name a cache, or none"),
        (["--timeout", "nan"], "--timeout"),
        (["--base-url", "http://me:secret@localhost/v1"], "holds a user name or password"),
        (["--references", "nothing.json"], "nothing.json"),
        (["--templates", "nothing"], "nothing"),
        (["--key", "two words"], "key"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_misuse_ends_with_2_and_without_a_question(
    judge: Command, server: JudgeServer, file: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    outcome = judge(file, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert "fault of its own" not in outcome.err
    assert "secret" not in outcome.err
    assert server.count == 0
    assert [path.name for path in tmp_path.iterdir()] == ["test.jsonl"]


def test_predictions_that_cannot_be_judged_are_refused(
    judge: Command, server: JudgeServer, write_file: WriteFile, tmp_path: Path
) -> None:
    silent = judge(write_file([("clip", "normal", 0.5, None)]))
    assert silent.code == 2
    assert "holds no text" in silent.err
    strange = judge(write_file([("kettle", "normal", 0.5, "Verdict: Normal.")]))
    assert strange.code == 2
    assert "kettle/normal" in strange.err
    assert judge(tmp_path / "none.jsonl").code == 2
    assert server.count == 0


def test_a_judge_that_can_never_answer_ends_the_command(
    judge: Command, server: JudgeServer, file: Path
) -> None:
    server.script = error(404, "The model `the-judge` does not exist.", code="model_not_found")
    said = judge(file)
    assert said.code == 2
    assert said.err.count("error: ") == 1
    assert "does not exist" in said.err
    assert "Traceback" not in said.err


# The key


def test_the_key_is_nowhere(
    judge: Command, server: JudgeServer, file: Path, tmp_path: Path
) -> None:
    server.script = lambda asked: (good if asked.number < 3 else echoing_key)(asked)
    said = judge(file, "--key", KEY, "--connections", 1)
    assert said.code == 2
    assert KEY in json.dumps([dict(asked.headers) for asked in server.asked])
    again = judge(file, "--key", KEY, "--json", "--dry-run")
    assert KEY not in said.out + said.err + again.out + again.err
    assert_nowhere(tmp_path)


def assert_nowhere(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path


def test_the_key_is_in_no_help(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, KEY)
    said = command("judge", "--help")
    assert "PHYSPRIOR_JUDGE_KEY" in said.out
    assert KEY not in said.out + said.err


def test_the_key_is_not_in_the_record_of_a_fault(file: Path, tmp_path: Path) -> None:
    broken = (
        "import physprior.cli.eval_judge as command\n"
        "def find_judge(*said): raise ZeroDivisionError('a wheel came off')\n"
        "command.find_judge = find_judge\n"
        "from physprior.cli.main import run\nrun()"
    )
    words = ["eval", "judge", str(file), "--key", KEY, f"--key={KEY}"]
    done = subprocess.run(
        [sys.executable, "-c", broken, *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 2
    assert KEY not in done.stdout + done.stderr
    (kept,) = tmp_path.glob("physprior-fault-*.txt")
    assert "'--key', '[key]', '--key=[key]'" in kept.read_text()
    assert_nowhere(tmp_path)


@pytest.mark.slow
def test_the_key_is_in_no_log_of_the_library(
    server: JudgeServer, file: Path, tmp_path: Path
) -> None:
    server.script = in_turn(echoing_key)
    done = subprocess.run(
        [sys.executable, "-m", "physprior", "eval", "judge", str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            "OPENAI_LOG": "debug",
            "PHYSPRIOR_CACHE": str(tmp_path / "cache"),
            "PHYSPRIOR_JUDGE_URL": server.url,
            "PHYSPRIOR_JUDGE_MODEL": "the-judge",
            "PHYSPRIOR_JUDGE_KEY": KEY,
        },
    )
    assert done.returncode == 2
    assert server.asked[0].key == KEY
    assert KEY not in done.stdout + done.stderr
    assert_nowhere(tmp_path)


# Stopped


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_stopped_it_keeps_what_came_and_goes_on_from_there(
    server: JudgeServer, write_file: WriteFile, tmp_path: Path, stop: signal.Signals
) -> None:
    server.latency = 0.1
    path = write_file(rows(20), "test.jsonl")
    words = [sys.executable, "-m", "physprior", "eval", "judge", str(path), "--connections", "2"]
    words += ["--base-url", server.url, "--model", "the-judge"]
    environment = {**os.environ, "PHYSPRIOR_CACHE": str(tmp_path / "cache")}
    running = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment)
    while server.count < 20:
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(stop)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on where it stopped" in said
    assert "Traceback" not in said
    kept = len(read_judged(path.with_name("test.judge-llm-score.jsonl")).values())
    assert 15 <= kept <= server.count < 160
    assert subprocess.run(words, capture_output=True, env=environment).returncode == 0
    # Only what was on its way when it was stopped is asked for twice.
    assert 160 <= server.count <= 160 + 2
