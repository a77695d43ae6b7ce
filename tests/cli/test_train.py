from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.cli.train import is_main_process

Command = Callable[..., Any]


@pytest.fixture(scope="session")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frames' cache of all commands here."""
    return tmp_path_factory.mktemp("frames")


@pytest.fixture
def words(dataset: Path, tiny_base: Path, frames: Path, tmp_path: Path) -> list[str]:
    """The command that trains on the small dataset, in two steps."""
    settings = {
        "base": tiny_base,
        "dataset": dataset,
        "out": tmp_path / "run",
        "cache": frames,
        "batch_size": 3,
        "epochs": 1,
        "log_every": 1,
        "workers": 1,
    }
    fields = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    return ["train", "tiny_random", *fields]


def test_a_dry_run_says_what_would_train_and_trains_nothing(
    physprior: Command, words: list[str], tmp_path: Path
) -> None:
    ended = physprior(*words, "--dry-run")
    assert ended.code == 0, ended.err
    names = [line.split()[0] for line in ended.out.splitlines() if re.match(r"[a-z]", line)]
    for name in ("base", "dataset", "validation", "frames", "tokens", "steps", "trains", "disk"):
        assert name in names
    assert "language_model.layers.{0..3}.self_attn.{k,o,q,v}_proj.weight" in ended.out
    assert "the first one was made: 8 checks hold" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_ends_with_the_command_that_would_train(
    physprior: Command, words: list[str], tmp_path: Path
) -> None:
    said = physprior(*words, "--set", "label_weight=2", "--dry-run").out.splitlines()[-1]
    command = shlex.split(said.removeprefix("train with: "))
    assert command == ["physprior", *words, "--set", "label_weight=2"]


def test_a_batch_is_shown_line_by_line_with_its_parts_and_a_page_beside_the_run(
    physprior: Command, words: list[str], tmp_path: Path
) -> None:
    ended = physprior(*words, "--dry-run", "--show-batch")
    assert ended.code == 0, ended.err
    page = tmp_path / "run.batch.html"
    assert f"page: {page}" in ended.out
    assert [path.name for path in tmp_path.iterdir()] == [page.name]
    shown = [line.split("|")[0].strip() for line in ended.out.splitlines() if "| " in line]
    assert {"prompt", "component", "subject", "motion", "verdict"} <= set(shown)
    assert "     prompt| USER: <video> x 40↵" in ended.out
    assert re.search(r"\*(Normal|Anomalous)\.\* \(x ", ended.out)
    assert page.read_text().count("<section") == 3


def test_output_that_is_no_terminal_has_no_colour(physprior: Command, words: list[str]) -> None:
    assert "\x1b" not in physprior(*words, "--dry-run", "--show-batch").out


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_colour_unless_it_is_unwanted(
    physprior: Command, words: list[str], monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    monkeypatch.setattr("physprior.cli.batch._on_terminal", lambda: True)
    monkeypatch.setenv("NO_COLOR", no_color)
    out = physprior(*words, "--dry-run", "--show-batch").out
    assert ("\x1b" in out) == (not no_color)
    assert ("*Normal.*" in out or "*Anomalous.*" in out) == bool(no_color)
    assert "\x1b[1;32m " in out or no_color


def test_training_says_before_what_trains_and_after_what_came_of_it(
    physprior: Command, words: list[str], tmp_path: Path
) -> None:
    ended = physprior(*words)
    assert ended.code == 0, ended.err
    assert "parameters train in 28 tensors" in ended.err
    assert re.search(r"^train: \d+/\d+ .*loss \d", ended.err, re.M)
    assert re.search(r"^trained [\d,]+ of [\d,]+ parameters on \d+ videos in", ended.out, re.M)
    assert re.search(r"^kept: the weights of step \d+ of \d+ \(", ended.out, re.M)
    assert ended.out.splitlines()[-1] == f"run: {tmp_path / 'run'}"
    again = physprior(*words)
    assert "nothing to do" in again.err
    assert again.out == ended.out


def test_showing_a_batch_goes_before_the_training(
    physprior: Command, words: list[str], tmp_path: Path
) -> None:
    ended = physprior(*words, "--show-batch")
    assert ended.code == 0, ended.err
    assert ended.out.index("first batch: 3 records") < ended.out.index("trained ")
    assert (tmp_path / "run/run.json").is_file()


def test_the_run_to_continue_from_is_a_field_of_the_recipe(
    physprior: Command, words: list[str], tmp_path: Path
) -> None:
    earlier = tmp_path / "an earlier: run"
    ended = physprior(*words, "--continue-from", earlier, "--dry-run")
    assert ended.code == 2
    assert f"there is no run in {earlier}" in ended.err
    assert "Traceback" not in ended.err


def test_a_training_that_continues_begins_with_the_earlier_run_s_weights(
    physprior: Command, words: list[str], tmp_path: Path
) -> None:
    assert physprior(*words).code == 0
    going_on = [*words, "--set", f"out={tmp_path / 'second'}", "--continue-from", tmp_path / "run"]
    looked = physprior(*going_on, "--dry-run")
    assert f"going on from the run {tmp_path / 'run'}" in " ".join(looked.out.split())
    ended = physprior(*going_on)
    assert ended.code == 0, ended.err
    assert f"continue_from: {tmp_path / 'run'}" in (tmp_path / "second/recipe.yaml").read_text()


def test_a_field_that_is_unknown_is_refused_in_words(physprior: Command, words: list[str]) -> None:
    ended = physprior(*words, "--set", "epoch=2", "--dry-run")
    assert (ended.code, ended.out) == (2, "")
    assert "did you mean 'epochs'?" in ended.err


def test_only_the_main_process_speaks(
    physprior: Command, words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RANK", "1")
    assert not is_main_process()
    ended = physprior(*words, "--dry-run", "--show-batch")
    assert (ended.code, ended.out) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_batch_that_is_wrong_stops_before_anything_is_trained(
    physprior: Command, words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from physprior.train.collator import VideoCollator

    make = VideoCollator.__call__

    def broken(self: Any, rows: Any) -> Any:
        batch = make(self, rows)
        return {**batch, "weights": batch["weights"] * 3}

    monkeypatch.setattr(VideoCollator, "__call__", broken)
    ended = physprior(*words, "--show-batch")
    assert ended.code == 2
    assert "WRONG: weights sum to the taught tokens" in ended.out
    assert "the first batch is not what it should be" in ended.err
    assert not (tmp_path / "run").exists()
