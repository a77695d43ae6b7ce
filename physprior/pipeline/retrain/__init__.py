"""Retraining: what changed in the KB since a run is trained on from that run's weights."""

from __future__ import annotations

from physprior.pipeline.retrain.changes import Change, Changes, find_changes
from physprior.pipeline.retrain.compare import Outcome
from physprior.pipeline.retrain.order import Before, RetrainOrder, read_before
from physprior.pipeline.retrain.recipe import chosen, new_recipe
from physprior.pipeline.retrain.report import RetrainReport
from physprior.pipeline.retrain.steps import retrain

__all__ = [
    "Before",
    "Change",
    "Changes",
    "Outcome",
    "RetrainOrder",
    "RetrainReport",
    "chosen",
    "find_changes",
    "new_recipe",
    "read_before",
    "retrain",
]
