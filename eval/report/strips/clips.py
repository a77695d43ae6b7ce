"""Which file each video of a report is, and by which hash its frames are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from physprior import fingerprint
from physprior.dataset.folder import Dataset
from physprior.dataset.manifest import MANIFEST
from physprior.dataset.records import SplitName
from physprior.errors import DatasetError
from physprior.eval.predictions import Header
from physprior.eval.report.cards.card import Card
from physprior.vlm.clip_frames import Clip


@dataclass
class Clips:
    """The videos of a report."""

    clips: dict[str, Clip] = field(default_factory=dict)
    """By card id; the files need not be there."""
    missing: dict[str, str] = field(default_factory=dict)
    """Card id to why it is not known which file it is."""
    root: Path | None = None
    """The videos' folder."""
    changed: str = ""
    """Why the videos may be others than those that the model saw; empty where they are the same."""


def find_clips(
    cards: Sequence[Card],
    header: Header,
    *,
    dataset: Path | None,
    videos: Path | None,
    progress: Callable[[int, int], None],
) -> Clips:
    """The videos of ``cards`` by the dataset's records; without a dataset, by the files alone.

    ``progress`` is told (files read, files) where they must be read to be known. Raises
    DatasetError where ``dataset`` is named and cannot be used.
    """
    folder = dataset or Path(header.dataset)
    try:
        opened = Dataset.open(folder, videos_root=videos)
        records = {one.id: one for one in opened.records(cast(SplitName, header.split))}
    except (DatasetError, OSError) as error:
        if dataset is not None:
            raise
        why = error.message if isinstance(error, DatasetError) else str(error)
        return _by_files(cards, videos, why, progress)
    root = opened.videos_root
    found = Clips(root=root)
    if fingerprint.of_file(opened.folder / MANIFEST) != header.dataset_hash:
        found.changed = "the dataset was built again since the model was asked"
    for card in cards:
        if record := records.get(card.id):
            found.clips[card.id] = Clip(root / record.video, record.sha256)
        else:
            found.missing[card.id] = f"{header.split} of the dataset has no such video any more"
    return found


def _by_files(
    cards: Sequence[Card], videos: Path | None, why: str, progress: Callable[[int, int], None]
) -> Clips:
    if videos is None:
        return Clips(missing=dict.fromkeys((card.id for card in cards), why))
    found = Clips(root=videos, changed="nobody can tell whether the videos are as they were")
    for done, card in enumerate(cards, 1):
        path = videos / card.video
        try:
            if not path.resolve().is_relative_to(videos.resolve()):
                raise OSError("it is not in the videos' folder")
            found.clips[card.id] = Clip(path, fingerprint.of_file(path))
        except OSError as error:
            found.missing[card.id] = f"the video cannot be read: {error.strerror or error}"
        progress(done, len(cards))
    return found
