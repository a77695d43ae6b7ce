"""The tables of an ablation's report, from its summary alone: arms, pairs and categories."""

from __future__ import annotations

from collections.abc import Sequence

from physprior.eval.compare import MACRO
from physprior.eval.compare_words import p_value
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import NOT_AVAILABLE, estimate, number
from physprior.pipeline.ablate.report.explaining import (
    DASH,
    cost_table,
    loss_table,
    mean_cell,
    severity_table,
    told_table,
)
from physprior.pipeline.ablate.report.model import (
    Difference,
    Row,
    Summary,
)
from physprior.pipeline.ablate.report.words import (
    by_seed,
    change,
    over_seeds,
    published_note,
)

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
        mean_cell(row.auroc_seeds),
        over_seeds(row.auroc_seeds),
        mean_cell(row.verdict_seeds),
        over_seeds(row.verdict_seeds),
        *(mean_cell(row.explained[name]) if name in row.explained else DASH for name in explained),
    ]


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
