"""``physprior eval suggest`` as a person starts it."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.errors import PhyspriorError
from physprior.eval.predictions import Header, Prediction
from physprior.eval.thresholds import fixed, write_thresholds
from physprior.knowledge.load import load_entry
from physprior.knowledge.schema import Category
from physprior.paths import kb_folder
from physprior.verdict import render

PRESS, REBOUND = "unable_to_press", "unable_to_rebound"
Row = tuple[str, float, str | None]


class Letters:
    """Counts letters: an encoder that is there at once."""

    name = "letters"

    def encode(self, sentences: Sequence[str], **_: object) -> np.ndarray:
        letters = "abcdefghijklmnopqrstuvwxyz"
        rows = np.array([[text.casefold().count(one) for one in letters] for text in sentences])
        return rows / [[math.hypot(*row) or 1] for row in rows]


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A KB of the clip alone, in the folder that the command is started in."""
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "clip.yaml").write_bytes((kb_folder() / "clip.yaml").read_bytes())
    return folder


@pytest.fixture
def clip(kb: Path) -> Category:
    return load_entry(kb / "clip.yaml").category


@pytest.fixture
def suggest(kb: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs the command with that KB, and with an encoder that loads at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "physprior.eval.explanations.encoder.load_encoder", lambda *named, **also: Letters()
    )

    monkeypatch.setattr("physprior.cli.eval_suggest.quiet_libraries", lambda: None)

    def call(*words: object) -> Result:
        arguments = ["eval", "suggest", *map(str, words), "--kb", "kb"]
        return CliRunner().invoke(app, arguments)

    return call


