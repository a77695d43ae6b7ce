"""A small study to try: two machines, a few short videos, two steps a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from physprior.eval.predictions import read_predictions
from physprior.pipeline.ablate import StudyPlan, read_arms

MODES = ("multi_turn", "single_turn", "no_phys")
QUICK = ("epochs=1", "batch_size=16", "warmup=0", "save_every=1", "log_every=1")


def small_plan(
    videos: Path,
    base: Path,
    /,
    *,
    modes: tuple[str, ...] = MODES,
    further: tuple[str, ...] = (),
    free: tuple[str, ...] = (),
    **changes: Any,
) -> StudyPlan:
    arms, generated = read_arms(modes, further, free)
    fields = {
        "arms": arms,
        "seeds": 1,
        "history_generated": generated,
        "videos": str(videos),
        "overrides": QUICK,
        "base": str(base),
    }
    return StudyPlan.model_validate({**fields, **changes})


def scores(folder: Path) -> dict[str, dict[str, float | None]]:
    """Every predictions file below a folder, to the score of each video."""
    return {
        str(path.relative_to(folder)): {
            line.id: line.score for line in read_predictions(path).predictions
        }
        for path in sorted(folder.rglob("*.jsonl"))
    }
