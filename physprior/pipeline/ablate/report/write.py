"""Making the report: everything is read, then all its files are written together."""

from __future__ import annotations

from pathlib import Path

import physprior
from physprior import files
from physprior.eval.predictions import Predictions
from physprior.eval.published import read_table
from physprior.pipeline.ablate.report.asked import Asked, ask_all
from physprior.pipeline.ablate.report.figure import draw
from physprior.pipeline.ablate.report.graded import grade_all
from physprior.pipeline.ablate.report.layout import find_layout
from physprior.pipeline.ablate.report.model import PAPER, Row, Summary
from physprior.pipeline.ablate.report.page import markdown
from physprior.pipeline.ablate.report.paired import (
    against_reference,
    against_untrained,
    generated_against_given,
)
from physprior.pipeline.ablate.report.rows import make_rows
from physprior.pipeline.ablate.report.told import tell_all
from physprior.pipeline.ablate.report.trained import read_trained
from physprior.pipeline.ablate.report.warned import missing, warnings
from physprior.pipeline.ablate.report.words import conclusions

SUMMARY, PAGE = "summary.json", "ablation.md"


def summarise(folder: Path) -> Summary:
    """Report on a study's folder: writes summary.json, ablation.md, ablation.svg and .png into it.

    Only the study's own files are read, and the same files give the same bytes. What is missing is
    left out and named. Raises PredictionError where no arm has a prediction, and for a predictions
    file that is damaged or contradicts another; OutputError where the report cannot be written.
    """
    summary = read_summary(folder)
    pictures = {folder / name: data for name, data in draw(summary).items()}
    files.write_together(
        {
            folder / SUMMARY: files.as_json(summary.model_dump(mode="json")).encode("utf-8"),
            folder / PAGE: markdown(summary).encode("utf-8"),
            **pictures,
        }
    )
    return summary


def read_summary(folder: Path) -> Summary:
    """The same without writing anything."""
    layout = find_layout(folder)
    asked, empty = ask_all(layout)
    rows, unfit = make_rows(asked)
    told, unchosen = tell_all(asked, layout)
    trained, unread = read_trained(asked, layout)
    severity, ungraded = grade_all(asked, layout)
    differences = against_reference(asked)
    histories, references = generated_against_given(asked), against_untrained(asked)
    found = (*empty, *unfit, *unread, *unchosen, *missing(asked, rows, told), *ungraded)
    return Summary(
        physprior=physprior.__version__,
        study=folder.resolve().name,
        rows=rows,
        differences=differences,
        histories=histories,
        references=references,
        told=told,
        trained=trained,
        severity=severity,
        published=_published(rows),
        conclusions=tuple(conclusions(differences, histories, references, told, rows)),
        warnings=tuple(_below(line, folder) for line in warnings(asked, rows, trained)),
        missing=tuple(dict.fromkeys(_below(line, folder) for line in found)),
        made_from=_made_from(asked, folder),
    )


def _published(rows: tuple[Row, ...]) -> dict[str, str]:
    """The averages that the paper prints of the arms that are here."""
    table = read_table("icassp-3")
    printed = dict(zip(PAPER, table.averages, strict=True))
    here = {one.name for one in rows if one.kind == "arm"}
    return {name: value for name, value in printed.items() if name in here}


def _made_from(asked: tuple[Asked, ...], folder: Path) -> dict[str, str]:
    every: list[Predictions] = [file for one in asked for file in one.files]
    named = {str(file.path.relative_to(folder)): file.header.fingerprint for file in every}
    return dict(sorted(named.items()))


def _below(line: str, folder: Path) -> str:
    """The study's own folder is not named: it may be moved, and its report stays the same."""
    return line.replace(f"{folder}/", "")
