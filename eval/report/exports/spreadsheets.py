"""The numbers of a report as rows: by category, by anomaly type, by video, and of the training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from physprior.eval.compare import MACRO, POOLED
from physprior.eval.report.exports.comma import Cell, comma_separated
from physprior.eval.report.exports.runs import ExportedRun
from physprior.eval.report.report import Report
from physprior.eval.scoring.answers import Answer, read_all
from physprior.eval.scoring.model import MEASURES, CategoryScores
from physprior.stats import Estimate

_ESTIMATE = ("", "_low", "_high", "_n")
_COUNTS = ("normal", "anomalous", "skipped", "unparsed", "unscored")
_OF_TYPE = ("auroc", "recall", "verdict_recall")
_VIDEO = ("run", "id", "video", "category", "class", "label", "instance", "severity", "skipped")
_SAID = (
    *("score", "threshold", "above", "words", "right", "log_normal", "log_anomalous", "mass"),
    *("truncated", "spoken_class", "text", "description"),
)


def categories_csv(runs: tuple[ExportedRun, ...]) -> str:
    """A row for each category of each run, then its macro average and all videos pooled."""
    heads = ("run", "category", *_COUNTS, "threshold", *_estimate_heads(MEASURES))
    return comma_separated(heads, chain.from_iterable(map(_category_rows, runs)))


def types_csv(runs: tuple[ExportedRun, ...]) -> str:
    """A row for each anomaly type of each run, against the normal videos of its category."""
    heads = ("run", "category", "class", *_COUNTS[:4], *_estimate_heads(_OF_TYPE))
    rows = (
        [
            *(run.name, one.category, found.class_id),
            *(getattr(found, name) for name in _COUNTS[:4]),
            *_estimates({name: getattr(found, name) for name in _OF_TYPE}),
        ]
        for run in runs
        for one in run.scores.categories
        for found in one.types
    )
    return comma_separated(heads, rows)


def videos_csv(report: Report, runs: tuple[ExportedRun, ...]) -> str:
    """A row for each video of each run, the skipped ones last, with its explanation scores."""
    marks = {run.name: _marks(run) for run in runs}
    names = tuple(dict.fromkeys(name for found in marks.values() for name in found))
    severities = {card.id: card.severity for card in report.deck.cards} if report.deck else {}
    spoken = report.confusion.spoken if report.confusion else {}
    rows: list[list[Cell]] = []
    for run in runs:
        own = [marks[run.name].get(name, {}) for name in names]
        rows += _video_rows(run, severities, {} if rows else spoken, own)
    return comma_separated((*_VIDEO, *_SAID, *names), rows)


def training_csv(report: Report) -> str:
    """A row for each logged value: the run's folder, what was measured, the step, the value."""
    rows = (
        (str(run.folder), name, step, value)
        for run in report.training
        for name, series in run.series.items()
        for step, value in zip(series.steps, series.values, strict=True)
    )
    return comma_separated(("run_folder", "series", "step", "value"), rows)


def _category_rows(run: ExportedRun) -> Iterator[list[Cell]]:
    scores = run.scores
    for one in scores.categories:
        counts = (getattr(one, name) for name in _COUNTS)
        yield [run.name, one.category, *counts, one.threshold, *_estimates(one.measures)]
    for name, measures in ((MACRO, scores.macro), (POOLED, scores.pooled)):
        counts = (_total(scores.categories, of) for of in _COUNTS)
        yield [run.name, name, *counts, None, *_estimates(measures)]


def _total(categories: tuple[CategoryScores, ...], name: str) -> int | None:
    found: list[int | None] = [getattr(one, name) for one in categories]
    known = [one for one in found if one is not None]
    return sum(known) if known else None


def _estimate_heads(measures: Iterable[str]) -> list[str]:
    return [f"{name}{end}" for name in measures for end in _ESTIMATE]


def _estimates(measures: Mapping[str, Estimate]) -> list[Cell]:
    return [
        cell
        for found in measures.values()
        for cell in (
            found.value,
            found.interval.low if found.interval else None,
            found.interval.high if found.interval else None,
            found.n,
        )
    ]


Marks = Mapping[str, float | None]


def _marks(run: ExportedRun) -> dict[str, Marks]:
    """By the column's name, the explanation scores of a run's videos."""
    found = run.explanations
    if found is None:
        return {}
    made: dict[str, Marks] = {}
    if found.sbert is not None:
        made["sbert"] = found.sbert.result.values("max")
    for judge in found.judged:
        for task in judge.tasks:
            name = f"{judge.profile}_{task.task}".replace("-", "_")
            made[name] = judge.judged.values("score", task.task)
    return made


def _video_rows(
    run: ExportedRun,
    severities: Mapping[str, float | None],
    spoken: Mapping[str, str | None],
    marks: list[Marks],
) -> Iterator[list[Cell]]:
    file = run.scores.predictions
    for answer in read_all(file.predictions, run.scores.thresholds):
        line = answer.line
        yield [
            *(run.name, line.id, line.video, line.category, line.class_id, line.label),
            *(line.instance, severities.get(line.id), ""),
            *_said(answer, spoken.get(line.id)),
            *(found.get(line.id) for found in marks),
        ]
    for skip in file.skipped:
        yield [
            *(run.name, skip.id, skip.video, skip.category, skip.class_id, skip.label),
            *(skip.instance, severities.get(skip.id), skip.reason),
            *[None] * (len(_SAID) + len(marks)),
        ]


def _said(answer: Answer, spoken: str | None) -> list[Cell]:
    line = answer.line
    return [
        *(line.score, answer.threshold, answer.above, _words(answer), answer.right),
        *(line.log_normal, line.log_anomalous, line.mass),
        *(line.truncated, spoken, line.text, line.description),
    ]


def _words(answer: Answer) -> str | None:
    if answer.parsed is None:
        return None
    return {True: "anomalous", False: "normal", None: "unparsed"}[answer.said]
