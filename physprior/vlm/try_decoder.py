"""Run as a process: write a tiny clip, decode it by one backend, and print how that went as JSON.

``python -m physprior.vlm.try_decoder av``. A decoder that hangs or dies takes nothing with it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from physprior.errors import PhyspriorError
from physprior.video.decode import Backend, decode
from physprior.video.write import write_video

FRAMES, SIDE = 16, 64
WANTED = (0, 7, 15)
NEAR = 8
"""Compression may change a mean brightness by less than this."""


def try_decoder(backend: Backend) -> dict[str, Any]:
    """Seconds taken, or ``error``: why the backend does not give back what was written."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="physprior-try-") as folder:
        path = Path(folder) / "clip.mp4"
        try:
            write_video(path, _pictures(), fps=30)
            frames = decode(path, WANTED, backend=backend)
        except (PhyspriorError, ImportError, OSError, RuntimeError) as error:
            return {"error": (str(error).splitlines() or [type(error).__name__])[0]}
    found = [float(frame.mean()) for frame in frames]
    if any(abs(mean - _grey(at)) > NEAR for mean, at in zip(found, WANTED, strict=True)):
        wanted = ", ".join(str(_grey(at)) for at in WANTED)
        shown = ", ".join(f"{mean:.0f}" for mean in found)
        return {"error": f"brightness {shown} where {wanted} was written"}
    return {"seconds": time.perf_counter() - started}


def _pictures() -> Iterator[NDArray[np.uint8]]:
    for number in range(FRAMES):
        yield np.full((SIDE, SIDE, 3), _grey(number), np.uint8)


def _grey(number: int) -> int:
    return 30 + 12 * number


if __name__ == "__main__":
    sys.stdout.write(json.dumps(try_decoder(cast(Backend, sys.argv[1]))) + "\n")
