"""A report's files, written."""

from __future__ import annotations

from pathlib import Path

from physprior import files
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.exports.markdown import markdown_report
from physprior.eval.report.page import html_report


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Path, Path]:
    """Write ``report.md`` and ``report.html`` into ``folder``; returns both paths.

    Raises OutputError where the folder cannot be written.
    """
    markdown, html = folder / "report.md", folder / "report.html"
    files.write_text(markdown, markdown_report(evaluation))
    files.write_text(html, html_report(evaluation))
    return markdown, html
