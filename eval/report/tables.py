"""The tables of a report: all of them in order, and those by category and by anomaly type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from physprior.eval.compare import MACRO, POOLED
from physprior.eval.report.checks import calibration, controls
from physprior.eval.report.decided import decisions, words
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.explained import explanation_tables
from physprior.eval.report.facts import unparsed
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import count, estimate
from physprior.eval.scoring import Scores
from physprior.stats import Estimate

AUROC, VERDICT_AUROC, PRECISION = "AUROC", "verdict AUROC", "average precision"
UNPARSED, SKIPPED = "unparsed", "skipped"


def tables(evaluation: Evaluation) -> list[Table]:
    """Every table of a report, in its order."""
    scores = evaluation.scores
    found = [
        ranking(evaluation),
        *(explanation_tables(evaluation.explanations) if evaluation.explanations else ()),
        controls(evaluation),
        types(scores),
        decisions(scores),
        words(scores),
        calibration(scores),
    ]
    return [table for table in found if table is not None and table.rows]


def ranking(evaluation: Evaluation) -> Table:
    """How well the model ranks, a row a category; macro average and all videos pooled last."""
    scores, others = evaluation.scores, evaluation.beside
    made = [
        _ranked(
            one.category,
            (one.normal, one.anomalous),
            one.measures,
            [_measures(other, one.category).get(shown(other)) for other in others],
            (one.unparsed, one.skipped),
        )
        for one in scores.categories
    ]
    videos = (
        sum(one.normal for one in scores.categories),
        sum(one.anomalous for one in scores.categories),
    )
    failed = (unparsed(scores), len(scores.predictions.skipped))
    macros = [other.macro[shown(other)] for other in others]
    pools = [other.pooled[shown(other)] for other in others]
    made += [
        _ranked(MACRO, videos, scores.macro, macros, failed),
        _ranked(POOLED, videos, scores.pooled, pools, failed),
    ]
    return Table(
        "By category",
        (
            "category",
            "videos",
            AUROC,
            *besides(evaluation),
            VERDICT_AUROC,
            PRECISION,
            UNPARSED,
            SKIPPED,
        ),
        rows(made),
        apart=2,
    )


def besides(evaluation: Evaluation) -> dict[str, Scores]:
    """The heads of the columns of the runs beside, and whose they are."""
    return {
        f"{VERDICT_AUROC if shown(other) == 'verdict_auroc' else AUROC} {name}": other
        for name, other in zip(evaluation.names, evaluation.beside, strict=True)
    }


def shown(other: Scores) -> str:
    """The measure that a run beside is shown by: its words' where it has words alone."""
    return "verdict_auroc" if other.unscored == other.n else "auroc"


def _ranked(
    name: str,
    videos: tuple[int, int],
    own: Mapping[str, Estimate],
    others: Sequence[Estimate | None],
    failed: tuple[int | None, int],
) -> list[str]:
    found = [own["auroc"], *others, own["verdict_auroc"], own["average_precision"]]
    return [name, "{} + {}".format(*videos), *map(estimate, found), *map(count, failed)]


def _measures(scores: Scores, category: str) -> Mapping[str, Estimate]:
    found = scores.category(category)
    return found.measures if found else {}


def types(scores: Scores) -> Table:
    """Each anomaly type against the normal videos of its category."""
    made = [
        [
            one.category,
            found.class_id,
            f"{found.normal} + {found.anomalous}",
            *map(estimate, (found.auroc, found.recall, found.verdict_recall)),
            *map(count, (found.unparsed, found.skipped)),
        ]
        for one in scores.categories
        for found in one.types
    ]
    return Table(
        "By anomaly type",
        (
            "category",
            "anomaly",
            "videos",
            AUROC,
            "found at the threshold",
            "found by the words",
            UNPARSED,
            SKIPPED,
        ),
        rows(made),
        names=2,
        notes=(
            "Each type against all normal videos of its category. Found: the share of its videos "
            "that are called anomalous (recall).",
        ),
    )
