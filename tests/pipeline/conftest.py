from __future__ import annotations

from pathlib import Path

import pytest
from retraining import HALVES, Trained, copy_kb, link_tree

from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase, load_knowledge


@pytest.fixture(scope="session")
def trained(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    kb: KnowledgeBase,
    templates: Templates,
) -> Trained:
    """A finished run on short videos of two machines; those of a third lie beside them."""
    from physprior.dataset.compile import build
    from physprior.simulate import Options, simulate
    from physprior.train.recipe import Recipe
    from physprior.train.run import train

    root = tmp_path_factory.mktemp("retrain")
    simulate(
        root / "all",
        Options(categories=("ball", "clip", "slide"), count=24, instances=24, size=64, frames=16),
        workers=1,
        progress=lambda done, total: None,
    )
    for name in ("clip", "slide"):
        link_tree(root / "all" / name, root / "videos" / name)
    copy_kb(root / "kb")
    build(
        root / "videos",
        root / "dataset",
        knowledge=load_knowledge(root / "kb"),
        templates=templates,
        mode="multi_turn",
        options=HALVES,
    )
    fields = {
        "base": str(tiny_base),
        "dataset": root / "dataset",
        "out": root / "run",
        "cache": root / "frames",
        "lora_rank": 4,
        "batch_size": 6,
        "learning_rate": 1e-3,
        "save_every": 1,
        "log_every": 1,
        "workers": 1,
        "gradient_every": 0,
    }
    train(Recipe.model_validate(fields))
    return Trained(root)
