"""The rows of the main table: the arms, and below them what they must be better than."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.errors import PredictionError
from physprior.eval.explanations.evaluation import Explanations, load_explanations
from physprior.eval.report.controls import ControlRun, find_controls
from physprior.eval.report.facts import unparsed
from physprior.pipeline.ablate.report.asked import Asked
from physprior.pipeline.ablate.report.model import Kind, Measured, Row, Spread
from physprior.pipeline.ablate.report.spread import spread
from physprior.stats import Estimate

_ORDER: tuple[Kind, ...] = ("arm", "generated", "untuned", "control", "baseline")


def make_rows(asked: Sequence[Asked]) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """All rows in their order; and, in sentences, what lies beside them and does not belong."""
    made, unfit = [_row(one) for one in asked], []
    for one in asked:
        found, strange = _controls(one)
        made += found
        unfit += strange
    return tuple(sorted(made, key=lambda row: _ORDER.index(row.kind))), tuple(unfit)


def _row(one: Asked) -> Row:
    header = one.files[0].header
    own = header.source == "predict"
    words = [unparsed(found) for found in one.scores]
    counted = [count for count in words if count is not None]
    labels = [line.label for line in one.averaged.predictions]
    return Row(
        name=one.name,
        kind=one.kind,
        arm=one.arm,
        mode=header.mode if own else None,
        history=header.history if own else None,
        seeds=one.seeds,
        normal=labels.count(0),
        anomalous=labels.count(1),
        left=one.left,
        skipped=max(len(file.skipped) for file in one.files),
        unparsed=sum(counted) if counted else None,
        auroc=Measured.of(one.whole.macro["auroc"]),
        auroc_seeds=spread(one.seeds, [found.macro["auroc"] for found in one.scores]),
        verdict_seeds=spread(one.seeds, [found.macro["verdict_auroc"] for found in one.scores]),
        explained=_explained(one),
        categories={
            part.category: Measured.of(part.measures["auroc"]) for part in one.whole.categories
        },
    )


def _explained(one: Asked) -> dict[str, Spread]:
    """Macro means of the explanation scores that lie beside the files of every seed."""
    loaded = [load_explanations(file) for file in one.files]
    means = [_means(found) if found else {} for found in loaded]
    names = [name for name in means[0] if all(name in other for other in means)]
    return {name: spread(one.seeds, [mean[name] for mean in means]) for name in names}


def _means(found: Explanations) -> dict[str, Estimate]:
    named = {"SBERT": found.sbert.best.macro["all"]} if found.sbert else {}
    for judge in found.judged:
        for task in judge.tasks:
            named[f"{judge.profile} {task.task}"] = task.score.macro["all"]
    return named


def _controls(one: Asked) -> tuple[list[Row], list[str]]:
    made: list[Row] = []
    unfit: list[str] = []
    for place, file in enumerate(one.files):
        seed = one.seeds[place] if one.seeds else None
        try:
            found, strange = find_controls(file)
        except PredictionError as error:
            found, strange = (), (error.message,)
        made += [_control(one, control, seed) for control in found]
        unfit += strange
    return made, unfit


def _control(one: Asked, control: ControlRun, seed: int | None) -> Row:
    compared = control.compared
    seeds = () if seed is None else (seed,)
    whose = one.name if seed is None else f"{one.name}, seed {seed}"
    left = Measured.of(compared.macro.other)
    return Row(
        name=f"control {control.name}: {whose}",
        kind="control",
        arm=one.arm,
        mode=control.predictions.header.mode,
        history=control.predictions.header.history,
        seeds=seeds,
        normal=compared.pooled.normal,
        anomalous=compared.pooled.anomalous,
        left=compared.pooled.left,
        skipped=len(control.predictions.skipped),
        unparsed=None,
        auroc=left,
        auroc_seeds=spread(seeds, [compared.macro.other]),
        verdict_seeds=spread((), []),
        categories={part.name: Measured.of(part.other) for part in compared.categories},
        note=control.reading,
    )
