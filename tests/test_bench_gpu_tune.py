"""The benchmark of whole tunings runs through, at a size at which its figures mean nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCH = Path(__file__).parent.parent / "bench"
SMALL = ["--device", "cpu", "--shape", "small", "--pretrain-steps", "2", "--epochs", "1"]
SMALL += ["--categories", "ball", "fan", "--count", "48", "--objects", "12"]
SMALL += ["--workers", "1", "--threads", "1", "--set", "log_every=2"]


@pytest.fixture
def arms(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(BENCH)
    import gpu_tune_arms

    yield gpu_tune_arms
    for name in ("gpu_tune_arms", "study_results"):
        sys.modules.pop(name, None)


def _run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(BENCH / "gpu_tune.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_without_a_card_it_says_so() -> None:
    ended = _run()
    assert ended.returncode == 2
    assert "There is no CUDA card here; see --device cpu." in ended.stderr


def test_an_arm_of_the_card_is_none_of_the_processors() -> None:
    ended = _run("--device", "cpu", "--arms", "tiny-cpu", "tiny-cuda")
    assert ended.returncode == 2
    assert "tiny-cuda is none of --device cpu" in ended.stderr


def test_what_is_counted_before_a_kill_is_counted_on(tmp_path: Path, arms: ModuleType) -> None:
    path = tmp_path / "notes.json"
    first = arms.Notes(path, "one")
    first.start()
    first.note(from_step=0)
    first.spent("train", 5, 5)
    before = first.known["seconds"]["train"]
    second = arms.Notes(path, "one")
    second.start()
    second.spent("train", 5, 5)
    assert second.known["starts"] == 2
    assert second.known["seconds"]["train"] >= before
    assert json.loads(path.read_text()) == second.known


def test_progress_is_said_seldom_and_at_the_end_once(
    arms: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    seldom = arms.Seldom("one")
    for done in (0, 1, 2, 2):
        seldom("train", done, 2, "loss 1")
    assert capsys.readouterr().out == "  one: train 2 of 2  loss 1\n"


def test_tokens_of_a_training_that_went_on_are_those_of_its_last_start(arms: ModuleType) -> None:
    run = {"steps": 100, "tokens": 5000, "seconds": 10.0}
    assert arms._tokens_per_s(run, 0) == 500
    assert arms._tokens_per_s(run, 75) == 125


def test_the_large_shape_is_of_about_a_hundred_million_parameters(arms: ModuleType) -> None:
    from physprior.dialogue import Templates
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder, templates_folder
    from physprior.pipeline.pretrain.captions import vocabulary
    from physprior.vlm.tiny import corpus, make_tokenizer

    texts = corpus(load_knowledge(kb_folder()), Templates(templates_folder()))
    shape = arms.SHAPES["100m"]
    tokenizer = make_tokenizer([*texts, *vocabulary()], shape.vocabulary)
    assert 90e6 < _size(shape, len(tokenizer)) < 110e6


def _size(shape: Any, words: int) -> int:
    """Weights of a shape by arithmetic: making it takes a while."""
    wide, inner = shape.width, 2 * shape.width + 96
    layer = 4 * (wide * wide + wide) + 3 * wide * inner + 2 * wide
    tower = shape.tower_layers * (12 * wide * wide + 13 * wide)
    patches = (shape.image_size // shape.patch_size) ** 2 + 1
    tower += wide * (3 * shape.patch_size**2 + patches + 1 + 4)
    projector = 2 * (wide * wide + wide)
    return shape.layers * layer + 2 * tower + projector + 2 * words * wide + wide


@pytest.mark.slow
def test_it_runs_through_on_a_processor_and_goes_on(tmp_path: Path, arms: ModuleType) -> None:
    out, kept = tmp_path / "out", tmp_path / "kept"
    words = [*SMALL, "--arms", "tiny-cpu", "100m-cpu", "--out", out, "--results", kept]
    ended = _run(*words)
    assert ended.returncode == 0, ended.stderr
    found = _kept(kept)
    assert list(found["arms"]) == ["100m-cpu", "tiny-cpu"]
    assert found["failed"] == found["differences"] == []
    assert found["settings"]["categories"] == ["ball", "fan"]
    assert "out" not in found["settings"]
    for name, arm in found["arms"].items():
        assert arm["starts"] == 1
        assert arm["from_step"] == 0
        assert set(arm["seconds"]) == {"prepare", "train", "predict"}
        assert arm["tokens_per_s"] > 0
        assert arm["run"]["steps"] == 4
        assert set(arm["test"]["auroc"]) == {"ball", "fan"}
        macro = arm["test"]["macro"]["auroc"]
        assert 0 <= macro["low"] <= macro["value"] <= macro["high"] <= 1
        assert f"{name} " in ended.stdout
        assert f"{arm['parameters']:,}" in ended.stdout
    tiny, large = found["arms"]["tiny-cpu"], found["arms"]["100m-cpu"]
    assert (tiny["pretraining"], tiny["changes"]) == (None, [])
    assert large["changes"] == ["learning_rate=0.0042", "frozen_layers=1", "log_every=2"]
    assert large["pretraining"]["steps"] == 2
    assert large["pretraining"]["seconds"]["pretrain"] > 0
    assert arms.parameters(out / "bases" / "small-2") == large["parameters"]
    assert large["parameters"] == _size(arms.SHAPES["small"], _words(out / "bases" / "small-2"))
    _compares(arms, out, tiny, large)
    # What has ended is not done again, and says the same.
    shown = _run(*words)
    assert shown.returncode == 0, shown.stderr
    again = _kept(kept)
    for name, arm in again["arms"].items():
        for what in ("tokens_per_s", "run", "test", "pretraining"):
            assert arm[what] == found["arms"][name][what]


def _kept(folder: Path) -> dict[str, Any]:
    path = max(folder.glob("gpu_tune-cpu-*.json"), key=lambda path: path.stat().st_mtime_ns)
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _words(base: Path) -> int:
    config = json.loads((base / "config.json").read_text())
    return int(config["text_config"]["vocab_size"])


def _compares(arms: ModuleType, out: Path, tiny: Any, large: Any) -> None:
    """The comparison that a card's arm and the processor's get, of the two that are here."""
    paths = [out / "test" / name / "seed-0.jsonl" for name in ("tiny-cpu", "100m-cpu")]
    both = arms.compare(*paths)
    own = [arm["test"]["macro"]["auroc"]["value"] for arm in (tiny, large)]
    assert both["difference"]["value"] == pytest.approx(own[1] - own[0])
    assert both["difference"]["low"] < both["difference"]["value"] < both["difference"]["high"]
    assert set(both["categories"]) == {"ball", "fan"}
    assert both["alike"] is False
