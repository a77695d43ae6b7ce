from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from physprior.train.recipe import Recipe


@pytest.fixture(scope="session")
def make_config() -> Callable[..., Any]:
    """A small Video-LLaVA's config; what is named differs."""

    def make(**text: Any) -> Any:
        from transformers import CLIPVisionConfig, LlamaConfig, VideoLlavaConfig

        fields = {
            "vocab_size": 1400,
            "hidden_size": 128,
            "intermediate_size": 352,
            "num_hidden_layers": 5,
            "num_attention_heads": 4,
            "max_position_embeddings": 4096,
            "pad_token_id": 0,
        } | text
        vision = CLIPVisionConfig(
            hidden_size=128,
            intermediate_size=512,
            num_hidden_layers=4,
            num_attention_heads=4,
            image_size=28,
            patch_size=14,
            projection_dim=128,
        )
        return VideoLlavaConfig(
            text_config=LlamaConfig(**fields),
            vision_config=vision,
            image_token_index=fields["vocab_size"] - 2,
            video_token_index=fields["vocab_size"] - 1,
        )

    return make


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """A recipe that neither validates nor probes gradients, unless it is told to."""

    def make(**fields: Any) -> Recipe:
        usual = {"base": "base", "dataset": "dataset", "out": "out", "lora_rank": 8}
        usual |= {"validate_every": 0, "gradient_every": 0}
        return Recipe.model_validate({**usual, **fields})

    return make
