"""Where the numbers come from: training, data, and what reproduces them."""

from __future__ import annotations

from typing import Any

from physprior.eval.report.facts import counted, facts, left_out
from physprior.eval.report.report import Report
from physprior.eval.report.training import training_charts, training_tables

Context = dict[str, Any]


def training(report: Report) -> Context | None:
    """Each run's curves, tables and facts."""
    runs = [(run, training_charts(run), training_tables(run)) for run in report.training]
    return {"runs": runs} if runs else None


def data(report: Report) -> Context | None:
    """What was predicted by what, what was left out, and the commands."""
    evaluation = report.evaluation
    groups = list(report.data)
    if evaluation is not None:
        # What the groups say of model, dataset and versions is said once.
        found = counted(evaluation) if groups else facts(evaluation)
        groups.insert(0, ("What was predicted", tuple(found)))
    lists = left_out(evaluation) if evaluation is not None else []
    if not (groups or lists or report.commands):
        return None
    return {"groups": groups, "commands": report.commands, "left_out": lists}
