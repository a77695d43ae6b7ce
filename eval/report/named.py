"""What a folder means where a report is asked for by it."""

from __future__ import annotations

import json
from pathlib import Path

from physprior.dataset.names import shown
from physprior.errors import PredictionError
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.report.training.record import is_run, read_run_file

_HEADER = 1 << 20
"""Most bytes that are looked at of a file that may be of anything."""


def predictions_of(folder: Path) -> list[Predictions]:
    """The test predictions that a run folder holds of its own run: none, or one.

    Raises PredictionError for a folder that is no run, naming the predictions in it, and for a run
    with several; CheckpointError for a run record that cannot be read.
    """
    named = {path: header for path in sorted(folder.glob("*.jsonl")) if (header := _header(path))}
    if not is_run(folder):
        inside = [path for path, header in named.items() if not header.get("control")]
        raise PredictionError(
            f"{folder} is no run folder: it has no run.json",
            remedy=f"name the predictions in it: {_listed(inside)}"
            if inside
            else "name predictions, or the folder that 'physprior train' has made",
        )
    own = read_run_file(folder).at("fingerprint")
    found = [
        path
        for path, header in named.items()
        if not header.get("control")
        and header.get("split") == "test"
        and header.get("run_fingerprint") == own
    ]
    if len(found) > 1:
        raise PredictionError(
            f"{folder} holds several predictions of the test split: {_listed(found)}",
            remedy="name the one that the report is about",
        )
    return [read_predictions(path) for path in found]


def _listed(paths: list[Path]) -> str:
    return ", ".join(shown(str(path)) for path in paths)


def _header(path: Path) -> dict[str, object]:
    """The header of a predictions file; empty where it is something else."""
    try:
        with path.open("rb") as stream:
            said = json.loads(stream.readline(_HEADER))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and said.get("kind") == "header" else {}
