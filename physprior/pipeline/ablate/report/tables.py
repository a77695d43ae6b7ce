"""The tables of an ablation's report, from its summary alone."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.eval.compare import MACRO
from physprior.eval.compare_words import p_value
from physprior.eval.report.table import Table, rows
from physprior.eval.report.training.chart import written
from physprior.eval.report.training.facts import duration
from physprior.eval.report.words import NOT_AVAILABLE, count, estimate, number
from physprior.pipeline.ablate.report.model import (
    Difference,
    Measured,
    Row,
    Spread,
    Summary,
    Trained,
)
from physprior.pipeline.ablate.report.words import (
    by_seed,
    change,
    over_seeds,
    percent,
    published_note,
)

PARTS = ("component", "subject", "motion", "verdict", "plain")
DASH = "–"
OVER, VERDICT_OVER = "AUROC, over the seeds", "verdict AUROC, over the seeds"


def all_tables(summary: Summary) -> list[Table]:
    """Every table that holds something, in the report's order."""
    found = [
        main_table(summary),
        differences_table(summary),
        category_table(summary),
        told_table(summary),
        histories_table(summary),
        references_table(summary),
        severity_table(summary),
        loss_table(summary),
        cost_table(summary),
    ]
    return [table for table in found if table.rows]


def main_table(summary: Summary) -> Table:
    """Table 3's rows with intervals: the arms, and below them what was not trained."""
    own, others = (
        summary.of_kind("arm", "generated"),
        summary.of_kind("untuned", "control", "baseline"),
    )
    explained = list(dict.fromkeys(name for row in summary.rows for name in row.explained))
    notes = [
        "AUROC ranks the log-odds of the two verdict labels, verdict AUROC the parsed words alone, "
        "of one training; both are plain means over categories. In brackets: 95 % intervals over "
        "videos.",
        "Seed-averaged: a video's score is the mean of its log-odds over the seeds, not "
        "standardised. That is an ensemble, and may rank better than any one training; what one "
        "training gives is the mean over seeds beside it, whose interval takes the seeds' errors "
        "as going together and is rather too wide.",
        "No interval holds what other seeds would change: the lowest and the highest of the seeds, "
        "and their standard deviation, stand beside.",
    ]
    if summary.published:
        notes.append(published_note(summary.published))
    return Table(
        "Arms",
        (
            "arm",
            "seeds",
            "videos",
            "AUROC, seed-averaged",
            "AUROC, one training",
            OVER,
            "verdict AUROC",
            VERDICT_OVER,
            *explained,
        ),
        rows(_main_row(row, explained) for row in (*own, *others)),
        apart=len(others),
        notes=tuple(notes),
    )


def _main_row(row: Row, explained: Sequence[str]) -> list[str]:
    return [
        row.name,
        str(len(row.seeds)) if row.kind in ("arm", "generated") else DASH,
        f"{row.normal} + {row.anomalous}",
        estimate(row.auroc.estimate),
        _mean(row.auroc_seeds),
        over_seeds(row.auroc_seeds),
        _mean(row.verdict_seeds),
        over_seeds(row.verdict_seeds),
        *(_mean(row.explained[name]) if name in row.explained else DASH for name in explained),
    ]


def _mean(found: Spread) -> str:
    return DASH if found.mean.value is None else estimate(found.mean.estimate)


def differences_table(summary: Summary) -> Table:
    """The arms against no_phys, paired on videos."""
    return _differences(
        "Paired on videos",
        summary.differences,
        "Difference in macro AUROC of seed-averaged scores, the first less the second, on the "
        "videos that both have; p after Holm's correction over the rows of this table.",
    )


def histories_table(summary: Summary) -> Table:
    """History generated against given."""
    return _differences(
        "History generated against given",
        summary.histories,
        "Given: the physics that stands before the verdict is the KB's; generated: the model's "
        "own words.",
    )


def references_table(summary: Summary) -> Table:
    """The main arm against what was not trained."""
    return _differences(
        "Against what was not tuned",
        summary.references,
        "A row that is not surely above these has not earned its training.",
    )


def _differences(title: str, found: Sequence[Difference], note: str) -> Table:
    visible = (
        "Smallest visible: the difference that the test would have seen four times in five. Seed "
        "by seed: the same difference between the trainings with the same seed, which the interval "
        "does not hold."
    )
    return Table(
        title,
        ("compared", "videos", "difference", "p", "p, Holm", "smallest visible", "seed by seed"),
        rows(
            [
                f"{one.name} − {one.against}",
                str(one.macro.n),
                change(one),
                p_value(one.p),
                p_value(one.holm),
                number(one.smallest_visible),
                by_seed(one.seeds) or DASH,
            ]
            for one in found
        ),
        notes=(note, visible),
    )


def category_table(summary: Summary) -> Table:
    """AUROC by category of every arm: Table 3 turned, so that intervals have room."""
    shown = summary.of_kind("arm")
    names = sorted({name for row in shown for name in row.categories})
    sizes = {name: max(_size(row, name) for row in shown) for name in names}
    made = [[name, str(sizes[name]), *(_category(row, name) for row in shown)] for name in names]
    whole = [MACRO, str(sum(sizes.values())), *(estimate(row.auroc.estimate) for row in shown)]
    return Table(
        "By category",
        ("category", "videos", *(row.name for row in shown)),
        rows([*made, whole] if made else []),
        apart=1,
        notes=(
            "AUROC of the seed-averaged log-odds. So many categories are looked at that the best "
            "and the worst differences are partly chance: the paired comparison corrects for it.",
        ),
    )


def _size(row: Row, name: str) -> int:
    return row.categories[name].n if name in row.categories else 0


def _category(row: Row, name: str) -> str:
    return estimate(row.categories[name].estimate) if name in row.categories else NOT_AVAILABLE


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
                _mean(one.auroc),
                _mean(one.verdict),
                DASH if one.at_threshold is None else _mean(one.at_threshold),
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
