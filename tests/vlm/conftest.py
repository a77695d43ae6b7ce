from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior import fingerprint
from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
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


@pytest.fixture
def own_checkpoint(tiny_base: Path) -> Checkpoint:
    """The tiny base, loaded anew: a test may change it."""
    return load_checkpoint(tiny_base, device=torch.device("cpu"))


@pytest.fixture
def tokens(
    own_checkpoint: Checkpoint, kb: KnowledgeBase, templates: Templates
) -> dict[str, torch.Tensor]:
    """A batch of multi-turn dialogues of three categories, padded on the right."""
    encoder = own_checkpoint.encoder(8)
    rows = [
        encoder.dialogue(
            templates.render(kb.category(name), "multi_turn", anomalous=True, reason="It jams.")
        )
        for name in ("clip", "fan", "ball")
    ]
    longest = max(len(row.input_ids) for row in rows)

    def padded(values: Callable[[Any], list[int]], fill: int) -> torch.Tensor:
        short = [list(values(row)) for row in rows]
        return torch.tensor([row + [fill] * (longest - len(row)) for row in short])

    return {
        "input_ids": padded(lambda row: row.input_ids, own_checkpoint.tokenizer.pad_token_id),
        "attention_mask": padded(lambda row: [1] * len(row.input_ids), 0),
        "labels": padded(lambda row: row.labels, -100),
    }


@pytest.fixture
def frames() -> torch.Tensor:
    """Prepared frames of three videos, of noise: no two alike."""
    chance = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (3, 8, 3, 28, 28), dtype=torch.uint8, generator=chance)
