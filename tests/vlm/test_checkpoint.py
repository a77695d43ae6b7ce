from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from physprior.errors import CheckpointError
from physprior.vlm.checkpoint import load_checkpoint


@pytest.fixture
def copy(tmp_path: Path, tiny_base: Path) -> Path:
    return Path(shutil.copytree(tiny_base, tmp_path / "copy"))


def test_the_tiny_base_is_a_real_video_llava_with_its_own_files(tiny_base: Path) -> None:
    from transformers import VideoLlavaForConditionalGeneration

    checkpoint = load_checkpoint(tiny_base)
    assert type(checkpoint.model) is VideoLlavaForConditionalGeneration
    assert type(checkpoint.image_processor).__name__ == "VideoLlavaImageProcessor"
    config = checkpoint.model.config
    names = [
        checkpoint.tokenizer.convert_ids_to_tokens(index)
        for index in (config.image_token_index, config.video_token_index)
    ]
    assert names == ["<image>", "<video>"]


def test_another_architecture_is_refused_by_its_name(copy: Path) -> None:
    (copy / "config.json").write_text(json.dumps({"model_type": "llama"}))
    with pytest.raises(CheckpointError, match="is a llama model, not a Video-LLaVA"):
        load_checkpoint(copy)


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"neither config\.json nor run\.json"):
        load_checkpoint(tmp_path)


def test_a_path_that_is_not_there_is_no_hub_id(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no model at"):
        load_checkpoint(tmp_path / "nothing")


def test_a_hub_id_that_is_not_in_the_cache_says_so_offline() -> None:
    with pytest.raises(CheckpointError, match="nobody/nothing") as caught:
        load_checkpoint("nobody/nothing")
    assert "HF_HUB_OFFLINE" in caught.value.remedy


def test_truncated_weights_are_refused(copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        load_checkpoint(copy)


def test_missing_weights_are_not_drawn_at_random(copy: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    lost = next(name for name in weights if name.endswith("layers.1.mlp.up_proj.weight"))
    del weights[lost]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lacks 1 weights, such as .*up_proj"):
        load_checkpoint(copy)


def test_a_tokenizer_that_is_not_there_is_refused(copy: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (copy / name).unlink()
    with pytest.raises(CheckpointError):
        load_checkpoint(copy).encoder(8)
