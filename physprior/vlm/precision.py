"""Whether this machine computes in bfloat16 as fast as it should be."""

from __future__ import annotations

import torch


def fast_bfloat16() -> bool:
    """Whether matrix products in bfloat16 are faster here than in float32: on a GPU, and on a CPU
    that has instructions for them. Other CPUs imitate them, and are slower."""
    if torch.cuda.is_available():
        return True
    # Older torch cannot say it.
    look = getattr(torch.cpu, "get_capabilities", None)
    capabilities: dict[str, object] = look() if look is not None else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
