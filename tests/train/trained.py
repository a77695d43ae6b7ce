"""A trainer over the datasets of these tests, as a run makes it."""

from __future__ import annotations

from typing import Any

from accelerate import PartialState

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.train.fit import course_of
from physprior.train.material import gather
from physprior.train.recipe import Recipe
from physprior.train.trainer import DialogueTrainer, make_trainer
from physprior.vlm.checkpoint import Checkpoint


def trainer_of(recipe: Recipe, checkpoint: Checkpoint) -> DialogueTrainer:
    """The trainer of a recipe, on the checkpoint's own model."""
    recipe.out.mkdir(exist_ok=True)
    dataset = Dataset.open(recipe.dataset)
    processes = PartialState(cpu=True)
    material = gather(
        recipe,
        checkpoint,
        dataset,
        dataset.records("train"),
        processes,
        lambda done, total: None,
        lambda line: None,
    )
    course = course_of(recipe, checkpoint, material, processes, lambda done, total, said: None)
    return make_trainer(checkpoint.model, checkpoint.tokenizer, course)


def record_of(video: str, **changes: Any) -> Record:
    """A record that says little, of a video of this path: ``category/….mp4``."""
    fields = {
        "id": video.removesuffix(".mp4"),
        "video": video,
        "sha256": "0" * 64,
        "category": video.split("/")[0],
        "class": "normal",
        "label": 0,
        "instance": "",
        "split": "train",
        "mode": "multi_turn",
        "prompt_hash": "p",
        "reason_index": 0,
        "reason": "It moves.",
        "turns": (),
    }
    return Record.model_validate({**fields, **changes})
