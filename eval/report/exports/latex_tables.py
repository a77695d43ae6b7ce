"""The report in the layout of the paper's Tables 1, 2 and 3, measured figures beside its own.

Published columns and rows bear a dagger and stand apart; no best figure is set in bold, for those
of other videos compete with none. Averages are over the same categories on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence

from physprior.eval.explanations.means import Summary
from physprior.eval.published import PublishedTable, read_table
from physprior.eval.report.exports.latex import (
    DAGGER,
    DASH,
    LatexTable,
    escape,
    line,
    rule_below,
    span,
)
from physprior.eval.report.exports.layout import (
    bracket,
    category_name,
    figure,
    ordered,
    published_note,
)
from physprior.eval.report.exports.runs import ExportedRun
from physprior.eval.report.published import (
    NOTHING,
    Column,
    auroc_column,
    mean_measured,
    means_printed,
    same_categories,
    system_name,
)
from physprior.eval.report.tables import shown
from physprior.stats import Estimate

_BRACKETS = (
    "In brackets: 95\\,\\% interval. A dash: not printed, not measured, or without a meaning. "
    "Averages: over the same categories in every column."
)
_BLANK = ""


def table_1(runs: Sequence[ExportedRun]) -> LatexTable | None:
    """AUROC by category: the paper's systems, then the runs; None without runs."""
    if not runs:
        return None
    paper, columns = read_table("icassp-1"), [auroc_column(run.scores) for run in runs]
    systems = paper.columns if same_categories(columns, paper) else ()
    heads = [f"{escape(system_name(name))}{DAGGER}" for name in systems]
    heads += [escape(run.name) for run in runs]
    return LatexTable(
        label="tab:physprior-auroc",
        caption="Video-level AUROC by category.",
        columns="l" + "r" * len(systems) + "l" * len(runs),
        heads=(*_groups(len(systems), len(runs)), line(["Category", *heads])),
        blocks=(_rows(columns, paper, systems), _averages(columns, paper, len(systems))),
        notes=(*_source(paper, systems), _BRACKETS, *_by_words(runs)),
    )


def table_2(runs: Sequence[ExportedRun]) -> LatexTable | None:
    """SBERT and LLM score by category; None where no run has either."""
    scored = [run for run in runs if any(_sbert(run)) or any(_llm(run))]
    if not scored:
        return None
    paper = read_table("icassp-2")
    columns = [column for run in scored for column in (_sbert(run), _llm(run))]
    systems = paper.columns if same_categories(columns, paper) else ()
    pairs = [system_name(name.removesuffix(" SBERT")) for name in systems[::2]]
    titles = [f"{escape(name)}{DAGGER}" for name in pairs] + [escape(run.name) for run in scored]
    return LatexTable(
        label="tab:physprior-explanation",
        caption="Explanations by category: SBERT and LLM score.",
        columns="l" + "r" * len(systems) + "l" * len(columns),
        heads=(
            *_groups(len(systems), len(columns)),
            line([_BLANK, *(span(2, title) for title in titles)]),
            " ".join(rule_below(2 + 2 * place, 2) for place in range(len(titles))),
            line(["Category", *["SBERT", "LLM"] * len(titles)]),
        ),
        blocks=(_rows(columns, paper, systems), _averages(columns, paper, len(systems))),
        notes=(*_source(paper, systems), _BRACKETS, *_made_by(scored)),
    )


def _groups(published: int, measured: int) -> tuple[str, ...]:
    """The two lines that say which columns are whose; nothing where all are measured."""
    if not published:
        return ()
    titles = [_BLANK, span(published, f"published{DAGGER}"), span(measured, "measured here")]
    return (
        line(titles),
        f"{rule_below(2, published)} {rule_below(2 + published, measured)}",
    )


def _rows(
    columns: Sequence[Column], paper: PublishedTable, systems: Sequence[str]
) -> tuple[str, ...]:
    """A row a category: the published figures, then the measured ones."""
    return tuple(
        line(
            [
                category_name(name, paper),
                *_printed(paper, name, systems),
                *(_cell(column.get(name, NOTHING)) for column in columns),
            ]
        )
        for name in ordered(columns, paper)
    )


def _averages(columns: Sequence[Column], paper: PublishedTable, systems: int) -> tuple[str, ...]:
    """Of the same categories, of all where others were measured too, and the paper's own."""
    same, measured = same_categories(columns, paper), ordered(columns, paper)
    made = []
    if same:
        figures = [*means_printed(paper, same), *(_cell(mean_measured(c, same)) for c in columns)]
        made.append(line([f"Average of the same {len(same)}", *map(str, figures)]))
    if set(measured) != set(same):
        whole = [_cell(mean_measured(one, _known(one))) for one in columns]
        made.append(line(["Average of all measured", *[DASH] * systems, *whole]))
    if systems and paper.averages:
        name = f"Average of {len(paper.rows)}, as printed"
        made.append(line([name, *paper.averages, *[DASH] * len(columns)]))
    return tuple(made)


def _known(column: Column) -> list[str]:
    return [name for name, found in column.items() if found.value is not None]


def _printed(paper: PublishedTable, category: str, systems: Sequence[str]) -> Sequence[str]:
    if not systems or category not in paper.rows:
        return [DASH] * len(systems)
    return paper.rows[category].numbers


def _cell(found: Estimate) -> str:
    brackets = bracket(found)
    return figure(found) + (rf" {{\scriptsize {brackets}}}" if brackets else "")


def _source(paper: PublishedTable, systems: Sequence[str]) -> tuple[str, ...]:
    return (published_note(paper),) if systems else ()


def _by_words(runs: Sequence[ExportedRun]) -> list[str]:
    worded = [escape(run.name) for run in runs if shown(run.scores) == "verdict_auroc"]
    return [f"By the words alone, for want of scores: {', '.join(worded)}."] if worded else []


def _made_by(runs: Sequence[ExportedRun]) -> list[str]:
    """Which encoder and which judge a run's scores come from."""
    made = []
    for run in runs:
        found = run.explanations
        by = [f"encoder {found.sbert.result.encoder_name}"] if found and found.sbert else []
        judge = found.judge("llm-score") if found else None
        by += [f"judge {judge.judged.header.model}"] if judge else []
        made.append(f"{escape(run.name)}: {escape(', '.join(by))}.")
    return made


def _sbert(run: ExportedRun) -> Column:
    found = run.explanations.sbert if run.explanations else None
    return _all(found.best) if found else {}


def _llm(run: ExportedRun) -> Column:
    judge = run.explanations.judge("llm-score") if run.explanations else None
    task = judge.task("explanation") if judge else None
    return _all(task.score) if task else {}


def _all(summary: Summary) -> Column:
    return {name: means["all"] for name, means in summary.categories.items()}
