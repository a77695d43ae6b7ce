"""From failures to the sentences that an engineer can change."""

from __future__ import annotations

from physprior.eval.suggest.suggestion import Look, Said, Suggestion  # isort: skip
from physprior.eval.suggest.suggest import suggest

__all__ = ["Look", "Said", "Suggestion", "suggest"]
