from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from physprior.errors import CheckpointError
from physprior.vlm.checkpoint import default_device, load_checkpoint
from physprior.vlm.quantise import four_bits


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


def test_a_tokenizer_without_the_video_token_is_refused(copy: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        path = copy / name
        path.write_text(path.read_text(encoding="utf-8").replace("<video>", "<vidéo>"), "utf-8")
    with pytest.raises(CheckpointError, match="the tokenizer reads <video> as token"):
        load_checkpoint(copy).encoder(8)


@pytest.mark.parametrize(("rank", "device"), [(None, "cuda"), ("1", "cuda:1")])
def test_each_process_of_a_machine_has_its_own_gpu(
    monkeypatch: pytest.MonkeyPatch, rank: str | None, device: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    assert default_device() == torch.device(device)


def test_4_bits_are_made_on_the_gpu_of_this_process_and_computed_in_bfloat16(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 3)
    for device, place in (("cuda", 3), ("cuda:1", 1)):
        given = four_bits(torch.device(device))
        assert given["device_map"] == {"": torch.device("cuda", place)}
        assert given["quantization_config"].bnb_4bit_compute_dtype == torch.bfloat16


def test_a_base_that_is_quantised_already_is_not_taken_for_a_whole_one(
    tmp_path: Path, tiny_base: Path
) -> None:
    packed = load_checkpoint(tiny_base, quantise=True)
    packed.model.save_pretrained(tmp_path)
    packed.tokenizer.save_pretrained(tmp_path)
    packed.image_processor.save_pretrained(tmp_path)
    with pytest.raises(CheckpointError, match="is quantised already"):
        load_checkpoint(tmp_path)
