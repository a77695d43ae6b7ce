"""From failures to the sentences that an engineer can change."""

from __future__ import annotations

from physprior.eval.suggest.suggestion import Look, Said, Suggestion

__all__ = ["Look", "Said", "Suggestion"]
