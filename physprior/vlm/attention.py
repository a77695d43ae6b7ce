"""Attention on a CPU under autocast: torch's own is slow there in bfloat16, backwards above all."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

FLOAT32 = "physprior_sdpa_float32"
"""The name by which the transformers library knows it."""


def attend_on_cpu(model: Any) -> None:
    """Let a Video-LLaVA that is trained under autocast on a CPU attend in what is fast there.

    The language layers use torch's fused kernel in float32; the towers, whose sequences are a
    frame's few tokens, the plain products. The outcome is the same but for rounding.
    """
    model.set_attn_implementation({"text_config": FLOAT32, "vision_config": "eager"})


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    with torch.autocast(query.device.type, enabled=False):
        found, _ = sdpa_attention_forward(
            module, query.float(), key.float(), value.float(), attention_mask, **rest
        )
    return found.to(query.dtype), None


AttentionInterface.register(FLOAT32, _attend)
AttentionMaskInterface.register(FLOAT32, sdpa_mask)
