"""The report as Markdown and as one HTML page that needs nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from physprior import files
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.explained_words import headline
from physprior.eval.report.facts import facts, left_out
from physprior.eval.report.figures import reliability, roc_panels, score_panels
from physprior.eval.report.table import Table
from physprior.eval.report.tables import besides, shown, tables
from physprior.eval.report.words import estimate, videos

NOTES = (
    "In brackets: the interval that covers the true value in 95 of 100 such tests. Videos: normal "
    "+ anomalous.",
    "AUROC ranks the scores (of a model of ours: the log-odds of the two verdict labels): the "
    "chance that an anomalous video, drawn at random, scores above a normal one. 0.5 is chance.",
    "Verdict AUROC uses the parsed words alone; an unparsed answer counts as undecided (one half).",
    "Average precision: of the videos that score above a threshold, the share that is anomalous, "
    "averaged over the thresholds that find one anomalous video more each. Guessing reaches their "
    "share among all videos.",
    "The macro average is the plain mean over categories, as in the paper; a category with one "
    "class has no AUROC (n/a) and is left out of it. Pooled: all videos in one ranking.",
)


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Path, Path]:
    """Write ``report.md`` and ``report.html`` into ``folder``; returns both paths.

    Raises OutputError where the folder cannot be written.
    """
    markdown, html = folder / "report.md", folder / "report.html"
    files.write_text(markdown, markdown_report(evaluation))
    files.write_text(html, html_report(evaluation))
    return markdown, html


def markdown_report(evaluation: Evaluation) -> str:
    """The report without its figures."""
    parts = ["# physprior report", _list(f"{name}: {value}" for name, value in facts(evaluation))]
    for place, table in enumerate(tables(evaluation)):
        parts += [f"## {_plain(table.title)}", _table(table)]
        notes = [*table.notes, *(NOTES if place == 0 else ())]
        parts += [_list([*table.alarms, *notes])] if table.alarms or notes else []
    for title, lines in left_out(evaluation):
        parts += [f"## {title}", _list(lines)]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    ruler = ["---"] * table.names + ["---:"] * (len(table.heads) - table.names)
    lines = [[*map(_plain, table.heads)], ruler, *([*map(_plain, row)] for row in table.rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_plain(line)}" for line in lines)


def _plain(text: str) -> str:
    # A name may hold anything: it stays on its line, and is no markup.
    return re.sub(r"([<`*|\\]|(?<=\])\()", r"\\\1", " ".join(text.split()))


def html_report(evaluation: Evaluation) -> str:
    """The whole report."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scores = evaluation.scores
    return environment.get_template("page.html.j2").render(
        tables=tables(evaluation),
        notes=NOTES,
        subject=_subject(evaluation),
        headline=_headline(evaluation),
        facts=facts(evaluation),
        left_out=left_out(evaluation),
        rocs=roc_panels(evaluation),
        distributions=score_panels(scores.categories),
        reliability=reliability(scores.pooled_calibration),
    )


def _subject(evaluation: Evaluation) -> str:
    scores = evaluation.scores
    header = scores.predictions.header
    return f"{header.model} on the {header.split} split: {videos(scores.n)}"


def _headline(evaluation: Evaluation) -> list[tuple[str, str]]:
    scores = evaluation.scores
    found = [(estimate(scores.macro["auroc"]), "macro AUROC of the scores")]
    if scores.parse_rate is not None:
        found.append((estimate(scores.macro["verdict_auroc"]), "macro AUROC of the words"))
        found.append((f"{scores.parse_rate:.1%}", "answers with a readable verdict"))
    if evaluation.explanations is not None:
        found += headline(evaluation.explanations)
    found += [
        (estimate(other.macro[shown(other)]), f"macro {head}, beside")
        for head, other in besides(evaluation).items()
    ]
    return found
