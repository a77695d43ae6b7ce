from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from physprior.train.recipe import Recipe
from physprior.vlm.shapes import small_video_llava


@pytest.fixture(scope="session")
def make_config() -> Callable[..., Any]:
    """A small Video-LLaVA's config; what is named differs."""

    return small_video_llava


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """A recipe that neither validates nor probes gradients, unless it is told to."""

    def make(**fields: Any) -> Recipe:
        usual = {"base": "base", "dataset": "dataset", "out": "out", "lora_rank": 8}
        usual |= {"validate_every": 0, "gradient_every": 0}
        return Recipe.model_validate({**usual, **fields})

    return make
