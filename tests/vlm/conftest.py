from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior import fingerprint
from physprior.video.sample import Sampling
from physprior.vlm.frames import Clip, FrameStore

WriteClip = Callable[..., Path]


@pytest.fixture(scope="session")
def image_processor() -> Any:
    """One for small pictures: 28 × 28."""
    from transformers import VideoLlavaImageProcessor

    return VideoLlavaImageProcessor(
        size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
    )


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory, write_clip: WriteClip) -> list[Clip]:
    """Six small videos."""
    root = tmp_path_factory.mktemp("clips")
    paths = [write_clip(root / f"{number}.mp4", seed=number) for number in range(6)]
    return [Clip(path, fingerprint.of_file(path)) for path in paths]


@pytest.fixture
def store(tmp_path: Path, image_processor: Any) -> FrameStore:
    """An empty cache of frames."""
    return FrameStore(tmp_path / "frames", image_processor, Sampling())
