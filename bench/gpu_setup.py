"""What gpu_train.py measures with: dialogues of the KB about simulated clips, a shape, a recipe."""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clips import MACHINES, make_dataset
from random_base import true_shape

from physprior.dataset.folder import Dataset
from physprior.dialogue.templates import Templates
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder
from physprior.train.recipe import Recipe, read_recipe
from physprior.vlm.checkpoint import encoder_of, load_tokenizing, tokens_per_frame
from physprior.vlm.tiny import make_tiny


@dataclass(frozen=True)
class Setup:
    """What all runs share."""

    dataset: Dataset
    config: Any
    tokenizer: Any
    image_processor: Any
    lengths: tuple[float, float, int]
    """Mean tokens of a dialogue, how many of them are words, and tokens of the longest."""
    taught: float
    """Mean tokens of a dialogue that are taught."""


def prepare(chosen: argparse.Namespace, place: Path) -> Setup:
    """Make clips, dataset and tokenizer in ``place``; a tiny shape is a tiny base's own."""
    knowledge = load_knowledge(kb_folder()).only(MACHINES)
    made = make_dataset(
        place, MACHINES, count=chosen.clips, height=chosen.height, workers=chosen.workers
    )
    make_tiny(place / "tiny", knowledge, Templates(templates_folder()))
    config, tokenizer, processor = load_tokenizing(place / "tiny")
    if chosen.shape == "7b":
        config, processor = true_shape(config)
    dataset, frames = Dataset.open(made), 8
    encoder = encoder_of(config, tokenizer, frames)
    dialogues = [record.dialogue() for record in dataset.records("train")]
    encoded = [encoder.dialogue(dialogue) for dialogue in dialogues]
    sizes = [len(one.input_ids) for one in encoded]
    tokens = statistics.mean(sizes)
    taught = statistics.mean(sum(map(bool, one.kinds)) for one in encoded)
    words = tokens - frames * tokens_per_frame(config)
    return Setup(dataset, config, tokenizer, processor, (tokens, words, max(sizes)), taught)


def recipe_of(chosen: argparse.Namespace, place: Path, tuning: str) -> Recipe:
    """The shipped recipe for the 7B with every batch a step, and nothing beside the steps."""
    fields = {
        "dataset": place / "dataset",
        "out": place / "runs",
        "cache": place / "cache",
        "epochs": 1,
        "gradient_accumulation": 1,
        "gradient_checkpointing": str(not chosen.no_checkpointing).lower(),
        "validate_every": 0,
        "gradient_every": 0,
        "save_every": 10**6,
        "workers": chosen.workers,
    }
    return read_recipe(f"video_llava_7b_{tuning}", [f"{name}={v}" for name, v in fields.items()])
