"""What ``score`` and the demo print of an evaluation: the table, and what has to be known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physprior.cli.console import paragraph, say, table

if TYPE_CHECKING:
    from physprior.eval.explanations.evaluation import Explanations
    from physprior.eval.report import Evaluation, Table

_WIDTH = 98


def print_evaluation(evaluation: Evaluation, *, everything: bool = False) -> None:
    """Print the tables by category, or all of them, and in words what stands below them."""
    from physprior.eval.report import tables

    if everything:
        for one in tables(evaluation):
            say(f"{one.title}\n")
            _print(one)
            for note in (*one.alarms, *one.notes):
                paragraph(note)
            say()
    else:
        _print_narrow(evaluation)
    _print_words(evaluation, told=everything)
    if evaluation.explanations is not None and not everything:
        _print_explanations(evaluation.explanations)


def _print_narrow(evaluation: Evaluation) -> None:
    """The table by category without what a terminal has no room for, and without zeros."""
    from physprior.eval.report.tables import (
        PRECISION,
        SKIPPED,
        UNPARSED,
        VERDICT_AUROC,
        besides,
        ranking,
        shown,
    )
    from physprior.eval.report.words import estimate

    scores = evaluation.scores
    without = {
        PRECISION: True,
        VERDICT_AUROC: not scores.parsing or len(evaluation.beside) > 1,
        UNPARSED: not any(one.unparsed for one in scores.categories),
        SKIPPED: not scores.predictions.skipped,
    }
    found = ranking(evaluation).without(*(head for head, left in without.items() if left))
    wide: list[str] = []
    others = besides(evaluation)
    for head in reversed(others):
        if found.width > _WIDTH:
            found = found.without(head)
            wide.insert(0, head)
    _print(found)
    for head in wide:
        say(f"{head}: {estimate(others[head].macro[shown(others[head])])} (macro)")


def _print_explanations(explanations: Explanations) -> None:
    """The explanation scores in one table, and in words what has to be known of them."""
    from physprior.eval.report.explained import beside, overview
    from physprior.eval.report.explained_words import accounts, readings

    found = overview(explanations)
    if found is None:
        return
    say(f"\n{found.title}\n")
    # The first table has the videos, too, and what is unscored is said below.
    _print(found.without("videos") if found.width > _WIDTH else found)
    for line in (
        *found.notes,
        *readings(explanations),
        *accounts(explanations),
        *beside(explanations),
    ):
        paragraph(line)


def _print(one: Table) -> None:
    table(one.heads, one.rows, last_apart=one.apart, names=one.names)


def _print_words(evaluation: Evaluation, *, told: bool) -> None:
    """What stands below the tables; ``told`` leaves out what their notes have said already."""
    from physprior.eval.report.checks import readings
    from physprior.eval.report.decided import decided_in_words
    from physprior.eval.report.facts import answers_read, warnings

    scores = evaluation.scores
    if scores.parsing:
        say(f"answers with a readable verdict: {answers_read(scores)}")
    below = [] if told else decided_in_words(scores)
    below += [] if told else [f"control {line}" for line in readings(evaluation)]
    for line in (*warnings(evaluation), *below):
        paragraph(line)
