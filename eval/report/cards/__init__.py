"""The cards of a report: one a video."""

from __future__ import annotations

from physprior.eval.report.cards.card import Card, CardAnswer, CategoryTexts, Deck
from physprior.eval.report.cards.deck import make_deck
from physprior.eval.report.cards.page_json import deck_json, strip_blocks

__all__ = [
    "Card",
    "CardAnswer",
    "CategoryTexts",
    "Deck",
    "deck_json",
    "make_deck",
    "strip_blocks",
]