def write(path: Path, rows: Sequence[Row], **header: Any) -> Path:
    """Writes predictions of clips: class, score, text."""
    fields: dict[str, Any] = {
        "fingerprint": "f" * 64,
        "model": "runs/mine",
        "base_fingerprint": "b" * 64,
        "run_fingerprint": "r" * 64,
        "dataset": "data",
        "dataset_hash": "d" * 64,
        "split_hash": "5" * 64,
        "split": "test",
        "mode": "multi_turn",
        "sampling": {},
        "max_new_tokens": 64,
        "total": len(rows),
        "provenance": {},
    }
    lines = [Header.model_validate(fields | header).model_dump_json()]
    for at, (class_id, score, text) in enumerate(rows):
        name = f"clip/test/{class_id}/{at:04d}"
        lines.append(
            Prediction(
                id=name,
                video=f"{name}.mp4",
                category="clip",
                class_id=class_id,
                label=0 if class_id == "normal" else 1,
                instance="",
                score=score,
                text=text,
            ).model_dump_json()
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def missing(clip: Category) -> list[Row]:
    """A model that misses half of one anomaly and a few of another."""
    classes = dict(clip.classes())
    texts = {name: render(name != "normal", one.explanations[0]) for name, one in classes.items()}
    rows: list[Row] = [("normal", -1.0, texts["normal"])] * 20
    rows += [(PRESS, -1.0, texts["normal"])] * 10 + [(PRESS, 1.0, texts[PRESS])] * 10
    rows += [(REBOUND, -1.0, texts["normal"])] * 2 + [(REBOUND, 1.0, texts[REBOUND])] * 18
    return rows


def test_it_says_what_fails_what_is_said_instead_and_where_to_look(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    result = suggest(write(tmp_path / "test.jsonl", missing(clip)))
    assert result.exit_code == 0
    assert "1. clip / unable_to_press: missed" in result.stdout
    said = " ".join(result.stdout.split())
    assert "10 of 20 videos of unable_to_press are called normal: 50% (30 to 70%)" in said
    assert "10x of normal: The work of pressing is stored" in result.stdout
    assert re.search(r"^ +kb/clip\.yaml:34  Therefore, the jaws", result.stdout, re.M)
    assert "clip/test/unable_to_press/0020.mp4" in result.stdout


def test_every_place_can_be_opened(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    out = suggest(write(tmp_path / "test.jsonl", missing(clip))).stdout
    found = re.findall(r"(kb/\w+\.yaml):(\d+)", out)
    assert len(found) > 5
    for path, line in found:
        assert (tmp_path / path).read_text(encoding="utf-8").splitlines()[int(line) - 1].strip()


def test_no_line_is_wider_than_a_terminal(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    out = suggest(write(tmp_path / "test.jsonl", missing(clip)), "--top", 9).stdout
    assert max(map(len, out.splitlines())) <= 98


def test_top_cuts_the_list_and_the_rest_is_counted(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    out = suggest(write(tmp_path / "test.jsonl", missing(clip)), "--top", 1).stdout
    assert "2. " not in out
    assert "1 more (1 of them with fewer than 5 videos): --top 2 shows them" in out


def test_json_holds_all_of_them_whatever_top_says(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    file = write(tmp_path / "test.jsonl", missing(clip))
    said = json.loads(suggest(file, "--json", "--top", 1).stdout)
    assert said["format"] == 1
    assert [one["class_id"] for one in said["suggestions"]] == [PRESS, REBOUND]
    first = said["suggestions"][0]
    assert (first["failures"], first["of"], first["confused_with"]) == (10, 20, "normal")
    assert first["look"][0]["sentence"]["places"][0]["path"] == "kb/clip.yaml"


def test_thresholds_beside_the_predictions_are_taken(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    file = write(tmp_path / "test.jsonl", missing(clip))
    write_thresholds(tmp_path / "thresholds.json", fixed(-2.0))
    assert "clip / normal: false alarm" in suggest(file).stdout
    write_thresholds(tmp_path / "other.json", fixed(0.5))
    named = suggest(file, "--thresholds", tmp_path / "other.json").stdout
    assert "clip / normal: false alarm" not in named


def test_damaged_thresholds_that_nobody_named_are_left_out_and_told(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    file = write(tmp_path / "test.jsonl", missing(clip))
    (tmp_path / "thresholds.json").write_text("{", encoding="utf-8")
    result = suggest(file)
    assert result.exit_code == 0
    assert "left out:" in result.stderr
    assert "thresholds.json" in result.stderr


def test_what_is_missing_is_told_and_the_rest_is_said(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    result = suggest(write(tmp_path / "test.jsonl", missing(clip)))
    assert "data" in result.stderr
    assert "look at" in result.stdout


def test_a_model_that_fails_nowhere_is_told_so(
    suggest: Callable[..., Result], tmp_path: Path
) -> None:
    rows: list[Row] = [("normal", -1.0, None)] * 3 + [(PRESS, 1.0, None)] * 3
    result = suggest(write(tmp_path / "test.jsonl", rows))
    assert result.exit_code == 0
    assert "Nothing to suggest: no video is judged wrong" in result.stdout


def test_scores_that_decide_nothing_are_told_to_need_a_threshold(
    suggest: Callable[..., Result], tmp_path: Path
) -> None:
    rows: list[Row] = [("normal", -1.0, None)] * 3 + [(PRESS, 1.0, None)] * 3
    result = suggest(write(tmp_path / "test.jsonl", rows, source="import"))
    assert "nothing is decided" in " ".join(result.stdout.split())


def test_a_category_that_was_not_predicted_is_refused(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    result = suggest(write(tmp_path / "test.jsonl", missing(clip)), "--category", "fan")
    assert isinstance(result.exception, PhyspriorError)
    assert "no prediction of the category 'fan'" in result.exception.message
    assert "clip" in result.exception.remedy


def test_a_folder_that_is_no_run_is_refused_with_the_predictions_in_it(
    suggest: Callable[..., Result], tmp_path: Path, clip: Category
) -> None:
    write(tmp_path / "results" / "test.jsonl", missing(clip))
    result = suggest(tmp_path / "results")
    assert isinstance(result.exception, PhyspriorError)
    assert "test.jsonl" in result.exception.remedy


def test_control_characters_of_an_answer_do_not_reach_the_terminal(
    suggest: Callable[..., Result], tmp_path: Path
) -> None:
    text = "Verdict: Normal. Reason: fine \x1b[2J\x07 {{ 7*7 }} <script>\n\tand more"
    rows: list[Row] = [(PRESS, -1.0, text)] * 8 + [("normal", -1.0, text)] * 8
    out = suggest(write(tmp_path / "test.jsonl", rows)).stdout
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "{{ 7*7 }} <script>" in out


@pytest.mark.slow
def test_it_runs_in_a_shell_with_the_packaged_encoder(
    tmp_path: Path, kb: Path, clip: Category
) -> None:
    file = write(tmp_path / "test.jsonl", missing(clip))
    command = [sys.executable, "-m", "physprior", "eval", "suggest", str(file), "--kb", "kb"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1. clip / unable_to_press: missed" in done.stdout
    assert "nearest sentences of unable_to_press and normal" in done.stdout
    assert "Traceback" not in done.stderr
