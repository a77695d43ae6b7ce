"""What a report's JSON object holds beside scores: severity, confusion, training, published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from physprior.eval.confusion import Confusion
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.published import BesideRow, PublishedBeside, published_tables
from physprior.eval.report.severity import Severity
from physprior.eval.report.training import TrainingRun


def severity_record(severity: Severity | None) -> dict[str, Any] | None:
    """AUROC by range of severity; null where the data has none."""
    if severity is None:
        return None
    return {
        "without": severity.without,
        "bins": [
            {
                "low": one.low,
                "high": one.high,
                "normal": one.normal,
                "anomalous": one.anomalous,
                "macro": asdict(one.macro),
                "found": asdict(one.found) if one.found else None,
                "categories": {name: asdict(found) for name, found in one.categories},
            }
            for one in severity.bins
        ],
    }


def confusion_record(confusion: Confusion | None) -> dict[str, Any] | None:
    """What the explanations speak of, by what the videos show; null where nobody has looked."""
    if confusion is None:
        return None
    return {
        "by": confusion.by,
        "categories": [
            {
                "category": one.category,
                "classes": [
                    {
                        "class": name,
                        "spoken": dict(zip(one.classes, counts, strict=False)),
                        "spoken_none": counts[-1],
                        "called_normal": normal,
                        "called_anomalous": anomalous,
                    }
                    for name, counts, normal, anomalous in zip(
                        one.classes, one.counts, one.normal, one.anomalous, strict=True
                    )
                ],
            }
            for one in confusion.categories
        ],
    }


def training_record(run: TrainingRun) -> dict[str, Any]:
    """How a training ended: the last value of all that it logged."""
    return {
        "folder": str(run.folder),
        "state": run.state,
        "kept_step": run.kept_step,
        "kept_why": run.kept_why,
        "last": {
            name: {"step": series.steps[-1], "value": series.last}
            for name, series in run.series.items()
            if series.steps
        },
        "facts": _facts(run.facts),
        "missing": list(run.missing),
    }


def data_record(data: Sequence[tuple[str, tuple[tuple[str, str], ...]]]) -> list[dict[str, Any]]:
    """The groups of facts, in their order."""
    return [{"title": title, "facts": _facts(facts)} for title, facts in data]


def _facts(facts: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in facts]


def published_record(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Published figures of the measured categories, each table saying that it is published."""
    return [_published(one) for one in published_tables(evaluation)]


def _published(one: PublishedBeside) -> dict[str, Any]:
    return {
        "published": one.published,
        "id": one.id,
        "title": one.title,
        "source": one.source,
        "table": one.number,
        "metric": one.metric,
        "note": one.note,
        "systems": list(one.systems),
        "categories": {row.name: _figures(row) for row in one.rows if any(row.printed)},
        "averaged": list(one.averaged),
        "average": _figures(one.average),
        "average_as_printed": _figures(one.as_printed),
    }


def _figures(row: BesideRow) -> list[float | None]:
    return [None if figure is None else float(figure) for figure in row.printed]
