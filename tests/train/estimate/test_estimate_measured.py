"""Measured runs, as bench/gpu_train.py keeps them, beside the estimate of the same run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from physprior.train.estimate.base import Base, open_base
from physprior.train.estimate.measured import measured_runs
from physprior.train.estimate.work import Work, duration
from physprior.train.recipe import Recipe, read_recipe
from physprior.vlm.machine import HUB_BASE

RUN: dict[str, Any] = {
    "tune": "lora",
    "source": "frames",
    "batch": 1,
    "tokens": 2300.0,
    "text_tokens": 244.0,
    "peak_bytes": 17 * 10**9,
    "tokens_per_s": 2000.0,
    "rate_share": 0.4,
}


@pytest.fixture
def base() -> Base:
    found = open_base(HUB_BASE)
    assert found is not None
    return found


@pytest.fixture
def lora() -> Recipe:
    return read_recipe("video_llava_7b_lora", ["dataset=dataset", "out=out"])


def write(folder: Path, *runs: Any, **settings: Any) -> Path:
    content = {"card": "a card", "settings": {"shape": "7b", **settings}, "runs": runs}
    (folder / "gpu_train-a-card.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_a_run_of_the_same_kind_is_shown_with_the_estimate_s_error(
    tmp_path: Path, base: Base, lora: Recipe
) -> None:
    (found,) = measured_runs(base, lora, write(tmp_path, RUN))
    assert found.source == "a card (gpu_train-a-card.json)"
    assert found.error == found.estimated / RUN["peak_bytes"] - 1
    assert 15e9 < found.estimated < 19e9


@pytest.mark.parametrize(
    "other",
    [
        {"tune": "qlora"},
        {"source": "naive"},
        {"source": "features"},
        {"peak_bytes": None},
        {"tokens_per_s": None},
        {"variant": "compiled"},
    ],
    ids=str,
)
def test_a_run_of_another_kind_or_without_figures_is_passed_over(
    other: dict[str, Any], tmp_path: Path, base: Base, lora: Recipe
) -> None:
    assert measured_runs(base, lora, write(tmp_path, {**RUN, **other})) == []


def test_memory_is_estimated_for_the_longest_dialogue(
    tmp_path: Path, base: Base, lora: Recipe
) -> None:
    mean, longest = measured_runs(
        base, lora, write(tmp_path, RUN, {**RUN, "longest_tokens": 2 * RUN["tokens"]})
    )
    assert longest.tokens == mean.tokens
    assert longest.estimated > mean.estimated


def test_a_run_without_checkpointing_is_another_kind(
    tmp_path: Path, base: Base, lora: Recipe
) -> None:
    assert measured_runs(base, lora, write(tmp_path, RUN, no_checkpointing=True)) == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"settings": 1, "runs": [1]}'])
def test_files_that_hold_something_else_are_passed_over(
    content: str, tmp_path: Path, base: Base, lora: Recipe
) -> None:
    (tmp_path / "other.json").write_text(content, encoding="utf-8")
    assert measured_runs(base, lora, tmp_path) == []


def test_time_goes_by_the_measured_share_and_names_its_source(
    tmp_path: Path, base: Base, lora: Recipe
) -> None:
    runs = measured_runs(base, lora, write(tmp_path, RUN))
    taken = duration(Work({"forward": 1e15}, 1e15, 0.0), 1e14, "given", runs)
    assert taken.seconds == pytest.approx((25.0, 25.0))
    assert taken.shares_from == "a card (gpu_train-a-card.json)"
