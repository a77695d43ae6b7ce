"""What a project reads of the record that training leaves in a run folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_RUN_FILE = "run.json"


def holds_run(folder: Path) -> bool:
    """Whether a folder is a run folder."""
    return (folder / _RUN_FILE).is_file()


def has_finished(run: Path) -> bool:
    """Whether a run's record says that it has finished."""
    return _record(run).get("state") == "finished"


def trained_on(run: Path) -> str:
    """The hash of the manifest of the dataset that a run was trained on; empty if unknown."""
    dataset = _record(run).get("dataset")
    return str(dataset.get("manifest", "")) if isinstance(dataset, dict) else ""


def _record(run: Path) -> dict[str, Any]:
    """A run folder's record; empty where it cannot be read, which training and prediction tell."""
    try:
        said = json.loads((run / _RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
