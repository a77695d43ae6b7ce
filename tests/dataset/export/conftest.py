from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exported import CLIPS, Export

from physprior.dataset.compile import build
from physprior.dataset.export.write import export
from physprior.dataset.folder import Dataset
from physprior.dialogue.templates import Templates
from physprior.knowledge.load import KnowledgeBase


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    write_clip: Callable[..., Path],
    kb: KnowledgeBase,
    templates: Templates,
) -> Path:
    """A folder with ``videos`` and a ``dataset`` of three splits; one name needs quoting."""
    place = tmp_path_factory.mktemp("built")
    for seed, name in enumerate(CLIPS):
        write_clip(place / "videos" / name, frames=3, size=(16, 16), seed=seed)
    build(
        place / "videos",
        place / "dataset",
        knowledge=kb,
        templates=templates,
        mode="multi_turn",
        fractions=(0.34, 0.33, 0.33),
    )
    return place


@pytest.fixture
def dataset(built: Path) -> Dataset:
    return Dataset.open(built / "dataset")


@pytest.fixture
def make(dataset: Dataset, tmp_path: Path) -> Export:
    """Exports the dataset into tmp_path/<name>; returns the folder."""

    def make(form: str, name: str = "export", **options: Any) -> Path:
        return export(dataset, tmp_path / name, form, **options).out

    return make


@pytest.fixture
def moved(built: Path, tmp_path: Path) -> Path:
    """A copy of dataset and videos that a test may spoil."""
    return Path(shutil.copytree(built, tmp_path / "moved"))
