"""The dialogues of a page: of each mode, class and explanation, in pieces that know their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from physprior.dialogue import Templates
from physprior.dialogue.source_map import MappedPart, SourceMap, source_map
from physprior.errors import TemplateError
from physprior.knowledge.compose import DataPath
from physprior.knowledge.load import Entry
from physprior.knowledge.schema import NORMAL
from physprior.preview.origins import Finder, Origin, Piece
from physprior.preview.stretches import stretches


@dataclass(frozen=True)
class SaidPiece:
    """A stretch of a sentence that has one origin."""

    text: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True)
class SaidPart:
    """A part of a turn."""

    kind: str
    pieces: tuple[SaidPiece, ...]
    origins: tuple[Origin, ...]
    """Of all its pieces, each line once."""


@dataclass(frozen=True)
class SaidTurn:
    """A turn."""

    role: str
    parts: tuple[SaidPart, ...]


@dataclass(frozen=True)
class Talk:
    """One dialogue."""

    mode: str
    class_id: str
    index: int
    """Which of the class's explanations it teaches, from 0."""
    turns: tuple[SaidTurn, ...]


@dataclass(frozen=True)
class Mode:
    """A template, and what came of it."""

    name: str
    path: Path
    talks: tuple[Talk, ...]
    trouble: str = ""
    """Why there is no dialogue, or why those that are there are of an earlier moment."""


def make_modes(templates: Templates, entry: Entry) -> tuple[Mode, ...]:
    """Every dialogue of an entry in every mode; a template that fails says why."""
    return tuple(_mode(templates, entry, name) for name in templates.modes())


def _mode(templates: Templates, entry: Entry, name: str) -> Mode:
    path = templates.folder / f"{name}.j2"
    try:
        return Mode(name, path, tuple(_talks(templates, entry, name)))
    except TemplateError as error:
        return Mode(name, path, (), str(error))


def _talks(templates: Templates, entry: Entry, mode: str) -> Iterator[Talk]:
    finder = Finder(entry.source)
    for class_id, texts in entry.category.classes():
        made = source_map(templates, entry, mode, class_id, 0)
        first = _talk(made, class_id, 0, finder)
        yield first
        for index, reason in enumerate(texts.explanations[1:], 1):
            # Tracing compiles a template anew, which is most of the work, and explanations of a
            # class differ in the verdict alone: as long as a plain rendering says so.
            dialogue = templates.render(
                entry.category, mode, anomalous=class_id != NORMAL, reason=reason
            )
            same = dialogue.until_verdict() == made.dialogue.until_verdict()
            other = _reasoned(first, index, reason, finder, entry) if same else None
            if other is None:
                again = source_map(templates, entry, mode, class_id, index)
                other = _talk(again, class_id, index, finder)
            yield other


def _talk(made: SourceMap, class_id: str, index: int, finder: Finder) -> Talk:
    turns = tuple(
        SaidTurn(turn.role, tuple(_part(part, finder) for part in turn.parts))
        for turn in made.turns
    )
    return Talk(made.dialogue.mode, class_id, index, turns)


def _reasoned(talk: Talk, index: int, reason: str, finder: Finder, entry: Entry) -> Talk | None:
    """The same dialogue with another reason; None where its last piece is not the reason alone."""
    *turns, last = talk.turns
    *parts, verdict = last.parts
    *head, said = verdict.pieces
    before, now = (finder.value(_explanation(entry, talk.class_id, at)) for at in (0, index))
    reasons = dict(entry.category.classes())[talk.class_id].explanations
    if said.origins[:1] != (before,) or said.text.split() != reasons[0].split():
        return None

    def moved(origins: tuple[Origin, ...]) -> tuple[Origin, ...]:
        return tuple(now if origin == before else origin for origin in origins)

    piece = SaidPiece(" ".join(reason.split()) + " ", moved(said.origins))
    part = SaidPart(verdict.kind, (*head, piece), moved(verdict.origins))
    return Talk(talk.mode, talk.class_id, index, (*turns, SaidTurn(last.role, (*parts, part))))


def _explanation(entry: Entry, class_id: str, index: int) -> DataPath:
    if class_id == NORMAL:
        return ("normal", "explanations", index)
    ids = [anomaly.id for anomaly in entry.category.anomalies]
    return ("anomalies", ids.index(class_id), "explanations", index)


def _part(part: MappedPart, finder: Finder) -> SaidPart:
    pieces: list[SaidPiece] = []
    every: list[Piece] = []
    for stretch in stretches(part):
        # A blank stands between sentences, and belongs to none.
        last = len(stretch) - 1
        for at, piece in enumerate(stretch):
            text = piece[0] + (" " if at == last else "")
            pieces.append(SaidPiece(text, finder.of([piece])))
        every += stretch
    return SaidPart(part.kind, tuple(pieces), finder.of(every))
