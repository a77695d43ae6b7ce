"""The pictures of a report."""

from __future__ import annotations

from physprior.eval.report.strips.strip import Strips

__all__ = ["Strips"]
