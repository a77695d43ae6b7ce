from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

WriteClip = Callable[..., Path]
AddVideos = Callable[..., list[Path]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty videos root."""
    folder = tmp_path / "videos"
    folder.mkdir()
    return folder


@pytest.fixture
def add_videos(root: Path, write_clip: WriteClip) -> AddVideos:
    """Adds small videos to a folder of the root, each different, with sidecars where asked."""
    made = 0

    def add(folder: str, count: int = 1, *, instances: int = 0, ending: str = ".mp4") -> list[Path]:
        nonlocal made
        paths = []
        for number in range(count):
            made += 1
            path = root / folder / f"{number:04d}{ending}"
            codec = "libvpx" if ending == ".webm" else "libx264"
            write_clip(path, frames=3, size=(16, 16), seed=made, codec=codec)
            if instances:
                sidecar = {"instance": f"object-{number % instances}"}
                path.with_suffix(".json").write_text(json.dumps(sidecar))
            paths.append(path)
        return paths

    return add


@pytest.fixture
def small_tree(root: Path, add_videos: AddVideos) -> Path:
    """Two categories as Phys-AD names them; 20 clips by 5 instances, 12 of fan without sidecars."""
    add_videos("clip/train", 5, instances=5)
    for folder in ("norm", "unable_press", "unable_rebound"):
        add_videos(f"clip/test/{folder}", 5, instances=5)
    add_videos("fan/train", 3)
    for folder in ("norm", "stuck", "vibrate"):
        add_videos(f"fan/test/{folder}", 3)
    return root
