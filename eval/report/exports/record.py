"""A report as one JSON object: every number as it is, nothing rounded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from physprior.eval.compare_page import as_json
from physprior.eval.report.controls import ControlRun
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.explained_record import explained
from physprior.eval.report.exports.beyond import (
    confusion_record,
    data_record,
    published_record,
    severity_record,
    training_record,
)
from physprior.eval.report.report import Report
from physprior.eval.scoring import CategoryScores, Scores
from physprior.stats import Comparison, Estimate

FORMAT = 2
"""Version of the object's form, which ``scores.schema.json`` describes."""

_OF_A_RUN = (
    *("predictions", "header", "predicted", "unscored", "skipped", "missing", "parsing", "reread"),
    *("macro", "pooled", "macro_verdict_bounds", "pooled_verdict_bounds"),
)


def record(report: Report) -> dict[str, Any]:
    """The object, as docs/scores.md describes it; null wherever a number has no meaning.

    Of a report of training alone, what would come from predictions is null or empty.
    """
    found = {
        "format": FORMAT,
        **_evaluated(report.evaluation),
        "comparisons": as_json(report.comparisons)["comparisons"] if report.comparisons else [],
        "severity": severity_record(report.severity),
        "confusion": confusion_record(report.confusion),
        "training": list(map(training_record, report.training)),
        "data": data_record(report.data),
        "commands": list(report.commands),
        "not_shown": list(report.missing),
    }
    return {name: _writable(value) for name, value in found.items()}


def _writable(value: Any) -> Any:
    """The value as JSON in UTF-8 can hold it: no NaN, no infinity, no lone surrogate."""
    if isinstance(value, Mapping):
        return {_writable(name): _writable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _evaluated(evaluation: Evaluation | None) -> dict[str, Any]:
    scores = evaluation.scores if evaluation else None
    thresholds = scores.thresholds if scores else None
    name, *names = evaluation.all_names if evaluation else (None,)
    beside = evaluation.beside if evaluation else ()
    return {
        "name": name,
        **(_run(scores) if scores else dict.fromkeys(_OF_A_RUN)),
        "thresholds": thresholds.model_dump(mode="json") if thresholds else None,
        "categories": [_category(one) for one in scores.categories] if scores else [],
        "pooled_calibration": _plain(scores.pooled_calibration) if scores else None,
        "beside": [
            {
                "name": of_other,
                **_run(other),
                "categories": [_category(one) for one in other.categories],
            }
            for of_other, other in zip(names, beside, strict=True)
        ],
        "controls": [_control(run) for run in evaluation.controls] if evaluation else [],
        "controls_left_out": list(evaluation.unfit_controls) if evaluation else [],
        "explanations": explained(evaluation.explanations) if evaluation else None,
        "published": published_record(evaluation) if evaluation else [],
    }


def _run(scores: Scores) -> dict[str, Any]:
    file = scores.predictions
    return {
        "predictions": str(file.path),
        "header": file.header.model_dump(mode="json"),
        "predicted": scores.n,
        "unscored": scores.unscored,
        "skipped": [{"id": skip.id, "reason": skip.reason} for skip in file.skipped],
        "missing": file.missing,
        "parsing": {str(status): count for status, count in sorted(scores.parsing.items())},
        "reread": scores.reread,
        "macro": _measures(scores.macro),
        "pooled": _measures(scores.pooled),
        "macro_verdict_bounds": scores.macro_verdict_bounds,
        "pooled_verdict_bounds": scores.pooled_verdict_bounds,
    }


def _category(one: CategoryScores) -> dict[str, Any]:
    return {
        "category": one.category,
        "normal": one.normal,
        "anomalous": one.anomalous,
        "skipped": one.skipped,
        "unparsed": one.unparsed,
        "unscored": one.unscored,
        "threshold": one.threshold,
        "measures": _measures(one.measures),
        "verdict_bounds": one.verdict_bounds,
        "calibration": _plain(one.calibration),
        "mass": one.mass,
        "types": [_plain(found) for found in one.types],
    }


def _measures(found: Mapping[str, Estimate]) -> dict[str, Any]:
    return {name: asdict(one) for name, one in found.items()}


def _plain(found: Any) -> dict[str, Any] | None:
    return None if found is None else asdict(found)


def _control(run: ControlRun) -> dict[str, Any]:
    found = (*run.compared.categories, run.compared.macro)
    return {
        "control": run.name,
        "predictions": str(run.predictions.path),
        "wrong_priors": run.predictions.header.wrong_priors,
        "auroc": {one.name: asdict(one.other) for one in found},
        "difference": {one.name: _difference(one.ranking) for one in found},
        "reading": run.reading,
    }


def _difference(ranking: Comparison) -> dict[str, Any]:
    return {
        "value": ranking.difference,
        "interval": _plain(ranking.interval),
        "p": ranking.p,
        "method": ranking.method,
        "smallest_visible": ranking.smallest_visible,
        "n": ranking.n,
    }
