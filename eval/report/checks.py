"""The tables by which a model is doubted: its calibration, and what controls leave of it."""

from __future__ import annotations

from physprior.eval.compare import MACRO, POOLED
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import NOT_AVAILABLE, estimate, number
from physprior.eval.scoring import Scores


def calibration(scores: Scores) -> Table | None:
    """How far probabilities are from what came true; None where scores are no log-odds."""
    if scores.pooled_calibration is None:
        return None
    named = [(one.category, one.calibration, one.mass) for one in scores.categories]
    made = [
        [
            name,
            estimate(found.brier),
            number(found.base_brier),
            number(found.ece),
            number(found.ece_by_chance),
            number(mass),
        ]
        if found
        else [name, *[NOT_AVAILABLE] * 4, number(mass)]
        for name, found, mass in [*named, (POOLED, scores.pooled_calibration, None)]
    ]
    made[-1][-1] = ""
    return Table(
        "Calibration",
        ("category", "Brier", "of the share alone", "ECE", "ECE by chance", "label mass"),
        rows(made),
        apart=1,
        notes=(
            "Brier: mean squared error of the probability that the log-odds stand for, best 0; "
            "beside it that of always saying the share of anomalous videos. ECE: how far said and "
            "true shares lie apart in ten bins, and what chance alone would make of it. None of it "
            "changes AUROC.",
            "Label mass: the probability of both verdict labels together (median); where it is "
            "low the model wanted to say something else.",
        ),
    )


def controls(evaluation: Evaluation) -> Table | None:
    """What each control leaves of the AUROC; None without controls."""
    runs = evaluation.controls
    if not runs:
        return None
    scores = evaluation.scores
    named = [*((one.category, one.measures) for one in scores.categories), (MACRO, scores.macro)]
    made = [
        [name, estimate(own["auroc"]), *(estimate(run.left(name)) for run in runs)]
        for name, own in named
    ]
    return Table(
        "Controls",
        ("category", "AUROC", *(run.name.replace("_", " ") for run in runs)),
        rows(made),
        apart=1,
        notes=(*readings(evaluation), *_swaps(evaluation)),
    )


def readings(evaluation: Evaluation) -> tuple[str, ...]:
    """What each control says of the model, in sentences."""
    return tuple(f"{run.title}: {run.reading}" for run in evaluation.controls)


def _swaps(evaluation: Evaluation) -> list[str]:
    return [f"Priors: {run.swapped}." for run in evaluation.controls if run.swapped]
