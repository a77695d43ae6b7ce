"""Misuse exits with 2, with one error that says what and what to do, and without a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def below_a_file(tmp_path: Path) -> Path:
    """A place that nobody can write, root not excepted."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "below"


def sets(**fields: object) -> list[str]:
    return [word for name, value in fields.items() for word in ("--set", f"{name}={value}")]


def test_no_recipe_at_all(refused: Any) -> None:
    said = refused("train")
    assert "no recipe was named" in said
    assert "video_llava_7b_qlora" in said


def test_a_recipe_that_is_not_there(refused: Any) -> None:
    assert "there is no recipe nothing.yaml" in refused("train", "nothing.yaml")


def test_an_unknown_field_of_a_recipe(refused: Any, tiny_base: Path, dataset: Path) -> None:
    said = refused(
        "train", "tiny", *sets(base=tiny_base, dataset=dataset, out="run", learning_rat=1)
    )
    assert "'learning_rat' is no field of a recipe; did you mean 'learning_rate'?" in said


def test_a_dataset_folder_that_is_none(refused: Any, tiny_base: Path, tmp_path: Path) -> None:
    said = refused("train", "tiny", *sets(base=tiny_base, dataset=tmp_path, out=tmp_path / "run"))
    assert "not a dataset" in said
    assert not (tmp_path / "run").exists()
    assert "not a dataset" in refused("predict", tiny_base, tmp_path, "-o", tmp_path / "p.jsonl")


@pytest.mark.parametrize("model", ["none", "no/such/model", "nobody/nothing"])
def test_a_model_that_is_none(
    refused: Any, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert model in refused("predict", model, dataset, "-o", "p.jsonl")
    assert model in refused("train", "tiny", *sets(base=model, dataset=dataset, out="run"))


def test_a_folder_that_is_no_model(refused: Any, dataset: Path, tmp_path: Path) -> None:
    assert "is no model" in refused("predict", tmp_path, dataset, "-o", tmp_path / "p.jsonl")


def test_a_checkpoint_of_another_architecture(refused: Any, dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "llama").mkdir()
    (tmp_path / "llama" / "config.json").write_text(json.dumps({"model_type": "llama"}))
    said = refused("predict", tmp_path / "llama", dataset, "-o", tmp_path / "p.jsonl")
    assert "is a llama model, not a Video-LLaVA" in said


def test_a_predictions_file_that_is_none(refused: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("my notes\n")
    assert f"{tmp_path / 'notes.txt'}:1: " in refused("score", tmp_path / "notes.txt")
    assert "No such file" in refused("score", tmp_path / "none.jsonl")
    assert "cannot be read" in refused("score", tmp_path)


def test_a_file_of_another_kind_named_as_output_is_kept(
    refused: Any, tiny_base: Path, dataset: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("without a line break")
    assert str(notes) in refused("predict", tiny_base, dataset, "-o", notes)
    assert notes.read_text() == "without a line break"


def test_a_folder_named_as_predictions_file(
    refused: Any, tiny_base: Path, dataset: Path, tmp_path: Path
) -> None:
    assert str(tmp_path) in refused("predict", tiny_base, dataset, "-o", tmp_path)


def test_places_that_cannot_be_written(
    refused: Any, tiny_base: Path, dataset: Path, below_a_file: Path
) -> None:
    for words in (
        ["data", "simulate", below_a_file, "--category", "clip", "--count", 4],
        ["build", dataset.parent / "videos", "-o", below_a_file],
        ["model", "base", "tiny", below_a_file],
        ["train", "tiny", *sets(base=tiny_base, dataset=dataset, out=below_a_file)],
        ["predict", tiny_base, dataset, "-o", below_a_file, "--score-only"],
    ):
        assert str(below_a_file) in refused(*words), words


def test_a_report_that_cannot_be_written(
    physprior: Any, refused: Any, tiny_base: Path, dataset: Path, tmp_path: Path, below_a_file: Path
) -> None:
    made = tmp_path / "p.jsonl"
    assert physprior("predict", tiny_base, dataset, "-o", made, "--score-only").code == 0
    assert str(below_a_file) in refused("score", made, "-o", below_a_file)


def test_a_cache_that_cannot_be_written(
    refused: Any, tiny_base: Path, dataset: Path, tmp_path: Path, below_a_file: Path
) -> None:
    said = refused(
        "predict", tiny_base, dataset, "-o", tmp_path / "p.jsonl", "--cache", below_a_file
    )
    assert str(below_a_file) in said


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "model"],
        ["predict", "model", "dataset", "-o", "out", "--split", "tset"],
        ["predict", "model", "dataset", "-o", "out", "--batch-size", "0"],
        ["predict", "model", "dataset", "-o", "out", "--sampling", "window"],
        ["predict", "model", "dataset", "-o", "out", "--stride", "2"],
        ["model", "base", "huge", "out"],
        ["demo", "--count", "3"],
        ["trian"],
        ["score", "file", "--besides", "other"],
    ],
    ids=" ".join,
)
def test_words_that_are_no_command_of_ours(physprior: Any, words: list[str]) -> None:
    outcome = physprior(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: physprior")
    assert "Traceback" not in outcome.err
