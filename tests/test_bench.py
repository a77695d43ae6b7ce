"""The benchmarks of training run through, at a size at which their figures mean nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

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


@pytest.mark.usefixtures("_bench_on_path")
def test_the_plain_loop_sees_the_pixels_that_the_cache_holds(
    tmp_path: Path, tiny_base: Path, write_clip: Callable[..., Path]
) -> None:
    from naive_train import NaiveCollator

    from physprior import fingerprint
    from physprior.video.sample import Sampling
    from physprior.vlm.checkpoint import load_tokenizing
    from physprior.vlm.frames import Clip, FrameStore, normalise

    path = write_clip(tmp_path / "one.mp4", frames=30, size=(90, 160))
    _, _, processor = load_tokenizing(tiny_base)
    clip = Clip(path, fingerprint.of_file(path))
    store = FrameStore(tmp_path / "cache", processor, Sampling())
    assert not store.prepare([clip])
    plain = NaiveCollator(processor, Sampling(), 0).pixels(SimpleNamespace(clip=clip))
    # The same bytes; what floats they become is rounded in another order.
    assert plain.numpy() == pytest.approx(normalise(store.load(clip), processor).numpy(), abs=1e-6)


@pytest.mark.usefixtures("_bench_on_path")
@pytest.mark.parametrize("quantise", [False, True])
def test_a_random_base_has_the_shape_of_the_loaded_one(tiny_base: Path, quantise: bool) -> None:
    import torch
    from random_base import random_checkpoint

    from physprior.vlm.checkpoint import load_checkpoint, load_tokenizing

    cpu = torch.device("cpu")
    drawn = random_checkpoint(*load_tokenizing(tiny_base), device=cpu, quantise=quantise)
    loaded = load_checkpoint(tiny_base, device=cpu, quantise=quantise)
    shapes = [
        {name: (one.shape, one.dtype) for name, one in checkpoint.model.named_parameters()}
        for checkpoint in (drawn, loaded)
    ]
    assert shapes[0] == shapes[1]
    buffers = dict(loaded.model.named_buffers())
    assert all(one.equal(buffers[name]) for name, one in drawn.model.named_buffers())


def test_without_a_card_the_benchmark_of_cards_says_so() -> None:
    ended = _run("gpu_train.py")
    assert ended.returncode == 2
    assert "no CUDA card" in ended.stderr


@pytest.mark.slow
def test_the_benchmark_of_cards_runs_through_on_a_processor(tmp_path: Path) -> None:
    small = ["--shape", "tiny", "--device", "cpu", "--steps", "2", "--warm", "1", "--clips", "6"]
    small += ["--height", "108", "--batch", "2", "--results", str(tmp_path)]
    ended = _run("gpu_train.py", *small)
    assert ended.returncode == 0, ended.stderr
    (path,) = tmp_path.glob("gpu_train-cpu-*.json")
    content = json.loads(path.read_text())
    assert content["matrix_flops_per_s"] > 0
    assert "--shape tiny" in content["command"]
    runs = {(run["tune"], run["source"]): run for run in content["runs"]}
    assert list(runs) == [
        *(("lora", source) for source in ("naive", "frames", "features")),
        *(("qlora", "features"), ("layers", "features")),
    ]
    for run in runs.values():
        assert run["failed"] is None
        assert len(run["steps_s"]) == 2
        assert run["tokens_per_s"] > 0
    assert runs["lora", "naive"]["rate_share"] is None
    assert runs["lora", "frames"]["flops_per_step"] > runs["lora", "features"]["flops_per_step"] > 0
    assert runs["qlora", "features"]["rate_share"] > 0


@pytest.mark.slow
def test_the_benchmark_of_training_compares_all_three_ways() -> None:
    small = ["--clips", "6", "--height", "108", "--frames", "16", "--epochs", "2", "--turns", "1"]
    ended = _run("train.py", *small, "--steps", "10")
    # Small as it is, it may miss its limits, but nothing else.
    assert ended.returncode in (0, 1), ended.stderr
    assert not ended.stderr
    epochs = re.findall(r"an epoch of (\d+) videos, (.+?) +([\d.]+) s", ended.stdout)
    assert [what for _, what, _ in epochs] == ["the plain loop", "cached frames", "cached features"]
    assert len({videos for videos, _, _ in epochs}) == 1
    assert all(float(seconds) > 0 for _, _, seconds in epochs)
    assert "10 steps: " in ended.stdout
