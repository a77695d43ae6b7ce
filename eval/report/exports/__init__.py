"""A report as files for other programs: JSON, CSV, LaTeX, Markdown."""

from __future__ import annotations

from physprior.eval.report.exports.markdown import markdown_report
from physprior.eval.report.exports.record import record
from physprior.eval.report.exports.schema import scores_schema
from physprior.eval.report.exports.write import write_exports

__all__ = ["markdown_report", "record", "scores_schema", "write_exports"]
