"""``scores.json``: every number of a report, for other programs."""

from __future__ import annotations

from pathlib import Path

from physprior import files
from physprior.eval.report.exports.record import record
from physprior.eval.report.report import Report

FILE_NAME = "scores.json"


def write_scores(report: Report, folder: Path) -> Path:
    """Write ``scores.json`` into ``folder``; returns its path.

    Raises OutputError where it cannot be written.
    """
    path = folder / FILE_NAME
    files.write_json(path, record(report))
    return path
