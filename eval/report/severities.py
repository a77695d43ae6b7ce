"""How severe the failure in each video is, from the sidecars beside the videos."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from physprior.dataset.manifest import read_manifest
from physprior.dataset.names import shown
from physprior.dataset.sidecars import find_sidecars
from physprior.errors import DatasetError
from physprior.eval.predictions import Predictions

_KEY = "severity"


@dataclass(frozen=True, eq=False)
class Severities(Mapping[str, float]):
    """Video id to the severity of its failure, 0 to 1; a mapping, with what could not be read."""

    by_id: Mapping[str, float] = field(default_factory=dict)
    """Anomalous videos alone, skipped ones too."""
    ignored: tuple[str, ...] = ()
    """Videos whose sidecar is damaged, or says what no severity is, each with why."""
    missing: tuple[str, ...] = ()
    """What could not be looked at, and what would bring it, each in a sentence."""

    def __getitem__(self, video: str) -> float:
        return self.by_id[video]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_id)

    def __len__(self) -> int:
        return len(self.by_id)


def read_severities(
    predictions: Predictions, dataset: Path | None = None, videos: Path | None = None
) -> Severities:
    """The severities of a file's anomalous videos: the key ``severity`` of the JSON beside each.

    ``videos`` is the folder that the videos' paths are relative to; without it that of ``dataset``,
    or of the dataset that the predictions name. A collection that says no severity has none, and
    nothing is missing. Raises DatasetError where ``dataset`` is named and cannot be read.
    """
    lines = [one for one in (*predictions.predictions, *predictions.skipped) if one.label]
    ids = {one.video: one.id for one in lines if _below(one.video)}
    if not ids:
        return Severities()
    root = videos or videos_root(predictions, dataset)
    if root is None or not os.path.isdir(root):
        lost = f"the dataset {predictions.header.dataset}" if root is None else str(root)
        return Severities(
            missing=(
                f"Severity: {shown(lost)} is not here to be read, and so nobody can tell whether "
                "the videos say it; name their folder with --videos.",
            )
        )
    return _read(ids, root)


def _below(video: str) -> bool:
    """Whether a path stays below the folder that it is relative to."""
    return not video.startswith("/") and ".." not in video.split("/")


def videos_root(predictions: Predictions, dataset: Path | None) -> Path | None:
    """Where the videos are to lie; None where the dataset that the predictions name is lost.

    Raises DatasetError where ``dataset`` is named and cannot be read.
    """
    folder = dataset or Path(predictions.header.dataset)
    try:
        return (folder.resolve() / read_manifest(folder).videos_root).resolve()
    except (DatasetError, OSError, ValueError):
        if dataset is not None:
            raise
        return None


def _read(ids: Mapping[str, str], root: Path) -> Severities:
    found, ignored = {}, []
    for video, said in find_sidecars(ids, root):
        if isinstance(said, str):
            ignored.append(shown(f"{ids[video]}: {said}"))
        elif said.get(_KEY) is not None:
            severity = said[_KEY]
            if _usable(severity):
                found[ids[video]] = float(severity)
            else:
                ignored.append(shown(f"{ids[video]}: its severity is no number from 0 to 1"))
    return Severities(found, tuple(ignored))


def _usable(severity: Any) -> bool:
    # True would pass for 1; NaN is in no range.
    return type(severity) in (int, float) and 0 <= severity <= 1
