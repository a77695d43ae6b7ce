"""A Video-LLaVA of any shape with random weights, drawn on the device where they stay.

It goes through the loading path of a real checkpoint: transformers asks for one tensor after the
other, and is handed fresh random numbers instead of a file's. So 4 bits are made as ever, and
neither a disk nor the computer's memory ever holds the whole.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import VideoLlavaForConditionalGeneration, VideoLlavaImageProcessor

from physprior.vlm.checkpoint import Checkpoint, default_dtype
from physprior.vlm.quantise import four_bits, settle
from physprior.vlm.shapes import video_llava_7b

_DEVIATION = 0.02


class _Drawn:
    """Stands for a tensor of a file: the loader reads it with ``[...]``."""

    def __init__(self, name: str, like: torch.Tensor, device: torch.device, dtype: torch.dtype):
        self._name, self._shape, self._device, self._dtype = name, like.shape, device, dtype

    def __getitem__(self, _: Any) -> torch.Tensor:
        made = {"size": self._shape, "device": self._device, "dtype": self._dtype}
        if "norm" in self._name and self._name.endswith("weight"):
            return torch.ones(**made)
        if self._name.endswith("bias"):
            return torch.zeros(**made)
        return torch.randn(**made) * _DEVIATION


def true_shape(tiny: Any) -> tuple[Any, Any]:
    """Video-LLaVA-7B's config and image processor, for the tokenizer of a tiny base's config."""
    config = video_llava_7b()
    # The tokenizer's own numbers: which rows of the embeddings are used changes no figure.
    config.image_token_index = tiny.image_token_index
    config.video_token_index = tiny.video_token_index
    return config, VideoLlavaImageProcessor()


def random_checkpoint(
    config: Any,
    tokenizer: Any,
    image_processor: Any,
    *,
    device: torch.device,
    quantise: bool = False,
    attention: str = "sdpa",
) -> Checkpoint:
    """A checkpoint of this VideoLlavaConfig on ``device``, in bfloat16 where that is a GPU.

    ``attention``: what transformers is to compute attention with: sdpa, flash_attention_2, eager.
    Raises ImportError where that is not installed.
    """
    dtype = default_dtype(device)
    with torch.device("meta"):
        shapes = VideoLlavaForConditionalGeneration(config).state_dict()
    model, info = VideoLlavaForConditionalGeneration.from_pretrained(
        None,
        config=config,
        state_dict={name: _Drawn(name, like, device, dtype) for name, like in shapes.items()},
        dtype=dtype,
        attn_implementation=attention,
        output_loading_info=True,
        **(four_bits(device) if quantise else {"device_map": {"": device}}),
    )
    assert not info["missing_keys"], sorted(info["missing_keys"])[:3]
    if quantise:
        settle(model, "the random base")
    return Checkpoint(model.eval(), tokenizer, image_processor, "random", "random")
