"""``physprior eval judge``: which judge it asks, misuse, its key, and how it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from judge_commands import KEY, VARIABLES, Command, assert_nowhere, rows
from judge_server import JudgeServer, echoing_key, error, good, in_turn

from physprior.dataset.label_file import read_labels
from physprior.dataset.references import write_references
from physprior.eval.judge.replies import read_judged
from physprior.paths import kb_folder, templates_folder

WriteFile = Callable[..., Path]


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


def heed_ctrl_c() -> None:
    # A shell starts what runs in its background deaf to it, and children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
    running = subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, env=environment, preexec_fn=heed_ctrl_c
    )
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
