"""Attention that begins by looking one frame back.

Motion is what changes between frames, and the language layers of a Video-LLaVA are where frames
meet. With random weights attention needs very long to find the same patch one frame earlier, and
until it has nothing of motion can be learned; begun there, what changes is seen from the first
step on (docs/log.md has the tries). Everything in it is ordinary weights, free to be trained away.
"""

from __future__ import annotations

from typing import Any

import torch

_PEAK = 6.0
"""Size of the bias of queries and keys: the head's attention is nearly all at one token."""
_REST = 0.1
"""How much of the random query and key weights is kept."""


def look_back(model: Any, *, tokens_per_frame: int, seed: int) -> None:
    """Let all heads of the first language layer look ``tokens_per_frame`` tokens back and take
    away what is there, so that the layer gives each patch's difference to the frame before.

    ``model``: a Video-LLaVA whose language layers have biases in their attention and have
    as many key as query heads.
    """
    language = model.model.language_model
    attention = language.layers[0].self_attn
    width = language.config.hidden_size
    frequencies = language.rotary_emb.inv_freq
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        rotation = torch.linalg.qr(torch.randn(width, width)).Q
        heads = language.config.num_attention_heads
        still = torch.cat([torch.ones_like(frequencies), torch.zeros_like(frequencies)])
        behind = torch.cat(
            [
                torch.cos(tokens_per_frame * frequencies),
                -torch.sin(tokens_per_frame * frequencies),
            ]
        )
        # Rotary positions turn these two until they agree, at the wanted distance and nowhere else.
        attention.k_proj.bias.copy_(_PEAK * still.repeat(heads))
        attention.q_proj.bias.copy_(_PEAK * behind.repeat(heads))
        attention.k_proj.weight.mul_(_REST)
        attention.q_proj.weight.mul_(_REST)
        attention.v_proj.weight.copy_(rotation.T)
        attention.o_proj.weight.copy_(-rotation)


def unit_features(model: Any, features: torch.Tensor) -> None:
    """Scale the projector so that it makes tokens of mean square 1 of these tower ``features``.

    What the first layer subtracts has passed a norm; what it subtracts from has not, and is to be
    as large.
    """
    projector = model.model.multi_modal_projector
    with torch.no_grad():
        size = projector(features).pow(2).mean().sqrt()
        projector.linear_2.weight.div_(size)
        projector.linear_2.bias.div_(size)
