"""A Jinja environment that renders as the ordinary one does, and notes where each text is from.

Its templates are compiled with calls to it put in (see ``dialogue.instrument``). An expression's
origin is that of its result, where the result is a traced string or a part of the entry; otherwise
(a number, a filtered text) it is that of all that was read on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import nodes
from jinja2.lexer import TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from physprior.dialogue.instrument import BEGAN, INSERTED, STORED, Instrument, Place, TemplateText
from physprior.dialogue.tags import MARKS
from physprior.dialogue.traced import Read, Reads, Segment, Traced, below, deciding, joined
from physprior.knowledge.compose import DataPath

_ANY = object()


@dataclass
class _Frame:
    """What has been read so far for one expression."""

    reads: list[Read] = field(default_factory=list)
    """By the expressions within it."""
    fields: list[Read] = field(default_factory=list)
    """By itself: the fields that it, or a filter in it, took of the entry's parts."""


class TracingEnvironment(ImmutableSandboxedEnvironment):
    """Renders one dialogue; made anew for each. ``paths`` is set before it renders."""

    # Jinja's compiled code asks for these by name, and its overlays copy the rest.
    places: list[Place]
    paths: Mapping[int, DataPath]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places, self.paths = [], {}
        self._sources: dict[str, TemplateText] = {}
        self._conditions = 0
        self._frames: list[_Frame] = []
        self._decided: dict[int, Reads] = {}
        self._kept: dict[str, tuple[Any, Reads]] = {}
        self._last: tuple[int | None, Reads] = (None, ())
        self.filters[BEGAN] = self._began
        self.filters[INSERTED] = self._block_inserted
        self.filters[STORED] = self._block_stored

    def segments(self, stream: Iterable[str]) -> Iterator[Segment]:
        """The pieces of a text that is being generated, with their origins."""
        for text in stream:
            if isinstance(text, Traced):
                yield from text.pieces()
            elif text.strip() and text[0] not in MARKS:
                # Escaping makes a text of its own of what was written last.
                yield Segment(str(text), *self._last)
            else:
                yield Segment(text, None, ())

    # Compiling

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        text = TemplateText.of(Path(filename or name or ""), source)
        self._sources[str(filename)] = text
        raw = text.tokens(self.lexer, state)
        return TokenStream(self.lexer.wrap(raw, name, filename), name, filename)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        put_in = Instrument(self._sources[str(filename)], self.places, self._conditions)
        tree = put_in.visit(source)
        self._conditions = put_in.conditions
        tree.set_environment(self)
        return super()._generate(tree, name, filename, defer_init)

    # What compiled templates and filters call

    def opened(self) -> None:
        """Begin an expression."""
        self._frames.append(_Frame())

    def named(self, name: str, _opened: None, value: Any) -> Any:
        """A name was read."""
        kept, reads = self._kept.get(name, (None, ()))
        if reads and (kept is _ANY or kept is value):
            self._frames[-1].reads.extend(reads)
        return self._again(value, self._closed(value))

    def valued(self, _opened: None, value: Any) -> Any:
        """An expression has its value."""
        return self._again(value, self._closed(value))

    def asked(self, _opened: None, value: Any) -> Any:
        """The test of an ``a if test else b`` has its value."""
        reads = self._closed(value, silent=True)
        self._note(deciding(reads))
        return value

    def decided(self, number: int, _opened: None, value: Any) -> Any:
        """A condition has its value."""
        self._decided[number] = deciding(self._closed(value))
        return value

    def iterated(self, number: int, names: tuple[str, ...], _opened: None, value: Any) -> Any:
        """A loop begins."""
        reads = self._closed(value)
        self._decided[number] = deciding(reads)
        self._kept.update((name, (_ANY, reads)) for name in names)
        return value

    def stored(
        self, names: tuple[str, ...], governing: tuple[int, ...], _opened: None, value: Any
    ) -> Any:
        """A name gets its value."""
        return self._keep(value, self._closed(value), names, governing)

    def wrote(self, number: int, text: str) -> str:
        """The template's own words are written."""
        reads = self._governed(self.places[number].governing)
        self._last = (number, reads)
        if hasattr(text, "__html__"):
            return text
        return Traced(text, reads, (Segment(text, number, reads),))

    def inserted(self, number: int, _opened: None, value: Any) -> Any:
        """An expression is written."""
        return self._written(number, value, self._closed(value))

    def _began(self, text: str) -> str:
        self.opened()
        self._note(getattr(text, "reads", ()))
        return text

    def _block_inserted(self, value: Any, number: int) -> Any:
        return self._written(number, value, self._closed(value))

    def _block_stored(self, value: Any, names: tuple[str, ...], governing: tuple[int, ...]) -> Any:
        return self._keep(value, self._closed(value), names, governing)

    def concat(self, pieces: Iterable[str]) -> str:
        """Join what a macro or a block has written."""
        pieces = list(pieces)
        text = "".join(pieces)
        reads = joined(r for piece in pieces if isinstance(piece, Traced) for r in piece.reads)
        if not any(isinstance(piece, Traced) for piece in pieces):
            return text
        return Traced(text, reads, tuple(self.segments(pieces)))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field, and note which."""
        self._touch(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read an item or a field, and note which."""
        self._touch(obj, argument)
        return super().getitem(obj, argument)

    # The books

    def _touch(self, obj: Any, part: Any) -> None:
        path = self.paths.get(id(obj))
        if path is None or not self._frames:
            return
        if isinstance(obj, BaseModel) and part in type(obj).model_fields:
            self._frames[-1].fields.append(Read((*path, str.__str__(part))))
        elif isinstance(obj, tuple) and isinstance(part, int) and -len(obj) <= part < len(obj):
            self._frames[-1].fields.append(Read((*path, part % len(obj))))

    def _closed(self, value: Any, *, silent: bool = False) -> Reads:
        """End an expression: what was read for its value."""
        frame = self._frames.pop()
        asked = [read for read in frame.reads if read.decides]
        if isinstance(value, Traced):
            reads = joined([*value.reads, *asked])
        elif id(value) in self.paths:
            reads = joined([Read(self.paths[id(value)]), *asked])
        else:
            # What leads to a field was read for its sake.
            inner = [
                read
                for read in frame.reads
                if read.decides or not any(below(read.path, own.path) for own in frame.fields)
            ]
            reads = joined([*inner, *frame.fields])
        if not silent:
            self._note(reads)
        return reads

    def _note(self, reads: Iterable[Read]) -> None:
        if self._frames:
            self._frames[-1].reads.extend(reads)

    def _again(self, value: Any, reads: Reads) -> Any:
        """The value, traced where Jinja has made a new string of traced ones."""
        return Traced(value, reads) if type(value) is str and reads else value

    def _governed(self, governing: Iterable[int]) -> Reads:
        return joined(read for number in governing for read in self._decided.get(number, ()))

    def _keep(
        self, value: Any, reads: Reads, names: tuple[str, ...], governing: tuple[int, ...]
    ) -> Any:
        because = self._governed(governing)
        reads = joined([*reads, *because])
        self._kept.update((name, (value if len(names) == 1 else _ANY, reads)) for name in names)
        if not isinstance(value, Traced):
            return self._again(value, reads)
        pieces = tuple(p._replace(reads=joined([*p.reads, *because])) for p in value.segments)
        return Traced(value, joined([*value.reads, *because]), pieces)

    def _written(self, number: int, value: Any, reads: Reads) -> Any:
        because = [read for read in reads if read.decides]
        because += self._governed(self.places[number].governing)
        self._last = (number, joined([*reads, *because]))
        if hasattr(value, "__html__"):
            return value
        pieces: tuple[Segment, ...] = (Segment(str(value), None, reads),)
        if isinstance(value, Traced):
            # Words of a macro or a set block were placed where they stand.
            pieces = value.segments or pieces
        placed = tuple(
            Segment(
                str.__str__(piece.text),
                number if piece.place is None else piece.place,
                joined([*piece.reads, *because]),
            )
            for piece in pieces
        )
        return Traced("".join(piece.text for piece in placed), self._last[1], placed)
