"""The report as Markdown: every table and sentence of the page, without figures and videos."""

from __future__ import annotations

from collections.abc import Iterator

from physprior.eval.report import checks, decided
from physprior.eval.report.cards.card import Sentence
from physprior.eval.report.compared import comparison_legend, comparison_section
from physprior.eval.report.confused import confusion_tables
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.explained import explanation_tables
from physprior.eval.report.exports.markdown_text import bullets, code, heading, plain, titled
from physprior.eval.report.facts import facts, left_out, warnings
from physprior.eval.report.notes import NOTES
from physprior.eval.report.published import published_table, published_tables
from physprior.eval.report.report import Report
from physprior.eval.report.severity_table import severity_table
from physprior.eval.report.table import Table
from physprior.eval.report.tables import ranking, types
from physprior.eval.report.training import TrainingRun, training_tables
from physprior.eval.suggest.suggestion import Suggestion

_WHOLE = 5
"""So many suggestions are told whole."""


def markdown_report(report: Report) -> str:
    """The report without its figures, in the order of the page; what is missing stands on top."""
    parts = ["# physprior report", *_top(report)]
    if report.evaluation is not None:
        parts += _measured(report, report.evaluation)
    for run in report.training:
        parts += _training(run)
    parts += _data(report)
    return "\n\n".join(parts) + "\n"


def _top(report: Report) -> Iterator[str]:
    evaluation = report.evaluation
    if evaluation is not None:
        yield bullets(f"{name}: {value}" for name, value in facts(evaluation))
        if said := warnings(evaluation):
            yield from (heading(2, "Before the numbers are believed"), bullets(said))
    if report.missing:
        yield from (heading(2, "What is missing"), bullets(dict.fromkeys(report.missing)))


def _measured(report: Report, evaluation: Evaluation) -> Iterator[str]:
    scores = evaluation.scores
    yield from titled(ranking(evaluation), NOTES)
    yield from _tables(*map(published_table, published_tables(evaluation)))
    yield from _compared(report)
    yield from _tables(types(scores), *_confused(report))
    yield from _suggested(report.suggestions)
    if evaluation.explanations is not None:
        yield from _tables(*explanation_tables(evaluation.explanations))
    yield from _tables(
        checks.controls(evaluation),
        severity_table(report.severity) if report.severity and report.severity.bins else None,
        decided.decisions(scores),
        decided.words(scores),
        checks.calibration(scores),
    )
    for title, lines in left_out(evaluation):
        yield from (heading(2, title), bullets(lines))


def _tables(*tables: Table | None) -> Iterator[str]:
    """Those that are there and hold something."""
    for table in tables:
        if table is not None and table.rows:
            yield from titled(table)


def _confused(report: Report) -> list[Table]:
    return confusion_tables(report.confusion) if report.confusion else []


def _compared(report: Report) -> Iterator[str]:
    if not report.comparisons:
        return
    yield heading(2, "Beside other runs")
    legend = comparison_legend(report.comparisons)
    yield bullets(f"{letter}, {name}: {file}" for letter, name, file in legend)
    for section in comparison_section(report.comparisons):
        yield heading(3, section.title)
        if said := [*section.sentences, *section.remarks]:
            yield bullets(said)
        for table in section.tables:
            yield from titled(table, level=4)


def _suggested(suggestions: tuple[Suggestion, ...]) -> Iterator[str]:
    """The first ones whole, the others in a line each."""
    if not suggestions:
        return
    yield heading(2, "What to edit")
    for one in suggestions[:_WHOLE]:
        yield from _suggestion(one)
    if rest := suggestions[_WHOLE:]:
        yield heading(3, "Less pressing")
        yield bullets(f"{_failing(one)}: {one.summary}" for one in rest)


def _failing(one: Suggestion) -> str:
    return f"{one.category}: {one.class_id}, {one.kind} {one.failures} of {one.of}"


def _suggestion(one: Suggestion) -> Iterator[str]:
    yield heading(3, _failing(one))
    yield plain(one.summary)
    lists = {
        "What it says instead": [
            f"{said.times} × \u201c{said.text}\u201d"
            + (f" (speaks of {said.class_id})" if said.class_id else "")
            for said in one.instead
        ],
        f"Sentences that lie near those of {one.confused_with or 'the other class'}": [
            f"{_sentence(own)} and {_sentence(other)}: cosine {cosine:.2f}"
            for own, other, cosine in one.near
        ],
        "What to look at": [f"{_sentence(look.sentence)}: {look.why}" for look in one.look],
        "What else to try": one.advice,
        "Videos to watch": one.videos,
    }
    for title, lines in lists.items():
        if lines:
            yield from (f"{plain(title)}:", bullets(lines))


def _sentence(sentence: Sentence) -> str:
    """Where it stands, and what it says."""
    places = "".join(f"{place.path}:{place.line} " for place in sentence.places)
    return f"{places}\u201c{sentence.text}\u201d"


def _training(run: TrainingRun) -> Iterator[str]:
    yield heading(2, f"Training: {run.folder.name}")
    kept = [] if run.kept_step is None else [f"kept: step {run.kept_step} ({run.kept_why})"]
    named = (f"{name}: {value}" for name, value in run.facts)
    yield bullets([f"state: {run.state}", *kept, *named, *run.missing])
    for table in training_tables(run):
        yield from titled(table, level=3)


def _data(report: Report) -> Iterator[str]:
    for title, named in report.data:
        yield heading(2, title)
        yield bullets(f"{name}: {value}" for name, value in named)
    if report.commands:
        yield from (heading(2, "Commands to reproduce"), code(report.commands))
