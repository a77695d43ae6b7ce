"""The manifest of a dataset folder: what made it, what is in it, and by which hashes to know it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior.dataset.grouping import Grouping
from physprior.dataset.index import Skipped
from physprior.errors import DatasetError

MANIFEST = "manifest.json"
"""The file by which a dataset folder is recognised."""


class CategoryManifest(BaseModel):
    """What one category of a dataset was made from, and its counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry: str
    """Hash of the KB entry's content."""
    template: str
    """Hash of the template that rendered its dialogues."""
    prompt: str
    """Hash of the rendered dialogue before the verdict."""
    grouping: Grouping
    """What never straddles two splits: the videos of one instance, or single videos."""
    counts: dict[str, dict[str, int]]
    """Class, then split, to the number of videos; a class without videos stands with zeros."""


class Manifest(BaseModel):
    """Everything about a dataset but its records. It holds no time: same input, same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["physprior-dataset"] = "physprior-dataset"
    """Tells this file from others of its name."""
    format_version: Literal[1] = 1
    """Raised when records or manifest change so that older readers would go wrong."""
    physprior_version: str
    """The version of physprior that built it."""
    mode: str
    """The template's name: how the prior is delivered."""
    seed: int
    """The seed of the split and of the choice of explanations."""
    protocol: str
    """The name of the split protocol."""
    fractions: tuple[float, float, float]
    """The parts of train, val and test that were asked for."""
    split: str
    """Hash of the split."""
    videos_root: str
    """The videos' folder relative to this one, with forward slashes."""
    videos: str
    """Hash over every video's path and content."""
    categories: dict[str, CategoryManifest]
    """Category id to what it was made from."""
    skipped: tuple[Skipped, ...]
    """Files that could not be used, with the reasons."""
    ignored: dict[str, int]
    """Files that are no videos by their names: ending to count."""
    duplicates: tuple[tuple[str, ...], ...]
    """Videos with the same content, which were kept in one split."""
    missing: tuple[tuple[str, str, str], ...]
    """Category, class and split where a class that has videos got none."""
    files: dict[str, str]
    """Name to hash of each file beside this one."""


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a dataset folder.

    Raises DatasetError where the folder is missing, is no dataset, or is of another version.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise DatasetError(
            f"{folder}: not a dataset: there is no {MANIFEST} in it",
            remedy="name a folder that physprior build has made",
        )
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(step) for step in problem["loc"])
        raise DatasetError(
            f"{path}: not the manifest of a dataset of this version: $.{where}: {problem['msg']}",
            remedy="build the dataset again with physprior build",
        ) from error
