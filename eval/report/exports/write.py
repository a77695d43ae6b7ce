"""A report's files for other programs, written: JSON, CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from physprior import files
from physprior.eval.report.exports.ablation import table_3
from physprior.eval.report.exports.latex import document
from physprior.eval.report.exports.latex_tables import table_1, table_2
from physprior.eval.report.exports.record import record
from physprior.eval.report.exports.runs import ExportedRun, exported_runs
from physprior.eval.report.exports.spreadsheets import (
    categories_csv,
    training_csv,
    types_csv,
    videos_csv,
)
from physprior.eval.report.report import Report
from physprior.eval.report.scores_file import FILE_NAME as SCORES

CSV, LATEX = "csv", "tables"
"""The folders of comma-separated files and of LaTeX tables."""
_SPREADSHEETS = ("categories", "types", "videos", "training")
_TABLES = {"table1": table_1, "table2": table_2, "table3": table_3}
_DOCUMENT = "all"


def write_exports(
    report: Report, folder: Path, pages: Mapping[Path, str] | None = None
) -> list[Path]:
    """Write ``scores.json``, ``csv/`` and ``tables/`` into ``folder``; returns what was written.

    ``pages`` are written with them: all of these files, or none. A table that there is nothing for
    is not written, and that of an earlier report is removed, for it would be taken for this one's.
    Raises OutputError where the place cannot be written.
    """
    runs = exported_runs(report)
    made = {folder / SCORES: files.as_json(record(report))}
    made |= {folder / CSV / f"{name}.csv": text for name, text in _csv(report, runs).items()}
    made |= {folder / LATEX / f"{name}.tex": text for name, text in _latex(runs).items()}
    files.write_together(
        {path: text.encode() for path, text in ({**(pages or {}), **made}).items()}
    )
    _remove(path for path in _every(folder) if path not in made)
    return [*made]


def _csv(report: Report, runs: tuple[ExportedRun, ...]) -> dict[str, str]:
    found = {"training": training_csv(report)} if report.training else {}
    if not runs:
        return found
    return {
        "categories": categories_csv(runs),
        "types": types_csv(runs),
        "videos": videos_csv(report, runs),
        **found,
    }


def _latex(runs: tuple[ExportedRun, ...]) -> dict[str, str]:
    made = {name: table for name, make in _TABLES.items() if (table := make(runs)) is not None}
    comments = [
        "Needs \\usepackage{booktabs}. Made by 'physprior report' from:",
        *(f"{run.name}: {run.scores.predictions.path}" for run in runs),
    ]
    texts = {name: table.render(comments) for name, table in made.items()}
    return {**texts, _DOCUMENT: document(texts)} if texts else {}


def _every(folder: Path) -> list[Path]:
    """Every file that a report may have below ``csv`` and ``tables``."""
    return [
        *(folder / CSV / f"{name}.csv" for name in _SPREADSHEETS),
        *(folder / LATEX / f"{name}.tex" for name in (*_TABLES, _DOCUMENT)),
    ]


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with files.writing_to(path):
            path.unlink(missing_ok=True)
