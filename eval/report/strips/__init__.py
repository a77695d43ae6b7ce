"""The pictures of a report."""

from __future__ import annotations

from physprior.eval.report.strips.make import BUDGET, make_strips
from physprior.eval.report.strips.strip import Strips

__all__ = ["BUDGET", "Strips", "make_strips"]
