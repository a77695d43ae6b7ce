"""A report as files for other programs: JSON, CSV, LaTeX, Markdown."""

from __future__ import annotations

from physprior.eval.report.exports.record import record
from physprior.eval.report.exports.schema import scores_schema

__all__ = ["record", "scores_schema"]
