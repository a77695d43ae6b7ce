"""Where a merge is written, whole or not at all, and what it refuses."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from merging import merge, train_briefly
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dialogue import Templates
from physprior.errors import CheckpointError, OutputError
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.at_hand import find_base
from physprior.vlm.run_folder import read_run, write_run
from physprior.vlm.tiny import TinyShape, make_tiny


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    datasets: dict[str, Path],
    frames_cache: Path,
) -> Path:
    """A finished LoRA run."""
    return train_briefly(
        tmp_path_factory.mktemp("merging") / "run",
        base=str(tiny_base),
        dataset=datasets["multi_turn"],
        cache=frames_cache,
    )


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """A copy of the LoRA run, to be changed."""
    left_out = shutil.ignore_patterns("checkpoints")
    return Path(shutil.copytree(run, tmp_path / "copy", ignore=left_out))


# Where it is written


def test_the_same_merge_again_finds_its_work_done(run: Path, tmp_path: Path) -> None:
    assert not merge(run, tmp_path / "merged").already_done
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "merged").iterdir()}
    assert merge(run, tmp_path / "merged").already_done
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "merged").iterdir()} == before


@pytest.mark.parametrize("options", [{"dtype": "float16"}, {}])
def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    run: Path, tmp_path: Path, options: dict[str, str]
) -> None:
    out = tmp_path / "merged"
    if options:
        merge(run, out)
    else:
        out.mkdir()
        (out / "thesis.tex").write_text("mine")
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    with pytest.raises(OutputError, match="is not empty"):
        merge(run, out, **options)
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_a_merge_that_lost_a_file_is_not_taken_for_done(run: Path, tmp_path: Path) -> None:
    merge(run, tmp_path / "merged")
    (tmp_path / "merged" / "model.safetensors").unlink()
    with pytest.raises(OutputError, match="is not empty"):
        merge(run, tmp_path / "merged")


def test_a_disk_that_is_too_small_is_refused_before_anything_is_loaded(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr("physprior.vlm.merge.shutil.disk_usage", lambda place: small)
    monkeypatch.setattr("physprior.vlm.merge.load_checkpoint", None)
    with pytest.raises(OutputError, match=r"needs 0\.0 GB, and 0\.0 GB are free"):
        merge(run, tmp_path / "deep" / "merged")
    assert not (tmp_path / "deep").exists()


def test_the_size_that_is_said_is_that_of_the_weights(run: Path, tmp_path: Path) -> None:
    said: list[str] = []
    report = merge(run, tmp_path / "merged", announce=said.append)
    real = (tmp_path / "merged" / "model.safetensors").stat().st_size
    assert report.size == pytest.approx(real, rel=0.02)
    assert said == [
        f"writing {report.size / 1e9:.2f} GB of float32 weights to {tmp_path / 'merged'}"
    ]


def test_a_disk_that_fills_up_leaves_no_checkpoint(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import SafetensorError
    from transformers import VideoLlavaForConditionalGeneration

    def fill(model: Any, folder: Path, **options: Any) -> None:
        (folder / "config.json").write_text("{}")
        raise SafetensorError("I/O error: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(VideoLlavaForConditionalGeneration, "save_pretrained", fill)
        with pytest.raises(OutputError, match="No space left"):
            merge(run, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
    assert not merge(run, tmp_path / "merged").already_done
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]


@pytest.mark.slow
def test_a_merge_that_is_killed_while_it_writes_leaves_no_checkpoint(
    run: Path, tmp_path: Path
) -> None:
    out, part = tmp_path / "merged", tmp_path / "merged.part"
    command = [sys.executable, "-m", "physprior", "model", "merge", str(run)]
    merging = subprocess.Popen([*command, "-o", str(out)], stderr=subprocess.DEVNULL)
    while merging.poll() is None and not part.exists():
        time.sleep(0.0005)
    merging.kill()
    assert merging.wait() == -signal.SIGKILL
    assert not out.exists()
    assert part.exists()
    assert not merge(run, out).already_done
    assert find_base(str(out)).problems == ()
    assert not part.exists()


# What it refuses


def test_an_unfinished_run_is_refused(copy: Path, tmp_path: Path) -> None:
    write_run(copy, read_run(copy).model_copy(update={"state": "running"}))
    with pytest.raises(CheckpointError, match="has not finished"):
        merge(copy, tmp_path / "merged")


def test_an_adapter_folder_is_sent_to_its_run(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is an adapter without its run") as caught:
        merge(copy / "adapter", tmp_path / "merged")
    assert "run folder" in caught.value.remedy


def test_a_whole_checkpoint_has_nothing_to_merge(tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is a whole checkpoint"):
        merge(tiny_base, tmp_path / "merged")


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no run\.json"):
        merge(tmp_path, tmp_path / "merged")


@pytest.mark.parametrize("other", ["weights", "width"])
def test_another_base_than_the_run_s_is_refused(
    copy: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates, other: str
) -> None:
    shape = TinyShape(width=64) if other == "width" else TinyShape()
    base = make_tiny(tmp_path / "base", kb.only(["clip"]), templates, seed=1, shape=shape)
    write_run(copy, read_run(copy).model_copy(update={"base": str(base)}))
    with pytest.raises(CheckpointError, match=r"is not the one that .* was trained on"):
        merge(copy, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_weights_that_leave_the_dtype_s_range_are_refused(copy: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = copy / "adapter" / "adapter_model.safetensors"
    weights = load_file(path)
    for tensor in weights.values():
        tensor.fill_(100.0)
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="is not all numbers in float16") as caught:
        merge(copy, tmp_path / "merged", dtype="float16")
    assert "bfloat16" in caught.value.remedy
    assert not (tmp_path / "merged").exists()


# The command


def test_the_command_merges_and_says_where(run: Path, tmp_path: Path) -> None:
    arguments = ["model", "merge", str(run), "-o", str(tmp_path / "merged")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert f"checkpoint: {tmp_path / 'merged'}" in result.stdout
    assert "GB of float32 weights" in result.stderr
    again = CliRunner().invoke(app, arguments)
    assert "nothing to do" in again.stderr
