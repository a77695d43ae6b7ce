"""The report as one HTML page that needs nothing from elsewhere."""

from __future__ import annotations

from physprior.eval.report.page.build import html_report

__all__ = ["html_report"]
