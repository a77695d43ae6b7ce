"""The texts of a dialogue and of a KB entry, sentence by sentence, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from physprior.dialogue import Part, Turn
from physprior.dialogue.source_map import Fragment, KbValue, MappedPart, MappedTurn, kb_value
from physprior.eval.report.cards.card import CardTurn, ClassTexts, Place, Sentence
from physprior.knowledge.compose import DataPath
from physprior.knowledge.load import Entry
from physprior.knowledge.schema import NORMAL, Normal
from physprior.paths import as_typed

_STOP = re.compile(r"""[.!?…]["'”’)\]]*\s+""")


def kb_place(value: KbValue) -> Place:
    """The place of a KB value."""
    return Place(as_typed(value.path), value.line, value.name)


def until_verdict(
    turns: Sequence[MappedTurn] | Sequence[Turn], *, generated: bool = False
) -> Iterator[CardTurn]:
    """What stands before the verdict, part by part, with places where the turns are mapped.

    ``generated``: the answers are the model's own, another one each video; they are left open.
    """
    for turn in turns:
        kinds = [part.kind for part in turn.parts]
        if generated and turn.role == "assistant" and "verdict" not in kinds:
            yield CardTurn(turn.role, kinds[0] if len(kinds) == 1 else "plain", ())
            continue
        for part in turn.parts:
            if part.kind == "verdict" or (generated and turn.role == "assistant"):
                return
            yield CardTurn(turn.role, part.kind, part_sentences(part))


def part_sentences(part: MappedPart | Part) -> tuple[Sentence, ...]:
    """The sentences of a part; one of a record's own says nothing of where they come from."""
    return placed_sentences(part) if isinstance(part, MappedPart) else (Sentence(part.text, ()),)


def placed_sentences(part: MappedPart) -> tuple[Sentence, ...]:
    """A part's text cut into stretches: neighbouring sentences of one origin are one stretch."""
    found: list[Sentence] = []
    for text, places in _each_sentence(part):
        if found and found[-1].places == places:
            found[-1] = Sentence(f"{found[-1].text} {text}", places)
        else:
            found.append(Sentence(text, places))
    return tuple(found)


def _each_sentence(part: MappedPart) -> Iterator[tuple[str, tuple[Place, ...]]]:
    ends = [stop.end() for stop in _STOP.finditer(part.text)]
    start = 0
    for end in [*ends, len(part.text)]:
        if text := part.text[start:end].strip():
            yield text, _places(_overlapping(part.fragments, start, end))
        start = end


def _overlapping(fragments: Iterable[Fragment], start: int, end: int) -> Iterator[Fragment]:
    """The fragments that words between two offsets come from."""
    at = 0
    for fragment in fragments:
        within = fragment.text[max(0, start - at) : max(0, end - at)]
        if any(letter.isalnum() for letter in within):
            yield fragment
        at += len(fragment.text)


def _places(fragments: Iterable[Fragment]) -> tuple[Place, ...]:
    """The KB's values, then the template's own words, each place once."""
    kb: dict[Place, None] = {}
    template: dict[Place, None] = {}
    for fragment in fragments:
        # What a condition or a loop has read is not said here.
        values = [kb_place(value) for value in fragment.sources if not value.decides]
        kb |= dict.fromkeys(values)
        # A tag that only takes in a value is no place where one would change the sentence.
        if (place := fragment.place) is not None and not (values and place.expression):
            template[Place(as_typed(place.path), place.line, "")] = None
    return (*kb, *template)


def class_texts(entry: Entry) -> dict[str, ClassTexts]:
    """What would be right to say of each class, by its id, ``normal`` first."""

    def sentence(text: str, path: DataPath) -> Sentence:
        return Sentence(text, (kb_place(kb_value(entry.source, path)),))

    def references(texts: Normal, path: DataPath) -> tuple[Sentence, ...]:
        return tuple(
            sentence(text, (*path, "references", number))
            for number, text in enumerate(texts.references)
        )

    phases = {
        phase.id: sentence(phase.expected, ("prior", "motion", "phases", number, "expected"))
        for number, phase in enumerate(entry.category.prior.motion.phases)
    }
    found = {
        NORMAL: ClassTexts(
            NORMAL,
            references(entry.category.normal, ("normal",)),
            (),
            kb_place(kb_value(entry.source, ("normal",))),
        )
    }
    for number, anomaly in enumerate(entry.category.anomalies):
        found[anomaly.id] = ClassTexts(
            anomaly.name,
            references(anomaly, ("anomalies", number)),
            tuple(phases[name] for name in anomaly.violates if name in phases),
            kb_place(kb_value(entry.source, ("anomalies", number, "id"))),
        )
    return found
