from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def narrow(tiny_base: Path, tmp_path: Path) -> Path:
    """The tiny checkpoint with a context that a video of 8 frames nearly fills."""
    folder = tmp_path / "narrow"
    shutil.copytree(tiny_base, folder)
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["max_position_embeddings"] = 50
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_the_tokens_of_a_dataset_are_told_by_what_they_are(
    physprior: Any, dataset: Path, tiny_base: Path
) -> None:
    outcome = physprior("data", "tokens", dataset, "--tokenizer", tiny_base)
    assert outcome.code == 0
    heads = outcome.out.splitlines()[2].split("  ")
    assert [head.strip() for head in heads if head] == [
        *("category", "dialogues", "prompt", "component", "subject", "motion", "verdict", "video"),
        *("all", "verdict's share", "longest"),
    ]
    assert outcome.out.startswith("multi_turn: tokens of a dialogue")
    assert "a video has 8 × 5 = 40 tokens" in outcome.out
    assert " of the 4,096 that the model holds" in outcome.out


def test_without_a_dataset_it_is_the_kb_in_every_mode(physprior: Any, tiny_base: Path) -> None:
    outcome = physprior("data", "tokens", "--tokenizer", tiny_base, "--json")
    report = json.loads(outcome.out)
    assert {row["mode"] for row in report["rows"]} == {"multi_turn", "no_phys", "single_turn"}
    assert len({row["category"] for row in report["rows"]}) == 23
    assert report["unfit"] == []


def test_what_does_not_fit_makes_the_exit_code_1_and_is_named(
    physprior: Any, dataset: Path, tiny_base: Path
) -> None:
    outcome = physprior("data", "tokens", dataset, "--tokenizer", tiny_base, "--frames", 1000)
    assert outcome.code == 1
    assert "\n12 dialogues do not fit:\n  clip/" in outcome.out
    assert "and 2 more" in outcome.out
    assert "  remedy: " in outcome.out
    assert "use at most 7" in outcome.out


def test_a_dataset_takes_no_kb(physprior: Any, dataset: Path, tiny_base: Path) -> None:
    outcome = physprior("data", "tokens", dataset, "--tokenizer", tiny_base, "--kb", dataset)
    assert (outcome.code, outcome.out) == (2, "")
    assert "a dataset holds its dialogues already" in outcome.err


def test_a_model_that_is_not_there(physprior: Any, dataset: Path, tmp_path: Path) -> None:
    outcome = physprior("data", "tokens", dataset, "--tokenizer", tmp_path / "none")
    assert (outcome.code, outcome.out) == (2, "")
    assert "there is no model at " in outcome.err


def test_a_build_for_a_tokenizer_says_what_it_counted(
    physprior: Any, dataset: Path, tiny_base: Path, tmp_path: Path
) -> None:
    words = ("build", dataset.parent / "videos", "-o", tmp_path / "out", "--tokenizer", tiny_base)
    for _ in ("made", "found up to date"):
        outcome = physprior(*words)
        assert outcome.code == 0
        assert " of the model's 4,096 in the longest dialogue" in outcome.out


def test_a_build_that_does_not_fit_leaves_what_was_there(
    physprior: Any, dataset: Path, narrow: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("build", dataset.parent / "videos", "-o", out)
    assert physprior(*words).code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    for seed in ("0", "7"):
        outcome = physprior(*words, "--seed", seed, "--tokenizer", narrow)
        assert outcome.code == 2
        assert "12 dialogues do not fit the 50 tokens of " in outcome.err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["narrow", "out"]


def test_a_build_with_a_model_that_is_not_there_looks_at_no_video(
    physprior: Any, tmp_path: Path
) -> None:
    outcome = physprior("build", tmp_path, "-o", tmp_path.parent / "x", "--tokenizer", tmp_path)
    assert outcome.code == 2
    assert "is no model" in outcome.err
