"""Loading a Video-LLaVA checkpoint: the one path for the hub's 7B, a local folder, the tiny one."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoTokenizer,
    VideoLlavaForConditionalGeneration,
    VideoLlavaImageProcessor,
)

from physprior.errors import CheckpointError
from physprior.vlm.quantise import four_bits, need_bitsandbytes, settle
from physprior.vlm.tokens import DialogueEncoder

MODEL_TYPE = "video_llava"
_HUB_EXAMPLE = "LanguageBind/Video-LLaVA-7B-hf"


@dataclass
class Checkpoint:
    """A loaded Video-LLaVA: model, tokenizer and image processor that belong together."""

    model: Any
    """VideoLlavaForConditionalGeneration, in evaluation mode."""
    tokenizer: Any
    image_processor: Any
    """VideoLlavaImageProcessor: resizes, crops and normalises one frame."""
    source: str
    """The folder or hub id that it was loaded from."""
    fingerprint: str
    """Recognises the checkpoint: the hub's commit, or a hash over the local files."""
    largest_batch: int | None = None
    """Videos that can be asked about at once, once the device has had no memory for more."""

    @property
    def device(self) -> torch.device:
        """Where the model's weights lie."""
        return next(self.model.parameters()).device

    @cached_property
    def tokens_per_frame(self) -> int:
        """Features that the video tower gives for a frame: its patches and the CLS token."""
        return tokens_per_frame(self.model.config)

    def encoder(self, frames: int) -> DialogueEncoder:
        """The encoder of dialogues about videos of this many frames."""
        return encoder_of(self.model.config, self.tokenizer, frames)


