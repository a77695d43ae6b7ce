"""Merging: a run as one checkpoint that loads without us, scores as the run does, and is whole."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dataset.folder import Dataset
from physprior.dialogue import Templates
from physprior.errors import CheckpointError, OutputError
from physprior.knowledge.load import KnowledgeBase
from physprior.train.card import merged_card
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.vlm.at_hand import find_base
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.load import load_model
from physprior.vlm.merge import MergeReport, merge_run
from physprior.vlm.run_folder import read_run, write_run
from physprior.vlm.score import score_labels
from physprior.vlm.tiny import TinyShape, make_tiny

MakeRun = Callable[[str], Path]
TUNES = ["lora", "layers", "qlora"]


@pytest.fixture(scope="module")
def make_run(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    datasets: dict[str, Path],
    frames_cache: Path,
) -> MakeRun:
    """A finished run of three steps of each way to tune, made once."""
    made: dict[str, Path] = {}

    def make(tune: str) -> Path:
        if tune not in made:
            out = tmp_path_factory.mktemp("merging") / tune
            fields = {
                "base": str(tiny_base),
                "dataset": datasets["multi_turn"],
                "out": out,
                "cache": frames_cache,
                "tune": tune,
                "batch_size": 6,
                "learning_rate": 1e-2,
                "warmup": 0.0,
                "workers": 1,
                "validate_every": 0,
                "gradient_every": 0,
            }
            train(Recipe.model_validate(fields))
            made[tune] = out
        return made[tune]

    return make


@pytest.fixture
def copy(make_run: MakeRun, tmp_path: Path) -> Path:
    """A copy of the LoRA run, to be changed."""
    left_out = shutil.ignore_patterns("checkpoints")
    return Path(shutil.copytree(make_run("lora"), tmp_path / "copy", ignore=left_out))


def merge(run: Path, out: Path, **options: Any) -> MergeReport:
    return merge_run(
        run, out, write_card=lambda record, how: merged_card(run, record, how), **options
    )


def scores(model: Any, run: Path) -> list[float]:
    """The scores of two made-up videos, by whatever loaded the model."""
    record = read_run(run)
    encoder = load_checkpoint(record.base).encoder(record.sampling.frames)
    dialogue = Dataset.open(Path(record.dataset["folder"])).records("test")[0].dialogue()
    prefix, labels = encoder.labels(dialogue)
    torch.manual_seed(0)
    video = {"pixel_values_videos": torch.randn(2, 8, 3, 28, 28)}
    found = score_labels(model.eval(), [prefix] * 2, labels, video)
    return [score.log_odds for score in found]


# What it is


@pytest.mark.parametrize("tune", TUNES)
def test_a_merged_run_loads_without_us_and_scores_as_the_run_does(
    make_run: MakeRun, tmp_path: Path, tune: str
) -> None:
    from transformers import VideoLlavaForConditionalGeneration

    run = make_run(tune)
    merge(run, tmp_path / "merged")
    model, info = VideoLlavaForConditionalGeneration.from_pretrained(
        tmp_path / "merged", output_loading_info=True
    )
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    of_run = scores(load_model(run).checkpoint.model, run)
    of_base = scores(load_checkpoint(read_run(run).base).model, run)
    assert scores(model, run) == pytest.approx(of_run, abs=1e-5)
    assert scores(model, run) != pytest.approx(of_base, abs=1e-2)


@pytest.mark.parametrize("tune", TUNES)
def test_a_merged_run_is_a_checkpoint_in_the_hub_s_own_format(
    make_run: MakeRun, tmp_path: Path, tune: str
) -> None:
    merge(make_run(tune), tmp_path / "merged")
    assert {path.name for path in (tmp_path / "merged").iterdir()} == {
        "README.md",
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "physprior.json",
        "preprocessor_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert find_base(str(tmp_path / "merged")).problems == ()


def test_the_merged_tokenizer_writes_the_prompts_that_were_trained_on(
    make_run: MakeRun, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    merge(make_run("lora"), tmp_path / "merged")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "merged")
    asked = [{"role": "user", "content": "Is it sound?"}]
    text = tokenizer.apply_chat_template(asked, tokenize=False)
    assert text == "USER: <video>\nIs it sound? ASSISTANT:"


def test_large_weights_are_written_in_shards(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run("lora")
    merge(run, tmp_path / "merged", shard="2MB")
    index = json.loads((tmp_path / "merged" / "model.safetensors.index.json").read_text())
    assert len(set(index["weight_map"].values())) > 2
    merged = load_checkpoint(tmp_path / "merged").model
    assert scores(merged, run) == pytest.approx(
        scores(load_model(run).checkpoint.model, run), abs=1e-5
    )


def test_the_weights_have_the_dtype_of_the_base(
    copy: Path, tmp_path: Path, tiny_base: Path
) -> None:
    half = load_checkpoint(tiny_base, dtype=torch.float16)
    for part in (half.model, half.tokenizer, half.image_processor):
        part.save_pretrained(tmp_path / "half")
    on_half = load_checkpoint(tmp_path / "half")
    changed = {"base": str(tmp_path / "half"), "base_fingerprint": on_half.fingerprint}
    write_run(copy, read_run(copy).model_copy(update=changed))
    merge(copy, tmp_path / "merged")
    assert dtypes(tmp_path / "merged") == {torch.float16}
    merged = load_checkpoint(tmp_path / "merged").model
    assert scores(merged, copy) == pytest.approx(
        scores(load_model(copy).checkpoint.model, copy), abs=0.05
    )


@pytest.mark.parametrize("tune", ["lora", "layers"])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_the_weights_have_the_dtype_that_is_asked_for(
    make_run: MakeRun, tmp_path: Path, tune: str, dtype: str
) -> None:
    merge(make_run(tune), tmp_path / "merged", dtype=dtype)
    assert dtypes(tmp_path / "merged") == {getattr(torch, dtype)}
    config = json.loads((tmp_path / "merged" / "config.json").read_text())
    assert config["dtype"] == dtype


def dtypes(folder: Path) -> set[torch.dtype]:
    from safetensors.torch import load_file

    (path,) = folder.glob("*.safetensors")
    return {tensor.dtype for tensor in load_file(path).values()}


def test_what_the_base_has_for_transformers_own_processor_comes_along(
    copy: Path, tmp_path: Path, tiny_base: Path
) -> None:
    base = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    (base / "processor_config.json").write_text('{"patch_size": 14}')
    write_run(copy, read_run(copy).model_copy(update={"base": str(base)}))
    merge(copy, tmp_path / "merged")
    carried = json.loads((tmp_path / "merged" / "processor_config.json").read_text())
    assert carried == {"patch_size": 14}


def test_a_merged_run_knows_the_frames_and_prompts_it_was_trained_on(
    make_run: MakeRun, tmp_path: Path
) -> None:
    merge(make_run("lora"), tmp_path / "merged")
    assert load_model(tmp_path / "merged").run == read_run(make_run("lora"))


def test_the_card_says_what_it_is_and_how_it_was_made(
    make_run: MakeRun, tmp_path: Path, tiny_base: Path
) -> None:
    from huggingface_hub import ModelCard

    merge(make_run("qlora"), tmp_path / "merged")
    card = ModelCard.load(tmp_path / "merged" / "README.md")
    assert card.data.library_name == "transformers"
    assert "is merged into the unquantised ones" in " ".join(card.text.split())
    assert "PeftModel" not in card.text
    assert str(tiny_base.parent) not in card.text


# Where it is written


def test_the_same_merge_again_finds_its_work_done(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run("lora")
    assert not merge(run, tmp_path / "merged").already_done
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "merged").iterdir()}
    assert merge(run, tmp_path / "merged").already_done
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "merged").iterdir()} == before


@pytest.mark.parametrize("options", [{"dtype": "float16"}, {}])
def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    make_run: MakeRun, tmp_path: Path, options: dict[str, str]
) -> None:
    out = tmp_path / "merged"
    if options:
        merge(make_run("lora"), out)
    else:
        out.mkdir()
        (out / "thesis.tex").write_text("mine")
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    with pytest.raises(OutputError, match="is not empty"):
        merge(make_run("lora"), out, **options)
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_a_merge_that_lost_a_file_is_not_taken_for_done(make_run: MakeRun, tmp_path: Path) -> None:
    merge(make_run("lora"), tmp_path / "merged")
    (tmp_path / "merged" / "model.safetensors").unlink()
    with pytest.raises(OutputError, match="is not empty"):
        merge(make_run("lora"), tmp_path / "merged")


def test_a_disk_that_is_too_small_is_refused_before_anything_is_loaded(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr("physprior.vlm.merge.shutil.disk_usage", lambda place: small)
    monkeypatch.setattr("physprior.vlm.merge.load_checkpoint", None)
    with pytest.raises(OutputError, match=r"needs 0\.0 GB, and 0\.0 GB are free"):
        merge(make_run("lora"), tmp_path / "deep" / "merged")
    assert not (tmp_path / "deep").exists()


def test_the_size_that_is_said_is_that_of_the_weights(make_run: MakeRun, tmp_path: Path) -> None:
    said: list[str] = []
    report = merge(make_run("lora"), tmp_path / "merged", announce=said.append)
    real = (tmp_path / "merged" / "model.safetensors").stat().st_size
    assert report.size == pytest.approx(real, rel=0.02)
    assert said == [
        f"writing {report.size / 1e9:.2f} GB of float32 weights to {tmp_path / 'merged'}"
    ]


def test_a_disk_that_fills_up_leaves_no_checkpoint(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import SafetensorError
    from transformers import VideoLlavaForConditionalGeneration

    def fill(model: Any, folder: Path, **options: Any) -> None:
        (folder / "config.json").write_text("{}")
        raise SafetensorError("I/O error: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(VideoLlavaForConditionalGeneration, "save_pretrained", fill)
        with pytest.raises(OutputError, match="No space left"):
            merge(make_run("lora"), tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
    assert not merge(make_run("lora"), tmp_path / "merged").already_done
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]


@pytest.mark.slow
def test_a_merge_that_is_killed_while_it_writes_leaves_no_checkpoint(
    make_run: MakeRun, tmp_path: Path
) -> None:
    out, part = tmp_path / "merged", tmp_path / "merged.part"
    command = [sys.executable, "-m", "physprior", "model", "merge", str(make_run("lora"))]
    merging = subprocess.Popen([*command, "-o", str(out)], stderr=subprocess.DEVNULL)
    while merging.poll() is None and not part.exists():
        time.sleep(0.0005)
    merging.kill()
    assert merging.wait() == -signal.SIGKILL
    assert not out.exists()
    assert part.exists()
    assert not merge(make_run("lora"), out).already_done
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


def test_the_command_merges_and_says_where(make_run: MakeRun, tmp_path: Path) -> None:
    arguments = ["model", "merge", str(make_run("lora")), "-o", str(tmp_path / "merged")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert f"checkpoint: {tmp_path / 'merged'}" in result.stdout
    assert "GB of float32 weights" in result.stderr
    again = CliRunner().invoke(app, arguments)
    assert "nothing to do" in again.stderr
