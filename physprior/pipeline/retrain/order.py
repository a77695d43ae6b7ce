"""What a retraining is asked for, and the run that it starts from with what that was made of."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from physprior import fingerprint
from physprior.dataset.folder import Dataset
from physprior.dataset.manifest import MANIFEST
from physprior.errors import CheckpointError, DatasetError

if TYPE_CHECKING:
    from physprior.vlm.run_folder import RunRecord

Progress = Callable[..., None]
"""Called with (what is done, done, total) and, while training, what is known so far."""
Say = Callable[[str], None]
"""Told a line for people."""
SUFFIX = "-retrained"
"""What the new run's folder is called after the old one's name, unless it is named."""


@dataclass(frozen=True)
class RetrainOrder:
    """What to retrain, from what, and where everything goes."""

    run: Path
    """The finished run to start from; it is left as it is."""
    out: Path | None = None
    """The new run's folder; the old one's name with ``-retrained`` if None."""
    kb: Path | None = None
    """Folder of KB entries; the shipped KB if None."""
    templates: Path | None = None
    """Folder of dialogue templates; the shipped ones if None."""
    videos: Path | None = None
    """Where the videos are now (folder, list, index); where the run's dataset had them if None."""
    dataset: Path | None = None
    """Where the run's dataset is now; where the run had it if None."""
    rehearse: float = 0.25
    """Share of the videos of every other category that is trained on as well."""
    epochs: float | None = None
    """How often every chosen video is seen; as often as in the run if None."""
    overrides: tuple[str, ...] = ()
    """Further fields of the recipe, as ``--set`` gives them."""
    split: Literal["val", "test"] = "val"
    """The split that old and new are compared on."""
    cache: Path | None = None
    """Where decoded frames are kept; where the run kept them if None."""
    batch_size: int = 16
    """Videos on the device at once while old and new are compared."""
    workers: int = 2
    """Processes that look at videos and decode them."""

    @property
    def new_run(self) -> Path:
        """The new run's folder."""
        return self.out or self.run.with_name(self.run.resolve().name + SUFFIX)

    @property
    def new_dataset(self) -> Path:
        """The new run's dataset: beside it, since a run folder is training's own."""
        return self.new_run.with_name(self.new_run.name + "-dataset")

    @property
    def split_file(self) -> Path:
        """The split that is held fast, where the old options alone would not give it again."""
        return self.new_run.with_name(self.new_run.name + "-split.json")

    def predictions(self, who: str) -> Path:
        """The file of one model's answers on the compared split."""
        return self.new_run / "retrain" / f"{who}-{self.split}.jsonl"


@dataclass(frozen=True)
class Before:
    """A finished run, and the dataset that it was trained on, as it was then."""

    folder: Path
    """The run folder."""
    record: RunRecord
    """Its record."""
    dataset: Dataset
    """Its dataset."""
    place: Path
    """Where the videos are looked for now: a folder, a list or an index."""

    @property
    def trained(self) -> frozenset[str]:
        """The categories that the run, or a run before it, has been trained on."""
        # A run's prompts are also those of the run that it continued from.
        return frozenset(self.dataset.manifest.categories.keys() & self.record.prompts.keys())


def read_before(order: RetrainOrder) -> Before:
    """The run that is to be retrained.

    Raises CheckpointError where there is no finished run, DatasetError where its dataset or its
    videos are gone, or where the dataset has been built anew since.
    """
    record = _read_finished(order.run)
    folder = order.dataset or Path(record.dataset["folder"])
    moved = "name the folder where it is now with --dataset"
    if not (folder / MANIFEST).is_file():
        raise DatasetError(
            f"{folder}: the dataset of {order.run} is not there",
            remedy=f"{moved}; what has changed since is found by comparing with it",
        )
    if fingerprint.of_file(folder / MANIFEST) != record.dataset["manifest"]:
        raise DatasetError(
            f"{folder}: not the dataset that {order.run} was trained on: it was built anew since",
            remedy=f"{moved}, or build it once more with the KB, templates and videos of then;"
            " a retraining builds one of its own and leaves that one as it is",
        )
    root = record.recipe.get("videos")
    dataset = Dataset.open(folder, videos_root=Path(root) if root else None)
    return Before(order.run, record, dataset, _find_videos(order, dataset))


def _read_finished(folder: Path) -> RunRecord:
    from physprior.vlm.run_folder import is_run, read_run

    if not is_run(folder):
        raise CheckpointError(
            f"{folder}: not a run folder", remedy="name a folder that physprior train has made"
        )
    record = read_run(folder)
    if record.state != "finished":
        raise CheckpointError(
            f"the run {folder} has not finished",
            remedy="give the command that began it again: it goes on where it stopped",
        )
    return record


def _find_videos(order: RetrainOrder, dataset: Dataset) -> Path:
    source = Path(os.path.normpath(dataset.folder / dataset.manifest.source))
    # The dataset may have been built elsewhere: the run's recipe then says where videos lie.
    places = [order.videos] if order.videos else [source, dataset.videos_root]
    for place in places:
        if place.exists():
            return place
    raise DatasetError(
        f"{places[0]}: the videos are not there",
        remedy="name the folder, list or index that holds them now with --videos",
    )
