"""A report's files, written."""

from __future__ import annotations

from pathlib import Path

from physprior.eval.report.exports.markdown import markdown_report
from physprior.eval.report.exports.write import write_exports
from physprior.eval.report.page import html_report
from physprior.eval.report.report import Report

HTML, MARKDOWN = "report.html", "report.md"


def write_report(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write the page, its Markdown, and the files for other programs into ``folder``.

    Returns what was written, the page first. Raises OutputError where the folder cannot be written:
    the files of an earlier report stay as they were.
    """
    pages = {folder / HTML: html_report(report), folder / MARKDOWN: markdown_report(report)}
    return (*pages, *write_exports(report, folder, pages))
