"""Merging: a run as one checkpoint that loads without us and scores as the run does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from merging import merge, scores, train_briefly

from physprior.vlm.at_hand import find_base
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.load import load_model
from physprior.vlm.run_folder import read_run, write_run

MakeRun = Callable[[str], Path]
TUNES = ["lora", "layers", "qlora"]


@pytest.fixture(scope="module")
def make_run(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    datasets: dict[str, Path],
    frames_cache: Path,
) -> MakeRun:
    """A finished run of each way to tune, made once."""
    made: dict[str, Path] = {}

    def make(tune: str) -> Path:
        if tune not in made:
            made[tune] = train_briefly(
                tmp_path_factory.mktemp("merging") / tune,
                base=str(tiny_base),
                dataset=datasets["multi_turn"],
                cache=frames_cache,
                tune=tune,
            )
        return made[tune]

    return make


@pytest.fixture
def copy(make_run: MakeRun, tmp_path: Path) -> Path:
    """A copy of the LoRA run, to be changed."""
    left_out = shutil.ignore_patterns("checkpoints")
    return Path(shutil.copytree(make_run("lora"), tmp_path / "copy", ignore=left_out))


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


def test_who_may_read_the_folder_may_read_the_weights(make_run: MakeRun, tmp_path: Path) -> None:
    merge(make_run("lora"), tmp_path / "merged")
    assert len({path.stat().st_mode for path in (tmp_path / "merged").iterdir()}) == 1
