"""The file by which an export folder is recognised: what made it, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior.dataset.export.form import Paths
from physprior.dataset.records import SplitName

EXPORT = "export.json"
"""The manifest's name."""
VIDEOS = "videos"
"""The folder that copied videos lie in."""


class Source(BaseModel):
    """What one category's dialogues were rendered from: hashes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entry: str
    """Hash of the KB entry's content."""
    template: str
    """Hash of the template."""
    prompt: str
    """Hash of the rendered dialogue before the verdict."""


class ExportManifest(BaseModel):
    """Everything about an export but its rows. It holds no time: same input, same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["physprior-export"] = "physprior-export"
    """Tells this file from others of its name."""
    format_version: Literal[1] = 1
    """Raised when this file changes so that older readers would go wrong."""
    physprior_version: str
    """The version of physprior that exported."""
    kind: str
    """The export's format: ``trl``, ``sharegpt``, ``llava``, ``parquet``."""
    paths: Paths
    """How the rows name their videos."""
    dataset: str
    """Hash of the dataset's manifest."""
    built_by: str
    """The version of physprior that built the dataset."""
    mode: str
    """The template's name."""
    protocol: str
    """The split protocol."""
    seed: int
    """The seed of the split."""
    split: str
    """Hash of the split."""
    videos: str
    """Hash over the paths and contents of the dataset's videos."""
    categories: dict[str, Source]
    """Category to what its dialogues were made from."""
    rows: dict[SplitName, int]
    """Exported split to its number of rows; a split with none has no file."""
    files: dict[str, str]
    """Name to hash of each file beside this one."""
    copied: tuple[str, ...]
    """The videos that lie in ``videos/``, where they were copied."""


def read_export(folder: Path) -> ExportManifest | None:
    """The manifest of an export folder; None where it is none."""
    try:
        return ExportManifest.model_validate_json((folder / EXPORT).read_bytes())
    except (OSError, ValidationError):
        return None
