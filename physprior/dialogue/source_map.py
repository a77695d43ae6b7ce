"""Where each text of a dialogue comes from: the place in the template, and the values of the KB.

for turn in source_map(templates, entry, "multi_turn", "unable_to_press", 0):
    for part in turn.parts:
        for fragment in part.fragments:
            fragment.text, fragment.place, fragment.sources
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.dialogue.instrument import Place
from physprior.dialogue.model import Dialogue, Kind
from physprior.dialogue.tags import read_turns, text_spans
from physprior.dialogue.templates import Context, Templates, environment_of
from physprior.dialogue.traced import LABEL, Segment, traced
from physprior.dialogue.tracing import TracingEnvironment
from physprior.knowledge.compose import DataPath
from physprior.knowledge.load import Entry
from physprior.knowledge.schema import NORMAL
from physprior.knowledge.source import Source
from physprior.knowledge.validation import label


@dataclass(frozen=True)
class KbValue:
    """A value of a KB entry that was read for a text."""

    name: str
    """Its way within the entry: ``prior.component.statement``."""
    path: Path
    """The KB file."""
    line: int
    """Where its text begins, or where the list begins that was read as a whole."""
    column: int
    decides: bool
    """Whether a condition or a loop read it, and the text says nothing of it."""


@dataclass(frozen=True)
class Fragment:
    """A stretch of a part that has one origin."""

    text: str
    """Its characters; those of all fragments of a part make up the part's text."""
    place: Place | None
    """Where a template wrote it; None where that cannot be told."""
    label: bool
    """Whether it says the verdict's label, which comes with the video."""
    sources: tuple[KbValue, ...]
    """The values of the KB that were read for it, in order."""


@dataclass(frozen=True)
class MappedPart:
    """A part of a turn with its origins."""

    kind: Kind
    text: str
    fragments: tuple[Fragment, ...]


@dataclass(frozen=True)
class MappedTurn:
    """A turn with its origins."""

    role: str
    parts: tuple[MappedPart, ...]


@dataclass(frozen=True)
class SourceMap:
    """A dialogue with the origins of all that it says."""

    dialogue: Dialogue
    """As ``Templates.render`` makes it."""
    turns: tuple[MappedTurn, ...]
    """The same turns, with their origins."""
    explanation: KbValue
    """The explanation that the verdict gives."""


def source_map(
    templates: Templates, entry: Entry, mode: str, class_id: str, index: int
) -> SourceMap:
    """The dialogue of a class's explanation (counted from 0), and where it comes from.

    Raises TemplateError as ``Templates.render`` does.
    """
    texts = dict(entry.category.classes())[class_id]
    dialogue = templates.render(
        entry.category, mode, anomalous=class_id != NORMAL, reason=texts.explanations[index]
    )
    own = traced(entry.category)
    jinja = environment_of(TracingEnvironment, templates.folder)
    jinja.paths = own.paths
    sentence = own.verdict(class_id, index)
    context = Context(own.category, own.category.prior, sentence)
    stream = jinja.get_template(templates.path(mode).name).generate(vars(context))
    segments = [segment for segment in jinja.segments(stream) if segment.text]
    read = _Reader(entry.source, jinja.places)
    turns = tuple(_turns(segments, read))
    return SourceMap(dialogue, turns, kb_value(entry.source, sentence.reads[1].path))


def kb_value(source: Source, path: DataPath, *, decides: bool = False) -> KbValue:
    """A value of a KB file by its path, with its place."""
    line, column = _begins(source, path)
    return KbValue(label(source, path) or "the entry", source.path, line, column, decides)


def _begins(source: Source, path: DataPath) -> tuple[int, int]:
    """Where a value begins; that of a block text, after ``>-``, on its first line of words."""
    found = source.value(path)
    if source.lines[found.line - 1][found.column - 1 : found.column] in (">", "|"):
        for number in range(found.line + 1, found.end_line + 1):
            words = source.lines[number - 1]
            if words.strip():
                return number, len(words) - len(words.lstrip()) + 1
    return found.line, found.column


class _Reader:
    """Finds the places of what was read."""

    def __init__(self, source: Source, places: Sequence[Place]) -> None:
        self._source = source
        self._places = places

    def fragment(self, text: str, segment: Segment) -> Fragment:
        place = None if segment.place is None else self._places[segment.place]
        said = any(read.path == LABEL and not read.decides for read in segment.reads)
        values = tuple(
            kb_value(self._source, read.path, decides=read.decides)
            for read in segment.reads
            if read.path != LABEL
        )
        return Fragment(text, place, said, values)


def _turns(segments: Sequence[Segment], read: _Reader) -> Iterator[MappedTurn]:
    rendered = "".join(segment.text for segment in segments)
    spans = text_spans(rendered)
    ends = list(itertools.accumulate(len(segment.text) for segment in segments))
    for turn in read_turns(rendered):
        parts = []
        for part in turn.parts:
            owners = _owners(rendered, *next(spans), ends, segments)
            fragments = tuple(
                read.fragment("".join(sign for sign, _ in run), segments[number])
                for number, run in itertools.groupby(owners, key=lambda owner: owner[1])
            )
            parts.append(MappedPart(part.kind, part.text, fragments))
        yield MappedTurn(turn.role, tuple(parts))


def _owners(
    rendered: str, start: int, end: int, ends: Sequence[int], segments: Sequence[Segment]
) -> Iterator[tuple[str, int]]:
    """Each character of a part's text with the number of its segment.

    White space is one blank; where it has no origin of its own, it belongs to what it follows.
    """
    last: int | None = None
    blank: int | None = None
    for at in range(start, end):
        number = bisect.bisect_right(ends, at)
        if rendered[at].isspace():
            blank = number if blank is None else blank
            continue
        if blank is not None and last is not None:
            yield " ", last if segments[blank].place is None else blank
        yield rendered[at], number
        last, blank = number, None
