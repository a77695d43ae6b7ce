from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.train.recipe import Recipe

MakeRecipe = Callable[..., Recipe]


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Phys-AD tree of 24 short videos of one category."""
    from physprior.simulate import Options, simulate

    root = tmp_path_factory.mktemp("train") / "videos"
    options = Options(categories=("clip",), count=24, instances=24, size=64, frames=16)
    simulate(root, options, workers=1, progress=lambda done, total: None)
    return root


@pytest.fixture(scope="session")
def datasets(
    videos: Path,
    tmp_path_factory: pytest.TempPathFactory,
    kb: KnowledgeBase,
    templates: Templates,
) -> dict[str, Path]:
    """Those videos as a dataset in each mode."""
    from physprior.dataset.compile import build

    folder = tmp_path_factory.mktemp("datasets")
    modes = ("multi_turn", "single_turn", "no_phys")
    for mode in modes:
        build(videos, folder / mode, knowledge=kb, templates=templates, mode=mode)
    return {mode: folder / mode for mode in modes}


@pytest.fixture(scope="session")
def frames_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Decoded frames, shared by all runs on the same videos."""
    return tmp_path_factory.mktemp("frames")


@pytest.fixture
def make_recipe(
    tmp_path: Path, tiny_base: Path, datasets: dict[str, Path], frames_cache: Path
) -> MakeRecipe:
    """A small recipe: six steps on the sixteen-odd training videos, unless something is changed."""

    def make(**changes: Any) -> Recipe:
        fields = {
            "base": str(tiny_base),
            "dataset": datasets["multi_turn"],
            "out": tmp_path / "run",
            "cache": frames_cache,
            "tune": "layers",
            "lora_rank": 4,
            "batch_size": 6,
            "epochs": 2,
            "learning_rate": 1e-3,
            "warmup": 0.0,
            "save_every": 2,
            "log_every": 1,
            "workers": 1,
            "validate_every": 0,
            "gradient_every": 0,
        }
        return Recipe.model_validate({**fields, **changes})

    return make


@pytest.fixture(scope="session")
def read_log() -> Callable[[Path], list[dict[str, Any]]]:
    """The log lines of a run that speak of a step's loss."""

    def read(run: Path) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        return [line for line in lines if "loss" in line]

    return read
