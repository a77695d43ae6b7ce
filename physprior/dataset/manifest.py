"""The manifest of a dataset folder: what made it, what is in it, and by which hashes to know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior.dataset.grouping import Grouping
from physprior.dataset.index import Skipped
from physprior.dataset.leaks import LeakReport
from physprior.dataset.records import SplitName
from physprior.errors import DatasetError

MANIFEST = "manifest.json"
"""The file by which a dataset folder is recognised."""
FORMAT = "physprior-dataset"
FORMAT_VERSION = 2


class CategoryManifest(BaseModel):
    """What one category of a dataset was made from, and its counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry: str
    """Hash of the KB entry's content."""
    status: Literal["draft", "reviewed"]
    """Whether an engineer has read the entry through."""
    template: str
    """Hash of the template that rendered its dialogues."""
    prompt: str
    """Hash of the rendered dialogue before the verdict."""
    videos: str
    """Hash over its videos: path, class, instance and content."""
    split: str
    """Hash over its part of the split."""
    key: str
    """Hash over all that its records depend on: the hashes above, options, the records' version."""
    grouping: Grouping
    """What never straddles two splits: the videos of one instance, or single videos."""
    counts: dict[str, dict[SplitName, int]]
    """Class, then split, to the number of videos; a class without videos stands with zeros."""
    records: dict[str, int]
    """Class to the number of training records: more than videos with variants or balance."""


class Manifest(BaseModel):
    """Everything about a dataset but its records. It holds no time: same input, same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["physprior-dataset"] = "physprior-dataset"
    """Tells this file from others of its name."""
    format_version: Literal[2] = 2
    """Raised when records or manifest change so that older readers would go wrong."""
    physprior_version: str
    """The version of physprior that built it."""
    request: str
    """Hash over all that the build was given: where it is the same, there is nothing to build."""
    split_request: str
    """Hash over all that decides the split and what leaks across it."""
    mode: str
    """The template's name: how the prior is delivered."""
    seed: int
    """The seed of the split and of the choice of explanations."""
    protocol: str
    """The name of the split protocol."""
    note: str
    """What must be said along with any number that comes of this split."""
    fractions: tuple[float, float, float]
    """The parts of train, val and test that were asked for."""
    options: dict[str, Any]
    """All options of the split, by which it can be made again."""
    variants: int
    """Records of a training video, each with another explanation."""
    balance: bool
    """Whether normal and anomalous training records were made as many."""
    split: str
    """Hash of the split."""
    source: str
    """What it was built from, a folder or an index, relative to this folder."""
    source_hash: str
    """Hash of that index, by its bytes; empty for a folder."""
    videos_root: str
    """The videos' folder relative to this one, with forward slashes."""
    videos: str
    """Hash over all that is known of every video."""
    references: str
    """Hash over the sentences that are kept for scoring; none of them is in a record."""
    categories: dict[str, CategoryManifest]
    """Category id to what it was made from."""
    skipped: tuple[Skipped, ...]
    """Files that could not be used, with the reasons."""
    ignored: dict[str, int]
    """Files that are no videos by their names: ending to count."""
    duplicates: tuple[tuple[str, ...], ...]
    """Videos that are the same file; they are in one split unless a leak was waived."""
    notes: tuple[str, ...]
    """What else a person should know of the videos."""
    missing: tuple[tuple[str, str, str], ...]
    """Category, class and split where a class that has videos got none."""
    leaks: LeakReport
    """What the check for leaks found: waivers with their reasons, the nearest videos."""
    files: dict[str, str]
    """Name to hash of each file beside this one."""

    def record_files(self, split: SplitName) -> list[str]:
        """The names of a split's record files, in the order of the categories."""
        return sorted(name for name in self.files if name.startswith(f"{split}/"))


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
    version = format_version(folder)
    if version is not None and version != FORMAT_VERSION:
        older = version < FORMAT_VERSION
        raise DatasetError(
            f"{folder}: a dataset of format_version {version}; this physprior reads"
            f" {FORMAT_VERSION}",
            remedy="build it again: the same physprior build command replaces it"
            if older
            else "use the physprior that built it, or a later one",
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


def format_version(folder: Path) -> int | None:
    """The version of a dataset folder's format, whichever it is; None where it is no dataset."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    version = content.get("format_version")
    return version if isinstance(version, int) else None
