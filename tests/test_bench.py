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
    small += ["--variants", "sdpa_math", "sdpa_cudnn", "--profile"]
    ended = _run("gpu_train.py", *small)
    assert ended.returncode == 0, ended.stderr
    (path,) = tmp_path.glob("gpu_train-cpu-*.json")
    content = json.loads(path.read_text())
    assert content["matrix_flops_per_s"] > 0
    assert "--shape tiny" in content["command"]
    *_, step = [line for line in ended.stdout.splitlines() if line.startswith("of 2 steps")]
    assert "matrix products" in step
    others = {run["variant"]: run for run in content["runs"] if run["variant"]}
    assert list(others) == ["sdpa_math", "sdpa_cudnn", "profiled"]
    assert others["sdpa_math"]["tokens_per_s"] > 0
    assert "no such kernel" in others["sdpa_cudnn"]["failed"]
    profile = others["profiled"]["profile"]
    assert sum(profile["groups_s"].values()) == pytest.approx(profile["wall_s"], rel=0.1)
    assert {limit["what"] for limit in content["limits"]} == {
        "share of the card's rate, best",
        "waiting for cached frames, most",
    }
    runs = {(run["tune"], run["source"]): run for run in content["runs"] if not run["variant"]}
    assert list(runs) == [
        *(("lora", source) for source in ("naive", "frames", "features")),
        *(("qlora", "features"), ("layers", "features")),
    ]
    for run in runs.values():
        assert run["failed"] is None
        assert len(run["steps_s"]) == 2
        assert run["tokens_per_s"] > 0
        assert run["longest_tokens"] >= run["tokens"]
        assert (run["estimated_bytes"] or 0) > 0 or run["source"] == "naive"
    assert runs["lora", "naive"]["rate_share"] is None
    assert runs["lora", "frames"]["flops_per_step"] > runs["lora", "features"]["flops_per_step"] > 0
    assert runs["qlora", "features"]["rate_share"] > 0


@pytest.mark.usefixtures("_bench_on_path")
def test_the_limits_are_of_the_runs_that_tell_of_them() -> None:
    from gpu_limits import limits_of
    from gpu_runs import Run

    gib = 2**30

    def run(tune: str, batch: int, source: str = "frames", **found: Any) -> Run:
        figures = {"step_s": 1.0, "peak_bytes": 20 * gib, "loading_share": 0.01} | found
        return Run(tune, source, batch, 2300.0, 240.0, 2400, **figures)

    runs = [
        run("lora", 1, estimated_bytes=21 * gib, rate_share=0.3),
        run("lora", 4, peak_bytes=30 * gib, estimated_bytes=26 * gib, rate_share=0.5),
        run("lora", 1, "naive", peak_bytes=40 * gib, loading_share=0.9),
        run("lora", 1, variant="eager", peak_bytes=50 * gib, loading_share=0.9, rate_share=0.9),
        run("lora", 16, step_s=None, peak_bytes=None, loading_share=None, failed="out of memory"),
        run("qlora", 1, "features", peak_bytes=12 * gib, loading_share=0.05),
    ]
    found = {limit.what: (limit.found, limit.met) for limit in limits_of(runs)}
    assert found == {
        "lora, batch 1: memory": (20 * gib, True),
        "qlora, batch 1: memory": (12 * gib, False),
        "share of the card's rate, best": (0.5, True),
        "waiting for cached frames, most": (0.01, True),
        "estimate of memory, off by at most": (pytest.approx(4 / 30), False),
    }
    told = [limit.line() for limit in limits_of(runs)]
    assert told[0] == "lora, batch 1: memory: 20.00 GiB (at most 22.00 GiB): met"
    assert told[2] == "share of the card's rate, best: 50.0% (at least 45.0%): met"
    assert limits_of([]) == []


@pytest.mark.usefixtures("_bench_on_path")
@pytest.mark.parametrize(
    ("kernel", "group"),
    [
        ("nvjet_tst_128x256_64x4_2x1_v_bz_coopA_NNT", "matrix products"),
        ("sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64", "matrix products"),
        ("pytorch_flash::flash_fwd_kernel<Flash_fwd_kernel_traits<128, 128", "attention"),
        ("fmha_cutlassB_bf16_aligned_128x64_k128_sm80", "attention"),
        ("cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma", "attention"),
        ("kDequantizeBlockwise<__nv_bfloat16, 512, 64, 8, 2>", "4 bits unpacked"),
        ("at::native::multi_tensor_apply_kernel<FusedAdamMathFunctor>", "optimizer"),
        ("Memcpy HtoD (Pinned -> Device)", "copies"),
        ("void at::native::vectorized_elementwise_kernel<4, silu>", "element by element"),
        ("something_else_entirely", "other"),
    ],
)
def test_a_kernel_is_told_by_its_name(kernel: str, group: str) -> None:
    from gpu_profile import group_of

    assert group_of(kernel) == group


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--variants", "faster"], "faster is none of eager"),
        (["--profile", "--sources", "naive"], "need --sources frames or features"),
    ],
)
def test_what_cannot_be_tried_is_refused(words: list[str], said: str) -> None:
    ended = _run("gpu_train.py", "--device", "cpu", "--shape", "tiny", *words)
    assert ended.returncode == 2
    assert said in ended.stderr


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
