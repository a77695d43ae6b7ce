"""The run folder that predictions come from, where it is still there."""

from __future__ import annotations

from pathlib import Path

from physprior.errors import CheckpointError
from physprior.eval.predictions import Predictions
from physprior.eval.report.training.record import is_run, read_run_file
from physprior.eval.report.typed import places


def find_run(predictions: Predictions) -> Path | None:
    """The folder of the run that made these predictions; None where it is nowhere to be seen.

    The header's name is tried from here, and then from the folders above the predictions, for it is
    as someone typed it elsewhere. Only a run of the header's own fingerprint is taken.
    """
    header = predictions.header
    if header.run_fingerprint is None or not header.model:
        return None
    for folder in places(header.model, predictions.path):
        if _is_it(folder, header.run_fingerprint):
            return folder
    return None


def _is_it(folder: Path, fingerprint: str) -> bool:
    try:
        return is_run(folder) and read_run_file(folder).at("fingerprint") == fingerprint
    except (CheckpointError, OSError, ValueError):
        # ValueError: a header may name a path that no file system can have.
        return False