def tokens_per_frame(config: Any) -> int:
    """Features that the video tower of a Video-LLaVA's config gives for a frame."""
    vision = config.vision_config
    return int((vision.image_size // vision.patch_size) ** 2 + 1)


def encoder_of(config: Any, tokenizer: Any, frames: int) -> DialogueEncoder:
    """The encoder of dialogues about videos of this many frames, from a checkpoint's config."""
    return DialogueEncoder(
        tokenizer,
        video_token=config.video_token_index,
        video_tokens=frames * tokens_per_frame(config),
    )


def default_device() -> torch.device:
    """The accelerator where there is one, else the CPU; started with several processes on one
    machine (accelerate launch, torchrun), each has its own.
    """
    if not torch.cuda.is_available():
        return torch.device("cpu")
    own = os.environ.get("LOCAL_RANK")
    return torch.device("cuda" if own is None else f"cuda:{own}")


def default_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 on an accelerator (the hub's fp16 overflows in training), float32 on the CPU."""
    return torch.float32 if device.type == "cpu" else torch.bfloat16


def load_checkpoint(
    source: str | Path,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | Literal["auto"] | None = None,
    quantise: bool = False,
) -> Checkpoint:
    """Load a checkpoint from a folder or a hub id, complete, onto ``device``.

    ``dtype``: what the device is best served with if None; ``auto`` is what it is stored in.
    With ``quantise`` the language layers are held in 4 bits, to be trained over (``tune: qlora``).

    Raises CheckpointError where it cannot be found or read, is no Video-LLaVA, or lacks weights:
    a missing weight would otherwise be drawn at random in silence.
    """
    source = str(source)
    device = device or default_device()
    config = _config(source)
    if quantise:
        need_bitsandbytes("tune: qlora")
    placed = four_bits(device) if quantise else {}
    try:
        model, info = VideoLlavaForConditionalGeneration.from_pretrained(
            source, dtype=dtype or default_dtype(device), output_loading_info=True, **placed
        )
        tokenizer = AutoTokenizer.from_pretrained(source)
        processor = VideoLlavaImageProcessor.from_pretrained(source)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            f"the checkpoint {source} cannot be loaded: {_first_line(error)}",
            remedy="fetch or make it again; it may be incomplete or damaged",
        ) from error
    if missing := sorted(info["missing_keys"]):
        raise CheckpointError(
            f"the checkpoint {source} lacks {len(missing)} weights, such as {missing[0]}",
            remedy="fetch or make it again; it is incomplete",
        )
    model.eval()
    if Path(source).exists():
        # An adapter notes it as its base, and has to find it from wherever it is loaded.
        model.name_or_path = str(Path(source).resolve())
    if quantise:
        settle(model, source)
    else:
        model.to(device)
    return Checkpoint(model, tokenizer, processor, source, fingerprint_of(source, config))


def load_tokenizing(source: str | Path) -> tuple[Any, Any, Any]:
    """Config, tokenizer and image processor of a checkpoint, without its weights.

    Raises CheckpointError like load_checkpoint.
    """
    source = str(source)
    config = _config(source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        processor = VideoLlavaImageProcessor.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"the checkpoint {source} has no usable tokenizer or image processor: "
            f"{_first_line(error)}",
            remedy="fetch or make it again; it may be incomplete",
        ) from error
    return config, tokenizer, processor


def _config(source: str) -> Any:
    folder = Path(source)
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        raise CheckpointError(
            f"{source} is an adapter without its base",
            remedy="name the run folder that it lies in: its run.json tells the base",
        )
    if folder.exists() and not (folder / "config.json").is_file():
        raise CheckpointError(
            f"{source} is no model: it has neither config.json nor run.json",
            remedy=f"name a run folder, a checkpoint folder, or a hub id such as {_HUB_EXAMPLE}",
        )
    if not folder.exists() and (source.count("/") != 1 or source.startswith((".", "/", "~"))):
        raise CheckpointError(
            f"there is no model at {source}",
            remedy=f"name a run folder, a checkpoint folder, or a hub id such as {_HUB_EXAMPLE}",
        )
    try:
        config = AutoConfig.from_pretrained(source)
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(
            f"the model {source} cannot be read: {_first_line(error)}",
            remedy="check the folder or hub id; with HF_HUB_OFFLINE set, only what is already in "
            "the local hub cache can be used",
        ) from error
    if config.model_type != MODEL_TYPE:
        raise CheckpointError(
            f"{source} is a {config.model_type} model, not a Video-LLaVA ({MODEL_TYPE})",
            remedy=f"use a checkpoint in the form of {_HUB_EXAMPLE}",
        )
    if getattr(config, "quantization_config", None) is not None:
        raise CheckpointError(
            f"{source} is quantised already: its weights cannot be tuned or merged as they are",
            remedy=f"use the whole checkpoint, such as {_HUB_EXAMPLE}; tune: qlora quantises it",
        )
    return config


def fingerprint_of(source: str, config: Any) -> str:
    """Recognises a checkpoint: the hub's commit, or a hash over a folder's files."""
    commit = getattr(config, "_commit_hash", None)
    if commit and not Path(source).exists():
        return f"{source}@{commit}"
    digest = hashlib.sha256()
    for path in sorted(Path(source).iterdir()):
        if path.suffix == ".safetensors" or path.name in ("config.json", "tokenizer.json"):
            digest.update(path.name.encode())
            _sample(path, digest)
    return digest.hexdigest()


def _sample(path: Path, digest: Any, pieces: int = 64, piece: int = 65536) -> None:
    # Evenly spaced pieces tell checkpoints apart without reading the 14 GB of a 7B model.
    size = path.stat().st_size
    digest.update(str(size).encode())
    with path.open("rb") as stream:
        if size <= pieces * piece:
            digest.update(stream.read())
            return
        for index in range(pieces):
            stream.seek(index * (size - piece) // (pieces - 1))
            digest.update(stream.read(piece))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of a model folder. Raises CheckpointError."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{path} cannot be read: {_first_line(error)}",
            remedy="train again, or restore the file",
        ) from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} holds no JSON object", remedy="train again")
    return value
