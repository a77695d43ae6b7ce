"""A checkpoint without its weights: every name and shape of it, in seconds and in no memory."""

from __future__ import annotations

from pathlib import Path

from physprior.errors import CheckpointError
from physprior.vlm.checkpoint import Checkpoint, fingerprint_of, load_tokenizing


def open_outline(source: str | Path) -> Checkpoint:
    """A checkpoint whose model lies on torch's meta device: it has parameters, but no numbers.

    Tokenizer, image processor and fingerprint are the real ones. Whether the weights are whole
    shows only when they are loaded. Raises CheckpointError like load_checkpoint, and where a
    folder holds no weights at all.
    """
    import torch
    from transformers import VideoLlavaForConditionalGeneration

    config, tokenizer, processor = load_tokenizing(source)
    folder = Path(source)
    if folder.is_dir() and not any(folder.glob("*.safetensors")):
        raise CheckpointError(
            f"the checkpoint {source} holds no weights (*.safetensors)",
            remedy="fetch or make it again; it is incomplete",
        )
    with torch.device("meta"):
        model = VideoLlavaForConditionalGeneration(config)
    return Checkpoint(
        model.eval(), tokenizer, processor, str(source), fingerprint_of(str(source), config)
    )
