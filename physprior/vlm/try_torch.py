"""Run as a process: import torch, compute on every GPU, and print what was found as JSON.

``python -m physprior.vlm.try_torch``. A driver that hangs or dies takes nothing with it.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def try_torch() -> dict[str, Any]:
    """Version, build, seconds of the import, and the GPUs; ``error`` where torch does not load."""
    started = time.perf_counter()
    try:
        import torch
    except (ImportError, OSError, RuntimeError) as error:
        return {"error": (str(error).splitlines() or [type(error).__name__])[0]}
    seconds = time.perf_counter() - started
    cuda, hip = torch.version.cuda, getattr(torch.version, "hip", None)
    build = f"CUDA {cuda}" if cuda else f"ROCm {hip}" if hip else "CPU"
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    gpus = [_try_gpu(torch, number) for number in range(count)]
    return {"version": str(torch.__version__), "build": build, "seconds": seconds, "gpus": gpus}


def _try_gpu(torch: Any, number: int) -> dict[str, Any]:
    """A GPU's name, its memory in bytes, and why it cannot multiply in bfloat16, if it cannot."""
    found = {"name": torch.cuda.get_device_name(number), "total": 0, "free": 0, "error": ""}
    try:
        found["free"], found["total"] = torch.cuda.mem_get_info(number)
        ones = torch.ones(64, 64, dtype=torch.bfloat16, device=f"cuda:{number}")
        if float((ones @ ones).sum()) != 64**3:
            found["error"] = "a product came out wrong"
    except RuntimeError as error:
        found["error"] = (str(error).splitlines() or [type(error).__name__])[0]
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(try_torch()) + "\n")
