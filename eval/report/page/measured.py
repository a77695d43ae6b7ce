"""What the sections of an evaluation show: its tables and figures, each in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from physprior.eval.report import checks, decided
from physprior.eval.report.cards.page_json import deck_json, strip_blocks
from physprior.eval.report.compared import comparison_legend, comparison_section
from physprior.eval.report.explained import TITLE, explanation_tables
from physprior.eval.report.figures.panels import (
    interval_plot,
    precision_recall_panels,
    reliability,
    roc_panels,
    score_panels,
    severity_panels,
)
from physprior.eval.report.notes import NOTES
from physprior.eval.report.page.matrix import matrices
from physprior.eval.report.published import published_table, published_tables
from physprior.eval.report.report import Report
from physprior.eval.report.severity_table import severity_table
from physprior.eval.report.table import Table
from physprior.eval.report.tables import ranking, types

Context = dict[str, Any]

_PUBLISHED = "published (ICASSP)"


def categories(report: Report) -> Context | None:
    """How well it ranks, category by category."""
    if report.evaluation is None:
        return None
    return {
        "plot": interval_plot(report.evaluation),
        "table": ranking(report.evaluation),
        "notes": NOTES,
    }


def published(report: Report) -> Context | None:
    """Measured figures beside those that papers print."""
    found = published_tables(report.evaluation) if report.evaluation else []
    return {"tables": [published_table(one) for one in found]} if found else None


def compare(report: Report) -> Context | None:
    """Each further run beside the first."""
    if not report.comparisons:
        return None
    return {
        "legend": comparison_legend(report.comparisons),
        "runs": comparison_section(report.comparisons),
        "cards_decide_otherwise": _decide_otherwise(report),
    }


def _decide_otherwise(report: Report) -> bool:
    """Whether the cards count other decisions than the tests of verdicts, which know no rule."""
    thresholds = report.evaluation.scores.thresholds if report.evaluation else None
    return report.deck is not None and thresholds is not None and thresholds.rule != "zero"


def failures(report: Report) -> Context | None:
    """By anomaly type, what is taken for what, and what to edit."""
    if report.evaluation is None:
        return None
    table = types(report.evaluation.scores)
    if not (table.rows or report.confusion or report.suggestions):
        return None
    return {
        "table": table if table.rows else None,
        "matrices": matrices(report.confusion) if report.confusion else (),
        "suggestions": report.suggestions,
    }


def videos(report: Report) -> Context | None:
    """The room of the cards, which the page's script fills."""
    if report.deck is None or not report.deck.cards:
        return None
    return {
        "deck_json": deck_json(report.deck, report.strips),
        "strip_blocks": strip_blocks(report.deck, report.strips),
        "video_count": len(report.deck.cards),
    }


def explanations(report: Report) -> Context | None:
    """A table a score, and before it what must be known to believe it."""
    if report.evaluation is None or report.evaluation.explanations is None:
        return None
    found = explanation_tables(report.evaluation.explanations)
    if not found:
        return None
    alarms = [alarm for one in found for alarm in one.alarms]
    own = {one.title: tuple(alarm for alarm in alarms if _is_of(one, alarm)) for one in found}
    return {
        "alarms": [alarm for alarm in alarms if not any(alarm in said for said in own.values())],
        "tables": [replace(_without_published(one), alarms=own[one.title]) for one in found],
    }


def _is_of(table: Table, alarm: str) -> bool:
    """Whether an alarm speaks of one score alone, and the table is of it."""
    score = table.title.removeprefix(f"{TITLE}: ").replace(",", "")
    return alarm.startswith(f"{score}: ")


def _without_published(table: Table) -> Table:
    """The table with the published column as a note: with it, it is wider than a screen."""
    if _PUBLISHED not in table.heads:
        return table
    place = table.heads.index(_PUBLISHED)
    said = ", ".join(f"{row[0]} {row[place]}" for row in table.rows if row[place])
    return replace(
        table.without(_PUBLISHED),
        notes=(*table.notes, f"The paper's own method by category, {_PUBLISHED}: {said}."),
    )


def curves(report: Report) -> Context | None:
    """ROC and PR curves, the distribution of scores, and reliability."""
    if report.evaluation is None:
        return None
    scores = report.evaluation.scores
    context = {
        "rocs": roc_panels(report.evaluation),
        "precisions": precision_recall_panels(report.evaluation),
        "distributions": score_panels(scores.categories),
        "reliability": reliability(scores.pooled_calibration),
    }
    return context if any(context.values()) else None


def controls(report: Report) -> Context | None:
    """What is left of the AUROC when something is taken from the model."""
    table = checks.controls(report.evaluation) if report.evaluation else None
    return {"table": table} if table is not None else None


def severity(report: Report) -> Context | None:
    """AUROC by how small the failure is."""
    if report.severity is None or not report.severity.bins:
        return None
    return {
        "panels": severity_panels(report.severity),
        "table": severity_table(report.severity),
    }


def decisions(report: Report) -> Context | None:
    """Hard decisions at the threshold and by the words, and how probabilities hold."""
    if report.evaluation is None:
        return None
    scores = report.evaluation.scores
    made = (decided.decisions(scores), decided.words(scores), checks.calibration(scores))
    found = [table for table in made if table is not None and table.rows]
    return {"tables": found} if found else None
