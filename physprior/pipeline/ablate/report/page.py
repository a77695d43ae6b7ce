"""The report of an ablation as Markdown: conclusions, warnings, the figure, and every table."""

from __future__ import annotations

from collections.abc import Iterator

from physprior.eval.report.exports.markdown_text import bullets, heading, plain, titled
from physprior.pipeline.ablate.report.figure import SVG
from physprior.pipeline.ablate.report.model import Summary
from physprior.pipeline.ablate.report.tables import all_tables


def markdown(summary: Summary) -> str:
    """The page; the same summary gives the same bytes."""
    return "\n\n".join(_parts(summary)) + "\n"


def _parts(summary: Summary) -> Iterator[str]:
    yield heading(1, f"Ablation: {summary.study}")
    yield heading(2, "What can be concluded")
    yield from map(plain, summary.conclusions)
    if summary.warnings:
        yield heading(2, "Before the numbers are believed")
        yield bullets(summary.warnings)
    if summary.missing:
        yield heading(2, "What is missing")
        yield bullets(summary.missing)
    yield f"![Macro AUROC by arm, with seeds; and by severity]({SVG})"
    for table in all_tables(summary):
        yield from titled(table)
        if table.title == "By severity":
            yield bullets(_readings(summary))
    yield heading(2, "Made from")
    made = [f"{path}: {digest[:12]}" for path, digest in summary.made_from.items()]
    yield bullets([f"physprior {summary.physprior}", *made])


def _readings(summary: Summary) -> list[str]:
    """How the table by severity reads, arm by arm."""
    arms = {one.name for one in summary.of_kind("arm")}
    shown = [one for one in summary.severity if one.name in arms] or summary.severity
    return [f"{one.name}: {line}" for one in shown for line in one.reading]
