"""A category whose texts are not fit to be taught ends a build, if videos of it are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.dataset.compile import build
from physprior.dialogue import Templates
from physprior.errors import KnowledgeError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import Category


def refuse_clips(category: Category) -> None:
    if category.id == "clip":
        raise KnowledgeError("not fit")


def refuse_balls(category: Category) -> None:
    if category.id == "ball":
        raise KnowledgeError("not fit")


def test_an_unfit_category_leaves_no_dataset(
    small_tree: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    out = tmp_path / "dataset"
    with pytest.raises(KnowledgeError, match="not fit"):
        build(small_tree, out, knowledge=kb, templates=templates, mode="no_phys", fit=refuse_clips)
    assert not out.exists()


def test_one_without_videos_is_no_obstacle(
    small_tree: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    out = tmp_path / "dataset"
    build(small_tree, out, knowledge=kb, templates=templates, mode="no_phys", fit=refuse_balls)
    assert out.is_dir()
