from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from project_words import Refused

from physprior.paths import kb_folder, templates_folder
from physprior.project.find import VARIABLE


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one category and no videos; the current folder."""
    folder = tmp_path / "clips"
    (folder / "kb").mkdir(parents=True)
    for name in ("clip.yaml", "vocabulary.yaml"):
        shutil.copy(kb_folder() / name, folder / "kb")
    shutil.copytree(templates_folder(), folder / "templates")
    (folder / "physprior.yaml").write_text("recipe: tiny\nsplit:\n  seed: 3\n")
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def with_videos(project: Path, dataset: Path) -> Path:
    """The project with the twelve videos of the shared dataset."""
    (project / "videos").symlink_to(dataset.parent / "videos")
    return project


@pytest.fixture
def built(with_videos: Path, physprior: Any) -> Path:
    assert physprior("build", "--workers", 1).code == 0
    return with_videos


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(physprior: Any) -> Refused:
    def call(*words: object) -> str:
        outcome = physprior(*words)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.count("error: ") == 1
        assert "\n  remedy: " in outcome.err
        return str(outcome.err)

    return call
