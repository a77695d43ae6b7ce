"""The language layers in 4 bits (``tune: qlora``): how a checkpoint is loaded for it.

Towers, projector, embeddings and head stay as they are: they are a tenth of the weights, and what
they give is what every layer builds on. The 4 bits are QLoRA's: nf4, the scales quantised again.
"""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import torch

from physprior.errors import CheckpointError
from physprior.vlm.trainable import LLM_LAYERS

_WHOLE = ("model.video_tower", "model.image_tower", "model.multi_modal_projector", "lm_head")


def need_bitsandbytes(what: str) -> None:
    """Raise CheckpointError, with the line that installs it, where bitsandbytes is not there.

    ``what`` needs it: ``tune: qlora``.
    """
    if importlib.util.find_spec("bitsandbytes") is None:
        raise CheckpointError(
            f"{what} needs bitsandbytes, which is not installed",
            remedy="pip install 'physprior[qlora]'",
        )


def four_bits(device: torch.device) -> dict[str, Any]:
    """What ``from_pretrained`` is given to quantise the language layers as it loads them.

    A 4-bit weight is made on the device where it stays, so the device is said here, by its number.
    Products are computed in bfloat16 on an accelerator, in float32 on the CPU.
    """
    from transformers import BitsAndBytesConfig

    compute = torch.float32 if device.type == "cpu" else torch.bfloat16
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", torch.cuda.current_device())
    quantisation = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
        llm_int8_skip_modules=list(_WHOLE),
    )
    return {"quantization_config": quantisation, "device_map": {"": device}}


def settle(model: Any, source: str) -> None:
    """Look at what was quantised, and keep it as it is.

    Raises CheckpointError unless exactly the projections of the language layers are in 4 bits.
    """
    import bitsandbytes

    layers = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, bitsandbytes.nn.Linear4bit)
    }
    wanted = {name for name, _ in model.named_modules() if re.fullmatch(LLM_LAYERS, name)}
    if stray := sorted(wanted ^ layers.keys()):
        raise CheckpointError(
            f"{len(stray)} layers of {source} are in 4 bits and should not be, or are not and "
            f"should be, such as {stray[0]}",
            remedy="use a Video-LLaVA checkpoint of the Hugging Face layout, itself not quantised",
        )
    for layer in layers.values():
        # On a CPU with AVX512-BF16 the first evaluation would repack the weights for inference:
        # scales rounded, and no gradient through them from then on.
        layer.support_avx512bf16_for_cpu = False
