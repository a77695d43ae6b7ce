"""The cards of a report: one a video."""

from __future__ import annotations

from physprior.eval.report.cards.card import Card, CardAnswer, CategoryTexts, Deck

__all__ = ["Card", "CardAnswer", "CategoryTexts", "Deck"]
