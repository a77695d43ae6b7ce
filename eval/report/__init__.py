"""The report of a predictions file: Markdown and HTML, with tables and figures."""

from __future__ import annotations

from physprior.eval.report.evaluation import Evaluation, evaluate
from physprior.eval.report.table import Table
from physprior.eval.report.tables import ranking, tables
from physprior.eval.report.write import write_report

__all__ = ["Evaluation", "Table", "evaluate", "ranking", "tables", "write_report"]
