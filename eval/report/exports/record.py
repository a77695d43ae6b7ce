"""An evaluation as one JSON object: every number as it is, nothing rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from physprior.eval.report.controls import ControlRun
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.explained_record import explained
from physprior.eval.scoring import CategoryScores, Scores
from physprior.stats import Comparison, Estimate

FORMAT = 1
"""Version of the object's form."""


def record(evaluation: Evaluation) -> dict[str, Any]:
    """The object, as docs/evaluation.md describes it; null wherever a number has no meaning."""
    scores = evaluation.scores
    thresholds = scores.thresholds
    return {
        "format": FORMAT,
        **_run(scores),
        "thresholds": thresholds.model_dump(mode="json") if thresholds else None,
        "categories": [_category(one) for one in scores.categories],
        "pooled_calibration": _plain(scores.pooled_calibration),
        "beside": [
            {
                "name": name,
                **_run(other),
                "categories": [_category(one) for one in other.categories],
            }
            for name, other in zip(evaluation.names, evaluation.beside, strict=True)
        ],
        "controls": [_control(run) for run in evaluation.controls],
        "controls_left_out": list(evaluation.unfit_controls),
        "explanations": explained(evaluation.explanations),
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
