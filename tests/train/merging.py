"""Finished runs to be merged, and the scores by which two models are held to be the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from physprior.dataset.folder import Dataset
from physprior.train.card import merged_card
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.merge import MergeReport, merge_run
from physprior.vlm.run_folder import read_run
from physprior.vlm.score import score_labels


def train_briefly(out: Path, **fields: Any) -> Path:
    """A run of three steps whose weights have moved far enough to be told from the base's."""
    brief = {
        "batch_size": 6,
        "learning_rate": 1e-2,
        "warmup": 0.0,
        "workers": 1,
        "validate_every": 0,
        "gradient_every": 0,
    }
    train(Recipe.model_validate({**brief, "out": out, **fields}))
    return out


def merge(run: Path, out: Path, **options: Any) -> MergeReport:
    """Merge as the command does."""
    return merge_run(
        run, out, write_card=lambda record, how: merged_card(run, record, how), **options
    )


def scores(model: Any, run: Path) -> list[float]:
    """The scores of two made-up videos, by whatever loaded the model."""
    record = read_run(run)
    encoder = load_checkpoint(record.base).encoder(record.sampling.frames)
    dialogue = Dataset.open(Path(record.dataset["folder"])).records("test")[0].dialogue()
    prefix, labels = encoder.labels(dialogue)
    torch.manual_seed(0)
    video = {"pixel_values_videos": torch.randn(2, 8, 3, 28, 28)}
    found = score_labels(model.eval(), [prefix] * 2, labels, video)
    return [score.log_odds for score in found]
