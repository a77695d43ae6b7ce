"""What predict.py measures with: clips, a dataset of them, and a model that was barely trained."""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

from clips import MACHINES

from physprior.dialogue.templates import Templates
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder, templates_folder

_BATCH = 16


def prepare(chosen: argparse.Namespace, place: Path) -> tuple[Path, Path]:
    """The model, and the dataset whose test split is predicted: those at hand, or new ones."""
    if chosen.run is not None:
        return chosen.run, chosen.dataset
    started = time.perf_counter()
    _make_dataset(chosen, place)
    if chosen.shape == "7b":
        model = _random_7b(chosen, place)
    else:
        model = _train(chosen, place) if chosen.steps else _make_base(place)
    print(f"made what it needs in {time.perf_counter() - started:.0f} s", flush=True)
    return model, place / "dataset"


def _knowledge() -> KnowledgeBase:
    return load_knowledge(kb_folder()).only(MACHINES)


def _make_dataset(chosen: argparse.Namespace, place: Path) -> None:
    from clips import make_dataset

    from physprior.dataset.compile import build
    from physprior.simulate import Options, simulate

    # Half of them train the model.
    count, workers = max(8, math.ceil(2 * chosen.videos / len(MACHINES))), chosen.workers
    if chosen.height:
        make_dataset(place, MACHINES, count=count, height=chosen.height, workers=workers)
    else:
        simulate(
            place / "videos",
            Options(categories=MACHINES, count=count),
            workers=workers,
            progress=_quiet,
        )
    build(
        place / "videos",
        place / "dataset",
        knowledge=_knowledge(),
        templates=Templates(templates_folder()),
        mode="multi_turn",
        fractions=(0.5, 0.0, 0.5),
        workers=workers,
    )


def _make_base(place: Path) -> Path:
    from physprior.vlm.tiny import make_tiny

    return make_tiny(place / "base", _knowledge(), Templates(templates_folder()))


def _train(chosen: argparse.Namespace, place: Path) -> Path:
    from physprior.dataset.folder import Dataset
    from physprior.train.recipe import read_recipe
    from physprior.train.run import train

    in_epoch = math.ceil(len(Dataset.open(place / "dataset").records("train")) / _BATCH)
    fields: dict[str, Any] = {
        "base": _make_base(place),
        "dataset": place / "dataset",
        "out": place / "run",
        "cache": place / "training",
        "batch_size": _BATCH,
        "epochs": chosen.steps / in_epoch,
        "validate_every": 0,
        "gradient_every": 0,
        "save_every": 10**6,
        "workers": chosen.workers,
    }
    settings = [f"{name}={json.dumps(value, default=str)}" for name, value in fields.items()]
    train(read_recipe("tiny_random", settings))
    return place / "run"


def _random_7b(chosen: argparse.Namespace, place: Path) -> Path:
    """A checkpoint in files: prediction loads its model itself."""
    import torch
    from random_base import random_checkpoint
    from transformers import VideoLlavaImageProcessor

    from physprior.vlm.checkpoint import load_tokenizing
    from physprior.vlm.shapes import video_llava_7b

    tiny, tokenizer, _ = load_tokenizing(_make_base(place))
    config = video_llava_7b()
    # The tokenizer's own numbers: which rows of the embeddings are used changes no figure.
    config.image_token_index = tiny.image_token_index
    config.video_token_index = tiny.video_token_index
    processor, device = VideoLlavaImageProcessor(), torch.device(chosen.device)
    drawn = random_checkpoint(config, tokenizer, processor, device=device)
    for part in (drawn.model, tokenizer, processor):
        part.save_pretrained(place / "random")
    return place / "random"


def _quiet(*_: Any) -> None:
    """Says nothing of the work as it goes."""
