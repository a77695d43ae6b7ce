"""The report of an ablation: made from the study's files alone, as often as anyone likes."""

from __future__ import annotations

from physprior.pipeline.ablate.report.model import Summary
from physprior.pipeline.ablate.report.terminal import print_summary
from physprior.pipeline.ablate.report.write import summarise

__all__ = ["Summary", "print_summary", "summarise"]
