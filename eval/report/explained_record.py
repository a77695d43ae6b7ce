"""Explanation scores as a part of an evaluation's JSON object: every number as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from physprior.eval.explanations.evaluation import (
    Explanations,
    JudgedTask,
    JudgeScores,
    Reasons,
    SbertScores,
)
from physprior.eval.explanations.means import Means, Summary
from physprior.eval.report.explained_words import readings


def explained(explanations: Explanations | None) -> dict[str, Any] | None:
    """The object; null where nothing lies beside the predictions."""
    if explanations is None:
        return None
    return {
        "sbert": sbert_record(explanations.sbert) if explanations.sbert else None,
        "judges": [judge_record(one) for one in explanations.judged],
        "readings": readings(explanations),
        "left_out": list(explanations.unfit),
    }


def sbert_record(found: SbertScores) -> dict[str, Any]:
    """The SBERT score of the predictions; ``eval sbert --json`` prints it, too."""
    result = found.result
    return {
        "file": str(found.path),
        "encoder": {"name": result.encoder_name, "hash": result.encoder_hash},
        "references": {"source": result.references_source, "hash": result.references_hash},
        "max": summary(found.best),
        "mean": summary(found.mean),
        "earned": summary(found.earned),
        "copied": {
            "categories": {name: asdict(one) for name, one in found.copied.items()},
            "macro": asdict(found.copied_macro),
            "pooled": asdict(found.copied_pooled),
        },
        "unscored": _reasons(found.unscored),
    }


def judge_record(found: JudgeScores) -> dict[str, Any]:
    """What one judge made of the predictions; ``eval judge --json`` prints it, too."""
    judged = found.judged
    return {
        "profile": found.profile,
        "file": str(judged.path),
        "header": judged.header.model_dump(mode="json"),
        "models": list(judged.models),
        "tasks": {task.task: _task(task) for task in found.tasks},
        "missing": judged.missing,
        "usage": asdict(judged.usage),
    }


def _task(task: JudgedTask) -> dict[str, Any]:
    return {
        "aspects": {name: summary(one) for name, one in task.aspects.items()},
        "earned": summary(task.earned),
        "agreement": asdict(task.agreement),
        "unscored": _reasons(task.unscored),
        "fewer": _reasons(task.fewer),
    }


def summary(found: Summary) -> dict[str, Any]:
    """The means of one score: value, n and interval of each group."""
    return {
        "categories": {name: _means(means) for name, means in found.categories.items()},
        "macro": _means(found.macro),
        "pooled": _means(found.pooled),
        "unscored": found.unscored,
    }


def _means(means: Means) -> dict[str, Any]:
    return {group: asdict(one) for group, one in means.items()}


def _reasons(unscored: Reasons) -> list[Mapping[str, str]]:
    return [{"id": video, "reason": reason} for video, reason in unscored]
