"""The report of predictions files: a page, tables and figures, and files for other programs."""

from __future__ import annotations

from physprior.eval.report.evaluation import Evaluation, evaluate
from physprior.eval.report.report import Report
from physprior.eval.report.table import Table
from physprior.eval.report.tables import ranking, tables

__all__ = ["Evaluation", "Report", "Table", "evaluate", "ranking", "tables"]
