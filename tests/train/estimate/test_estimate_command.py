"""``physprior model estimate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from physprior.cli.main import app


def estimate(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["model", "estimate", *words])
    return result.exit_code, result.stdout


def test_a_recipe_that_fits_the_card_ends_with_0_and_says_what_takes_how_much(
    datasets: dict[str, Path],
) -> None:
    code, said = estimate(
        "video_llava_7b_lora", str(datasets["multi_turn"]), "--device-memory", "24"
    )
    assert code == 0
    assert "fits: the GPU has 24.00 GiB" in said
    assert "frozen: language layers" in said
    assert "CUDA and its libraries (assumed)" in said
    assert "no run of this kind has been measured yet" in said


def test_one_that_does_not_ends_with_1_and_names_the_recipe_that_does(
    datasets: dict[str, Path],
) -> None:
    code, said = estimate(
        "video_llava_7b_lora", str(datasets["multi_turn"]), "--device-memory", "12"
    )
    assert code == 1
    assert "video_llava_7b_qlora fits" in said


def test_a_base_whose_tokenizer_is_not_here_has_its_tokens_assumed_and_says_how_to_get_it(
    datasets: dict[str, Path],
) -> None:
    _, said = estimate("video_llava_7b_qlora", str(datasets["multi_turn"]))
    assert "assumed: a token for 3.5 characters" in said
    assert "hf download LanguageBind/Video-LLaVA-7B-hf" in said


def test_without_a_rate_there_are_operations_and_no_time(datasets: dict[str, Path]) -> None:
    _, said = estimate("video_llava_7b_qlora", str(datasets["multi_turn"]), "--device-memory", "80")
    assert "give the GPU's matrix rate with --tflops" in said
    assert "TFLOP" in said


def test_the_tiny_base_s_tokens_are_counted_and_its_time_is_a_range_marked_as_assumed(
    datasets: dict[str, Path], tiny_base: Path
) -> None:
    code, said = estimate("tiny", str(datasets["multi_turn"]), "--set", f"base={tiny_base}")
    assert code == 0
    assert "assumed: a token" not in said
    assert "on the CPU, in float32" in said
    assert "(assumed) of the matrix rate" in said


def test_json_holds_every_figure(datasets: dict[str, Path], tiny_base: Path) -> None:
    words = ("--set", f"base={tiny_base}", "--format", "json", "--tflops", "0.1")
    code, said = estimate("tiny", str(datasets["multi_turn"]), *words)
    found = json.loads(said)
    assert code == 0
    assert found["fits"] is True
    assert found["memory"]["peak"] == sum(one["bytes"] for one in found["memory"]["components"])
    assert found["time"]["rate"] == pytest.approx(1e11)
    assert found["tokens"]["steps"] > 0
