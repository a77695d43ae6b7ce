"""A report's files, written."""

from __future__ import annotations

from pathlib import Path

from physprior import files
from physprior.eval.report.report import Report

HTML, MARKDOWN = "report.html", "report.md"


def write_report(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write the page, its Markdown, and the files for other programs into ``folder``.

    Returns what was written, the page first. Raises OutputError where the folder cannot be written.
    """
    # Comparisons take their tables and words from this package, and these files take theirs.
    from physprior.eval.report.exports.markdown import markdown_report
    from physprior.eval.report.exports.write import write_exports
    from physprior.eval.report.page import html_report

    html, markdown = folder / HTML, folder / MARKDOWN
    files.write_text(html, html_report(report))
    files.write_text(markdown, markdown_report(report))
    return (html, markdown, *write_exports(report, folder))
