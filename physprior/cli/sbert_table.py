"""What ``eval sbert`` prints: the table, what must be known of it, what is unscored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from physprior.cli.console import paragraph, remark, table
from physprior.dataset.names import shown

if TYPE_CHECKING:
    from physprior.eval.explanations.items import Group
    from physprior.eval.explanations.means import Means, Summary
    from physprior.eval.explanations.sbert_run import SbertReport

_LISTED = 20
_MACRO, _POOLED = "macro average", "pooled"


def print_sbert(report: SbertReport) -> None:
    """Print the means by category, and in words what must be known of them."""
    from physprior.eval.explanations.published import published_scores
    from physprior.eval.report.explained_words import accounts, legend, readings, sources

    _print_means(report)
    found = report.explanations
    for line in (legend(_columns(report)), *readings(found), *accounts(found), *_in_words(report)):
        paragraph(line)
    for _, source in sources(found):
        paragraph(source)
    paragraph(
        f"{published_scores('SBERT', {item.category for item in report.items})}. Of other videos, "
        "by a sentence encoder that the paper does not name: hold them beside these only loosely."
    )


def _print_means(report: SbertReport) -> None:
    columns = _columns(report)
    best = report.scores.best
    rows = [
        [name, str(_means(best, name)["all"].n), *(cell(name) for cell in columns.values())]
        for name in (*best.categories, _MACRO, _POOLED)
    ]
    table(("category", "videos", *columns), rows, last_apart=2)


def _columns(report: SbertReport) -> dict[str, Callable[[str], str]]:
    """Each column's head, and what stands in it beside a name."""
    from physprior.eval.report.words import estimate, number

    scores = report.scores
    copied = {**scores.copied, _MACRO: scores.copied_macro, _POOLED: scores.copied_pooled}

    def value(summary: Summary, group: Group) -> Callable[[str], str]:
        return lambda name: number(_means(summary, name)[group].value)

    return {
        "SBERT": lambda name: estimate(_means(scores.best, name)["all"]),
        "right": value(scores.best, "right"),
        "wrong": value(scores.best, "wrong"),
        "anomalous": lambda name: estimate(_means(scores.best, name)["anomalous"]),
        "earned": value(scores.earned, "anomalous"),
        "copied": lambda name: number(copied[name].value),
    }


def _means(summary: Summary, name: str) -> Means:
    averages = {_MACRO: summary.macro, _POOLED: summary.pooled}
    return averages[name] if name in averages else summary.categories[name]


def _in_words(report: SbertReport) -> list[str]:
    from physprior.eval.report.explained_words import OFTEN
    from physprior.eval.report.words import estimate, share

    scores = report.scores
    every = list(scores.result.scores.values())
    macro = scores.best.macro
    said = [
        f"macro averages of right verdicts {estimate(macro['right'])}, of wrong ones "
        f"{estimate(macro['wrong'])}; of the mean over all references "
        f"{estimate(scores.mean.macro['all'])}",
    ]
    if 0 < (copied := sum(one.copied for one in every)) < OFTEN * len(every):
        own = sum(one.copied_own for one in every)
        said.append(f"copied: {share(copied, len(every))}, {own} of them of the true class")
    if empty := sum(one.nearest is None for one in every):
        said.append(f"empty answers, which score 0: {share(empty, len(every))}")
    if cut := sum(one.cut for one in every):
        said.append(f"longer than the encoder reads: {share(cut, len(every))}")
    return said


def tell_sbert(report: SbertReport) -> None:
    """List on standard error what has no score, and which references are worth nothing."""
    unscored, taught = report.scores.unscored, report.taught_references
    _list("unscored", [f"{shown(video)}: {reason}" for video, reason in unscored])
    _list(
        "references that the KB teaches in the same words, so that a score by them is worth "
        "nothing",
        [f"{category}: {shown(reference)}" for category, reference in taught],
    )


def _list(what: str, lines: list[str]) -> None:
    if lines:
        remark(f"{what} ({len(lines)}):")
    for line in lines[:_LISTED]:
        remark(f"  {line}")
    if len(lines) > _LISTED:
        remark(f"  and {len(lines) - _LISTED} more; --json lists them all")
