"""Training from features is training from pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.features import FeatureStore
from physprior.vlm.frames import Clip, FrameStore
from physprior.vlm.trainable import add_lora, select_layers
from physprior.vlm.video_inputs import video_inputs

Tokens = dict[str, torch.Tensor]
UNIFORM = Sampling(kind="uniform", frames=8)


@pytest.fixture
def both(
    checkpoint: Checkpoint, frame_store: FrameStore, store: FeatureStore, clips: list[Clip]
) -> Callable[[Any], list[dict[str, Any]]]:
    """The inputs of a model for the first three videos: from frames, and from the cache."""
    store.prepare(clips)
    given = {
        "frames": np.stack([frame_store.load(clip) for clip in clips[:3]]),
        "features": np.stack([store.load(clip) for clip in clips[:3]]),
    }

    def inputs(model: Any) -> list[dict[str, Any]]:
        processor = checkpoint.image_processor
        return [
            video_inputs(model, processor, **{name: torch.from_numpy(array)})
            for name, array in given.items()
        ]

    return inputs


def test_the_loss_from_features_is_that_from_pixels_within_a_thousandth(
    checkpoint: Checkpoint, tokens: Tokens, both: Callable[[Any], list[dict[str, Any]]]
) -> None:
    with torch.no_grad():
        for row in range(3):
            own = {name: values[row : row + 1] for name, values in tokens.items()}
            losses = []
            for video in both(checkpoint.model):
                projected = video["mm_encoder_outputs"]["video"]
                projected.pooler_output = projected.pooler_output[8 * row : 8 * row + 8]
                losses.append(float(checkpoint.model(**own, **video).loss))
            assert losses[0] == pytest.approx(losses[1], abs=1e-3)


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_training_from_features_is_training_from_pixels_within_a_thousandth(
    checkpoint: Checkpoint,
    tokens: Tokens,
    both: Callable[[Any], list[dict[str, Any]]],
    tiny_base: Path,
    tune: str,
) -> None:
    losses: list[list[float]] = []
    videos = both(checkpoint.model)
    for video in videos:
        model = load_checkpoint(tiny_base).model
        torch.manual_seed(0)
        if tune == "layers":
            select_layers(model)
        else:
            model = add_lora(model, rank=4, alpha=8, dropout=0.05)
        model.train()
        steps = torch.optim.AdamW(
            [weight for weight in model.parameters() if weight.requires_grad], lr=1e-3
        )
        own = []
        for _ in range(6):
            loss = model(**tokens, **video, use_cache=False).loss
            loss.backward()
            steps.step()
            steps.zero_grad()
            own.append(float(loss))
        losses.append(own)
    assert losses[0] == pytest.approx(losses[1], abs=1e-3)
    assert losses[0][-1] < losses[0][0] - 0.3
