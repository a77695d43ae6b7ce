"""The tables that explain an ablation: its words, severities, losses and cost."""

from __future__ import annotations

from physprior.eval.report.table import Table, rows
from physprior.eval.report.training.chart import written
from physprior.eval.report.training.charts import PARTS
from physprior.eval.report.training.facts import duration
from physprior.eval.report.words import NOT_AVAILABLE, count, estimate
from physprior.pipeline.ablate.report.model import Measured, Spread, Summary, Trained
from physprior.pipeline.ablate.report.words import percent

DASH = "–"


def mean_cell(found: Spread) -> str:
    """The mean over seeds with its interval, or a dash."""
    return DASH if found.mean.value is None else estimate(found.mean.estimate)


def told_table(summary: Summary) -> Table:
    """The words beside the scores: what collapses."""
    return Table(
        "Does it collapse, or only its threshold?",
        (
            "arm",
            "answers",
            "parsed",
            "says Anomalous",
            "is anomalous",
            "one word alone",
            "AUROC",
            "verdict AUROC",
            "at the validation's threshold",
        ),
        rows(
            [
                one.name,
                str(one.answers),
                percent(one.parsed),
                percent(one.says_anomalous),
                percent(one.is_anomalous),
                NOT_AVAILABLE if one.constant is None else f"{one.constant:.3g} of {one.of}",
                mean_cell(one.auroc),
                mean_cell(one.verdict),
                DASH if one.at_threshold is None else mean_cell(one.at_threshold),
            ]
            for one in summary.told
        ),
        notes=(
            "Means over seeds of the macro averages. One word alone: categories in which every "
            "answer says the same, whose verdict AUROC is exactly 0.5 whatever the scores know.",
            "At the validation's threshold: balanced accuracy, which is the AUROC of hard "
            "verdicts, with a threshold a category that the validation videos chose (best balanced "
            "accuracy). Where it is far above the verdict AUROC, the words' threshold was at "
            "fault.",
        ),
    )


def severity_table(summary: Summary) -> Table:
    """Macro AUROC by severity, a row each row of the main table."""
    spans = list(dict.fromkeys(span for one in summary.severity for span in one.spans))
    spans.sort(key=lambda span: (float(span.split(" to ")[0]), float(span.split(" to ")[1])))
    made = [[one.name, *(_span(one.spans.get(span)) for span in spans)] for one in summary.severity]
    if made:
        counts = {
            span: max(one.anomalous.get(span, 0) for one in summary.severity) for span in spans
        }
        made.append(["anomalous videos", *(str(counts[span]) for span in spans)])
    return Table(
        "By severity",
        ("arm", *spans),
        rows(made),
        apart=1,
        notes=(
            "Macro AUROC of the seed-averaged log-odds: the anomalous videos of a range of "
            "severity against all normal ones. 0 is the slightest failure that is simulated, 1 the "
            "gravest, on each anomaly's own scale.",
        ),
    )


def _span(found: Measured | None) -> str:
    return DASH if found is None else estimate(found.estimate)


def loss_table(summary: Summary) -> Table:
    """Losses at the end by part, and the verdict's share of the gradient."""
    found = summary.trained
    parts = [part for part in PARTS if any(part in one.losses for one in found)]
    return Table(
        "Losses at the end, and the verdict's share of the gradient",
        (
            "arm",
            *parts,
            *(f"{part}, validation" for part in parts if part == "verdict"),
            "share, first",
            "share, mean",
            "share, last",
        ),
        rows(
            [
                one.arm,
                *(_loss(one.losses.get(part)) for part in parts),
                *(_loss(one.validation.get(part)) for part in parts if part == "verdict"),
                percent(one.share_first),
                percent(one.share_mean),
                percent(one.share_last),
            ]
            for one in found
        ),
        notes=(
            "Means over seeds. Loss: mean negative log-likelihood of a part's words in nats, "
            "unweighted, as last logged while training; validation: of the weights that were kept. "
            "Share: the norm of the verdict's own gradient of the sum of all parts' norms, on a "
            "fixed batch; where the prompt has no physics to answer, it is 1.",
        ),
    )


def _loss(value: float | None) -> str:
    return DASH if value is None else written(value)


def cost_table(summary: Summary) -> Table:
    """What one training of each arm cost."""
    return Table(
        "Cost of one training",
        (
            "arm",
            "trainings",
            "finished",
            "videos",
            "steps",
            "a step",
            "parameters",
            "tokens",
            "time",
        ),
        rows(_cost(one) for one in summary.trained),
        notes=(
            "Means over seeds. Time is that of the last start where a training was stopped and "
            "went on; prediction is not in it.",
        ),
    )


def _cost(one: Trained) -> list[str]:
    return [
        one.arm,
        str(len(one.seeds)),
        count(one.finished),
        *(_count(value) for value in (one.videos, one.steps, one.batch, one.parameters)),
        _count(one.tokens) if one.tokens is not None else DASH,
        NOT_AVAILABLE if one.seconds is None else duration(one.seconds),
    ]


def _count(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else f"{value:,.0f}"
