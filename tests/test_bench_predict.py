"""The benchmarks of prediction run through, at a size at which their figures mean nothing."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parent.parent / "bench"


@pytest.fixture
def _bench_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCH)


def _run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    # One thread: other tests may be running beside these.
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(BENCH / script), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_without_a_card_the_benchmark_of_prediction_says_so() -> None:
    ended = _run("gpu_predict.py")
    assert ended.returncode == 2
    assert "no CUDA card" in ended.stderr


@pytest.mark.slow
def test_the_plain_loop_and_ours_find_the_same_of_every_video() -> None:
    small = ["--videos", "16", "--steps", "0", "--turns", "1", "--max-new-tokens", "8"]
    ended = _run("predict.py", *small)
    # Small as it is, it may miss its limit of speed, but nothing else.
    assert ended.returncode in (0, 1), ended.stderr
    assert not ended.stderr
    counts = re.findall(r"^scores (and texts|alone), (\d+) videos", ended.stdout, re.MULTILINE)
    assert [what for what, _ in counts] == ["and texts", "alone"]
    assert len({count for _, count in counts}) == 1
    apart = re.findall(r"scores are at most (\S+) apart", ended.stdout)
    assert len(apart) == 2
    assert all(float(one) <= 1e-4 for one in apart)
    assert re.search(r"; 0 of \d+ texts differ", ended.stdout)
    assert len(re.findall(r"times faster", ended.stdout)) == 4


@pytest.mark.slow
def test_the_benchmark_of_prediction_on_a_card_runs_through_on_a_processor(tmp_path: Path) -> None:
    small = ["--shape", "tiny", "--device", "cpu", "--videos", "8", "--height", "108"]
    small += ["--batch-size", "2", "4", "--max-new-tokens", "8", "--results", str(tmp_path)]
    ended = _run("gpu_predict.py", *small)
    assert ended.returncode == 0, ended.stderr
    assert not ended.stderr
    assert ended.stdout.endswith("what is met or missed says nothing.\n")
    (path,) = tmp_path.glob("gpu_predict-cpu-*.json")
    content = json.loads(path.read_text())
    assert content["videos"] == {"ball": 4, "clip": 4}
    assert content["prompt_tokens"] == content["text_tokens"] + 8 * 5
    scores, texts = content["measured"]
    assert (scores["what"], texts["what"]) == ("scores", "texts")
    _has_all_figures(scores, turns=2)
    _has_all_figures(texts, turns=1)
    assert {arm["cut"] for arm in scores["arms"]} == {None}
    # The texts are the same, so as many of them have reached the most tokens.
    (cut,) = {arm["cut"] for arm in texts["arms"]}
    assert 0 < cut <= 8
    assert texts["compared"]["texts_differ"] == 0
    limits = {limit["what"]: limit["found"] for limit in content["limits"]}
    assert limits["scores, empty cache, batch 2"] == scores["arms"][1]["ratio"]
    assert limits[next(what for what in limits if what.startswith("texts, full"))] == max(
        arm["ratio"] for arm in texts["arms"][2:]
    )
    told = re.findall(r" \(at least 4.00 times\): (?:met|missed)", ended.stdout)
    assert len(limits) == len(told) == 4


def _has_all_figures(measured: dict[str, Any], *, turns: int) -> None:
    ways = [(arm["way"], arm["batch"]) for arm in measured["arms"]]
    assert ways == [("plain", 1), ("cold", 2), ("warm", 2), ("warm", 4)]
    for arm in measured["arms"]:
        assert arm["failed"] is None
        assert arm["videos"] == 8
        assert len(arm["turns_s"]) == turns
        assert arm["seconds"] == pytest.approx(min(arm["turns_s"]), abs=1e-5)
        assert arm["videos_per_s"] == pytest.approx(8 / arm["seconds"])
        # There is no card whose memory could be asked.
        assert arm["peak_bytes"] is None
    parts = ["decode", "vision", "prompt", "labels", "answer", "rest"]
    if measured["what"] == "scores":
        parts.remove("answer")
    for arm in measured["arms"][1:]:
        assert set(arm["parts_ms"]) == set(parts)
        assert sum(arm["parts_ms"].values()) == pytest.approx(1000 * arm["seconds"] / 8, rel=0.1)
    compared = measured["compared"]
    assert compared["whole"]
    assert compared["pairs"] == 3 * turns * 8
    assert compared["apart"] <= 1e-4 < compared["spread"]


@pytest.mark.slow
@pytest.mark.usefixtures("_bench_on_path")
def test_a_batch_that_has_no_memory_says_so_and_the_rest_goes_on(tmp_path: Path) -> None:
    import torch
    from predict_runs import Runs, Task, Way
    from predict_setup import draw

    chosen = argparse.Namespace(
        shape="tiny", device="cpu", videos=4, height=108, batch_size=[2, 4], workers=1
    )
    model, dataset = draw(chosen, tmp_path)

    def refuse(_module: Any, _args: Any, words: dict[str, Any]) -> None:
        if len(words["input_ids"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    model.checkpoint.model.register_forward_pre_hook(refuse, with_kwargs=True)
    task = Task("random", model, dataset, tmp_path, "train", max_new_tokens=4, workers=1)
    ways = [Way("plain"), Way("warm", 4), Way("warm", 2)]
    measured = Runs(task).measure("scores", ways, turns=2)
    failed = [arm.failed for arm in measured.arms]
    assert failed == [None, "out of memory (it went on with 2 at once)", None]
    assert measured.arms[1].ratio is None
    assert measured.compared is not None
    assert measured.compared.pairs == 2 * 4


@pytest.mark.usefixtures("_bench_on_path")
def test_ours_is_held_to_its_best_batch_with_either_cache() -> None:
    from gpu_predict import limits_of
    from predict_runs import Arm, Measured

    arms = [
        Arm("plain", 1, ratio=1.0),
        Arm("cold", 8, ratio=3.96),
        Arm("warm", 8, ratio=4.0),
        Arm("warm", 16, ratio=9.0),
        Arm("warm", 32, failed="out of memory"),
    ]
    told = [limit.line() for limit in limits_of(Measured("texts", arms, None))]
    assert told == [
        "texts, empty cache, batch 8: 3.96 times (at least 4.00 times): missed",
        "texts, full cache, batch 16: 9.00 times (at least 4.00 times): met",
    ]
    assert not limits_of(Measured("texts", [Arm("plain", 1, failed="out of memory")], None))
