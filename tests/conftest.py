from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

WriteClip = Callable[..., Path]


def _pictures(frames: int, height: int, width: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 60, (height, width, 3), dtype=np.uint8)
    pictures = np.repeat(noise[None], frames, axis=0)
    for number, picture in enumerate(pictures):
        picture[:, :, 1] += np.uint8(number * 180 // frames)
        picture[4:12, number % (width - 8) : number % (width - 8) + 8] = 255
    return pictures


@pytest.fixture(scope="session")
def write_clip() -> WriteClip:
    """Writes a small real video: a bright square on a noisy ground that turns green."""

    def write(
        path: Path,
        *,
        frames: int = 12,
        size: tuple[int, int] = (48, 64),
        fps: int = 30,
        seed: int = 0,
        codec: str = "libx264",
        rotation: int = 0,
        container: dict[str, str] | None = None,
        encoder: dict[str, str] | None = None,
    ) -> Path:
        import av

        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w", options=container or {}) as file:
            stream = file.add_stream(codec, rate=fps, options=encoder or {})
            stream.height, stream.width = size
            stream.pix_fmt = "yuv420p"
            if rotation:
                stream.set_display_rotation(rotation)
            for picture in _pictures(frames, *size, seed):
                file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            file.mux(stream.encode(None))
        return path

    return write
