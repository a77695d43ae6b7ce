"""The runs that are exported, each under a name of its own that all files share."""

from __future__ import annotations

from dataclasses import dataclass

from physprior.eval.explanations.evaluation import Explanations, load_explanations
from physprior.eval.report.report import Report
from physprior.eval.scoring import Scores


@dataclass(frozen=True)
class ExportedRun:
    """One run of a report."""

    name: str
    """A short name, another for each run of the report."""
    scores: Scores
    explanations: Explanations | None
    """None where no explanation scores lie beside its predictions."""


def exported_runs(report: Report) -> tuple[ExportedRun, ...]:
    """The report's own run first, then those beside it; nothing where only training is shown.

    Explanation scores of the runs beside are read from the files that lie beside theirs.
    """
    evaluation = report.evaluation
    if evaluation is None:
        return ()
    own, others = evaluation.scores, evaluation.beside
    explained = (evaluation.explanations, *(load_explanations(one.predictions) for one in others))
    return tuple(map(ExportedRun, evaluation.all_names, (own, *others), explained))
