"""A comparison as tables, as a Markdown page, and as one JSON object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from physprior.eval.compare import MACRO, POOLED, Compared, ComparedRuns
from physprior.eval.compare_explanations import ComparedMeans, ComparedScore
from physprior.eval.compare_words import (
    LEVEL,
    conclusions,
    describe,
    difference,
    explained,
    letter,
    p_value,
    remarks,
)
from physprior.eval.predictions import Predictions
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import estimate, number
from physprior.stats import Comparison


def ranking_table(one: ComparedRuns, b: str) -> Table:
    """Both AUROCs of each category with their difference."""
    return Table(
        title=f"{b} beside A: AUROC",
        heads=("category", "videos", "A", b, f"{b} - A"),
        rows=rows(
            (
                found.name,
                f"{found.normal}+{found.anomalous}",
                estimate(found.reference),
                estimate(found.other),
                difference(found.ranking),
            )
            for found in _all(one)
        ),
        apart=2,
        notes=("Videos: normal + anomalous. Intervals: 95 %.",),
    )


def table_of_tests(one: ComparedRuns, b: str, others: int) -> Table:
    """The tests of each category: of the ranking, what it could see, and of the verdicts."""
    return Table(
        title=f"{b} beside A: tests",
        heads=("category", "p", "Holm", "visible", "only A right", f"only {b} right", "McNemar p"),
        rows=rows(
            [
                *(_test_row(found, True) for found in one.categories),
                _test_row(one.macro, others > 1),
                _test_row(one.pooled, False),
            ]
        ),
        apart=2,
        notes=tuple(_notes_on_tests(one, others)),
    )


def tables_of_explanations(one: ComparedRuns, b: str) -> list[Table]:
    """A table a score of explanations that both runs have."""
    return [
        Table(
            title=f"{b} beside A: {score.name}",
            heads=(score.name, "videos", "A", b, f"{b} - A", "p", "Holm", "visible"),
            rows=rows(
                [
                    *(_means_row(name, found) for name, found in score.categories.items()),
                    _means_row(MACRO, score.macro),
                    _means_row(POOLED, score.pooled),
                ]
            ),
            apart=2,
            notes=(_OF_MEANS,),
        )
        for score in one.explanations.scores
    ]


_OF_MEANS = (
    "Means over the videos that have a score in both runs; p by the paired t test, or by Wilcoxon's"
    " exact one where few videos differ."
)


def _means_row(name: str, found: ComparedMeans) -> tuple[str, ...]:
    means = found.means
    return (
        name,
        str(means.n),
        *map(number, (means.a, means.b)),
        difference(means),
        p_value(means.p),
        p_value(found.holm) if found.holm is not None else "",
        number(means.smallest_visible),
    )


def _notes_on_tests(one: ComparedRuns, others: int) -> Iterator[str]:
    yield "p: how often chance alone would make so large a difference between equally good runs."
    for method, names in _methods(one).items():
        yield f"p by {method}: {', '.join(names)}."
    family = f", and of the macro average over {others} runs" if others > 1 else ""
    yield f"Holm: p corrected over the categories{family}."
    yield "Visible: the difference that the test would have seen 4 times in 5."
    if one.verdicts_by:
        yield f"Right and McNemar: by {one.verdicts_by}; these p are not corrected."
    if odd := [found.name for found in _all(one) if _disagree(found.ranking)]:
        yield (
            f"Interval and p do not agree on {', '.join(odd)}, for they are made in different "
            "ways; p is what the words below go by."
        )


def _methods(one: ComparedRuns) -> dict[str, list[str]]:
    """Which test each p is of; many categories of one test are not named one by one."""
    methods: defaultdict[str, list[str]] = defaultdict(list)
    for found in one.categories:
        if found.ranking.p is not None:
            methods[found.ranking.method].append(found.name)
    for method, names in methods.items():
        if len(names) == len(one.categories) > 2:
            methods[method] = ["each category"]
    for found in (one.macro, one.pooled):
        if found.ranking.p is not None:
            methods[found.ranking.method].append(found.name)
    return dict(methods)


def _disagree(ranking: Comparison) -> bool:
    if ranking.p is None or ranking.interval is None:
        return False
    apart_from_zero = not ranking.interval.low <= 0 <= ranking.interval.high
    return apart_from_zero != (ranking.p < LEVEL)


def _test_row(found: Compared, corrected: bool) -> tuple[str, ...]:
    ranking, verdicts = found.ranking, found.verdicts
    return (
        found.name,
        p_value(ranking.p),
        p_value(found.holm) if corrected else "",
        number(ranking.smallest_visible),
        *(
            ("", "", "")
            if verdicts is None
            else (str(verdicts.only_a), str(verdicts.only_b), p_value(verdicts.p))
        ),
    )


def _all(one: ComparedRuns) -> tuple[Compared, ...]:
    return (*one.categories, one.macro, one.pooled)


def legend(runs: Sequence[ComparedRuns]) -> list[str]:
    """Which run each letter means."""
    files = (runs[0].reference, *(one.other for one in runs))
    return [f"{letter(place)}  {describe(file)}" for place, file in enumerate(files)]


def markdown(runs: Sequence[ComparedRuns]) -> str:
    """The whole comparison as a Markdown page."""
    parts = ["# physprior comparison", "\n".join(f"- {line}" for line in legend(runs))]
    for place, one in enumerate(runs, 1):
        b = letter(place)
        parts += [
            f"## {b} beside A",
            *(f"{sentence}" for sentence in conclusions(one, b, len(runs))),
        ]
        parts += ["\n".join(f"- {remark}" for remark in said)] if (said := remarks(one, b)) else []
        every = [ranking_table(one, b), table_of_tests(one, b, len(runs))]
        if sentences := explained(one, b, len(runs)):
            parts += ["\n".join(f"- {sentence}" for sentence in sentences)]
        for table in (*every, *tables_of_explanations(one, b)):
            parts += [_markdown_table(table), "\n".join(f"- {note}" for note in table.notes)]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    lines = [table.heads, ("---", *("---:" for _ in table.heads[1:])), *table.rows]
    return "\n".join("| " + " | ".join(map(_cell, cells)) + " |" for cells in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def as_json(runs: Sequence[ComparedRuns]) -> dict[str, Any]:
    """The whole comparison as one JSON object, its numbers as they are."""
    return {
        "format": 1,
        "reference": _file(runs[0].reference),
        "comparisons": [_run(one, letter(place), len(runs)) for place, one in enumerate(runs, 1)],
    }


def _run(one: ComparedRuns, b: str, others: int) -> dict[str, Any]:
    return {
        "other": _file(one.other),
        "verdicts_by": one.verdicts_by,
        "alike": one.alike,
        "remarks": remarks(one, b),
        "conclusions": conclusions(one, b, others),
        "categories": [_compared(found) for found in one.categories],
        "macro": _compared(one.macro),
        "pooled": _compared(one.pooled),
        "explanations": {
            "scores": [_score(score) for score in one.explanations.scores],
            "left_out": list(one.explanations.refused),
            "conclusions": explained(one, b, others),
        },
    }


def _score(score: ComparedScore) -> dict[str, Any]:
    return {
        "name": score.name,
        "categories": [_means(name, one) for name, one in score.categories.items()],
        "macro": _means(MACRO, score.macro),
        "pooled": _means(POOLED, score.pooled),
        "earned": _means(MACRO, ComparedMeans(score.earned)),
    }


def _means(name: str, found: ComparedMeans) -> dict[str, Any]:
    means = found.means
    return {
        "name": name,
        "n": means.n,
        "reference": means.a,
        "other": means.b,
        "difference": asdict(means.estimate),
        "p": means.p,
        "p_holm": found.holm,
        "method": means.method,
        "smallest_visible": means.smallest_visible,
    }


def _file(file: Predictions) -> dict[str, Any]:
    header = file.header
    return {
        "path": str(file.path),
        "model": header.model,
        "source": header.source,
        "fingerprint": header.fingerprint,
        "mode": header.mode,
        "history": header.history,
        "control": header.control,
        "split": header.split,
        "split_hash": header.split_hash,
    }


def _compared(found: Compared) -> dict[str, Any]:
    ranking = found.ranking
    return {
        "name": found.name,
        "normal": found.normal,
        "anomalous": found.anomalous,
        "left": found.left,
        "reference": asdict(found.reference),
        "other": asdict(found.other),
        "difference": asdict(ranking.estimate),
        "p": ranking.p,
        "p_holm": found.holm,
        "method": ranking.method,
        "smallest_visible": ranking.smallest_visible,
        "verdicts": None if found.verdicts is None else asdict(found.verdicts),
    }
