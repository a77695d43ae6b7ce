from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from physprior import fingerprint
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.features import FeatureStore
from physprior.vlm.frames import Clip, FrameStore

Tokens = dict[str, torch.Tensor]
UNIFORM = Sampling(kind="uniform", frames=8)


@pytest.fixture
def checkpoint(own_checkpoint: Checkpoint) -> Checkpoint:
    return own_checkpoint


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory, write_clip: Callable[..., Path]) -> list[Clip]:
    """Five real videos, no two alike."""
    folder = tmp_path_factory.mktemp("videos")
    paths = [write_clip(folder / f"{seed}.mp4", seed=seed, frames=9 + seed) for seed in range(5)]
    return [Clip(path, fingerprint.of_file(path)) for path in paths]


@pytest.fixture(scope="module")
def frame_store(
    tmp_path_factory: pytest.TempPathFactory, tiny_base: Path, clips: list[Clip]
) -> FrameStore:
    """Their frames, prepared."""
    processor = load_checkpoint(tiny_base).image_processor
    store = FrameStore(tmp_path_factory.mktemp("frames"), processor, UNIFORM)
    assert store.prepare(clips) == []
    return store


@pytest.fixture
def store(tmp_path: Path, checkpoint: Checkpoint, frame_store: FrameStore) -> FeatureStore:
    return FeatureStore(tmp_path / "features", checkpoint, frame_store)
