"""What prediction is measured with: clips, a dataset of them, and a model.

predict.py has a tiny one that was barely trained, gpu_predict.py one of random weights.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clips import MACHINES

from physprior.dialogue.templates import Templates
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder

if TYPE_CHECKING:
    from physprior.dataset.split import Fractions
    from physprior.vlm.load import LoadedModel

FEWEST = 4
"""Videos of a category: the simulator makes no fewer."""
_BATCH = 16


def prepare(chosen: argparse.Namespace, place: Path) -> tuple[Path, Path]:
    """The model, and the dataset whose test split is predicted: those at hand, or new ones."""
    if chosen.run is not None:
        return chosen.run, chosen.dataset
    started = time.perf_counter()
    _make_dataset(chosen, place)
    model = _train(chosen, place) if chosen.steps else _make_base(place)
    print(f"made what it needs in {time.perf_counter() - started:.0f} s", flush=True)
    return model, place / "dataset"


def _make_dataset(chosen: argparse.Namespace, place: Path) -> None:
    from clips import make_dataset

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
    _build(place, MACHINES, (0.5, 0.0, 0.5), workers)


def _build(place: Path, machines: Sequence[str], fractions: Fractions, workers: int) -> None:
    from physprior.dataset.compile import build

    build(
        place / "videos",
        place / "dataset",
        knowledge=load_knowledge(kb_folder()).only(machines),
        templates=Templates(templates_folder()),
        mode="multi_turn",
        fractions=fractions,
        workers=workers,
    )


def _make_base(place: Path) -> Path:
    from physprior.vlm.tiny import make_tiny

    knowledge = load_knowledge(kb_folder()).only(MACHINES)
    return make_tiny(place / "base", knowledge, Templates(templates_folder()))


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


def draw(chosen: argparse.Namespace, place: Path) -> tuple[LoadedModel, Path]:
    """Random weights of a shape, on the device, and a dataset of clips, all in its train split.

    They have learned nothing from it, and no clip is made for another split. There are as few
    categories as leave enough videos of each for the largest batch: a batch has one prompt.
    """
    import torch
    from clips import make_dataset
    from random_base import random_checkpoint, true_shape

    from physprior.vlm.checkpoint import load_tokenizing
    from physprior.vlm.load import LoadedModel

    number = max(1, min(len(MACHINES), chosen.videos // max(*chosen.batch_size, FEWEST)))
    machines, count = MACHINES[:number], math.ceil(chosen.videos / number)
    make_dataset(place, machines, count=count, height=chosen.height, workers=chosen.workers)
    _build(place, machines, (1.0, 0.0, 0.0), chosen.workers)
    config, tokenizer, processor = load_tokenizing(_make_base(place))
    if chosen.shape == "7b":
        config, processor = true_shape(config)
    drawn = random_checkpoint(config, tokenizer, processor, device=torch.device(chosen.device))
    return LoadedModel(drawn, None), place / "dataset"


def _quiet(*_: Any) -> None:
    """Says nothing of the work as it goes."""
