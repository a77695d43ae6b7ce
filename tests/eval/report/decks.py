"""Decks that are made by hand, without a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from physprior.eval.report.cards.card import Card, CardAnswer, Deck, Sentence
from physprior.verdict import render

NORMAL, ANOMALOUS = render(False, "It works."), render(True, "It jams.")


def made_answer(**fields: Any) -> CardAnswer:
    """An answer that says nothing but what is named."""
    nothing: dict[str, Any] = dict.fromkeys(CardAnswer.__dataclass_fields__)
    known = {"trouble": -1.0, "truncated": False, "turns": (), "marks": ()}
    return CardAnswer(**(nothing | known | fields))


def made_card(number: int = 0, *answers: CardAnswer | None, **fields: Any) -> Card:
    """An anomalous clip."""
    name = f"clip/test/unable_to_press/{number:04d}"
    known: dict[str, Any] = {
        "id": name,
        "video": f"{name}.mp4",
        "category": "clip",
        "class_id": "unable_to_press",
        "label": 1,
        "instance": "clip-1",
        "severity": None,
        "skipped": "",
        "answers": answers or (made_answer(),),
    }
    return Card(**(known | fields))


def made_deck(*cards: Card, **categories: Any) -> Deck:
    """A deck of cards; without categories nothing is known of any."""
    return Deck(("mine",), categories, cards or (made_card(),))


def placed(deck: Deck) -> Iterator[tuple[str, Sentence]]:
    """Every sentence of a deck that has a place, with its category."""
    for name, texts in deck.categories.items():
        found = [one for turn in texts.dialogue for one in turn.sentences]
        for one in texts.classes.values():
            found += [*one.references, *one.violates]
        yield from ((name, sentence) for sentence in found if sentence.places)
