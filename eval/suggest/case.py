"""One class that fails, with all that is known of it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from physprior.eval.explanations.items import Item
from physprior.eval.report.cards.card import CategoryTexts, Place, Sentence
from physprior.eval.scoring.answers import Answer
from physprior.eval.suggest.facts import Facts
from physprior.eval.suggest.failures import Failures
from physprior.eval.suggest.sources import STATEMENTS, EntrySentences, Nearness
from physprior.eval.suggest.suggestion import Said
from physprior.knowledge.schema import NORMAL

_MOST, _LONGEST = 10, 500
"""So many different reasons are shown, and so many characters of each."""
_MODES = {"multi_turn": STATEMENTS, "single_turn": STATEMENTS}
"""What the shipped templates tell of the prior; the others nothing."""


@dataclass(frozen=True)
class Case:
    """A class that fails in one way, and what its category says."""

    failures: Failures
    entry: EntrySentences | None
    """None where the KB does not know the category."""
    nearness: Nearness | None
    """None without an encoder."""
    texts: CategoryTexts | None
    """What the model was asked, as the cards show it; None where nobody knows."""
    mode: str | None
    """The dialogue's mode; None for another method's."""
    spoken: Mapping[str, str | None]
    """Video id to the class that its explanation speaks of."""
    facts: Facts

    @property
    def instead(self) -> tuple[Said, ...]:
        """What the failing answers give as their reason, the most frequent first."""
        texts = Counter(
            (text, self.spoken.get(one.line.id))
            for one in self.failures.failed
            if (text := explanation(one))
        )
        ranked = sorted(texts.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1] or ""))
        return tuple(Said(text, times, class_id) for (text, class_id), times in ranked)

    @property
    def shown_instead(self) -> tuple[Said, ...]:
        """The most frequent of them, none longer than a page has room for."""
        return tuple(
            replace(one, text=textwrap.shorten(one.text, _LONGEST, placeholder=" …"))
            for one in self.instead[:_MOST]
        )

    @property
    def confused_with(self) -> str | None:
        """The class that the failing answers speak of most often, if it is another one.

        A missed anomaly whose answers have no reason is taken for normal.
        """
        own = self.failures.class_id
        said = Counter(
            name
            for one in self.failures.failed
            if (name := self.spoken.get(one.line.id)) not in (None, own)
        )
        if said:
            return min(said, key=lambda name: (-said[name], str(name)))
        worded = any(one.parsed for one in self.failures.failed)
        return NORMAL if self.failures.kind == "missed" and not worded else None

    def times(self, class_id: str | None) -> int:
        """How many failing answers speak of a class."""
        return sum(self.spoken.get(one.line.id) == class_id for one in self.failures.failed)

    @property
    def told(self) -> dict[str, Sentence]:
        """The statements of the prior that the model is told before it answers."""
        if self.entry is None:
            return {}
        every = self.entry.statements()
        if self.texts is not None and self.texts.dialogue:
            kinds = {turn.kind for turn in self.texts.dialogue}
            return {name: one for name, one in every.items() if name in kinds}
        return {name: every[name] for name in _MODES.get(self.mode or "", ())}

    def shows(self, place: Place) -> bool | None:
        """Whether the dialogue shows the model the value of a place; None where nobody knows."""
        places = [
            one.name
            for turn in (self.texts.dialogue if self.texts else ())
            for sentence in turn.sentences
            for one in sentence.places
        ]
        return place.name in places if any(places) else None

    def place_of(self, text: str) -> tuple[Sentence, str] | None:
        """The taught sentence that a text is word for word, and its class."""
        from physprior.eval.explanations.taught import plain

        for class_id in self.entry.classes if self.entry else ():
            for one in self.entry.taught(class_id) if self.entry else ():
                if plain(one.text) == plain(text):
                    return one, class_id
        return None


def explanation(one: Answer) -> str | None:
    """The reason of an answer, as explanation scores take it."""
    return Item(one.line, one.parsed, (), ()).explanation
