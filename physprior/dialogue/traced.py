"""Text that knows which values of a KB entry it was made from.

A ``Traced`` string is an ordinary string to a template; it remembers what was read for it. What
Jinja makes of it (a filtered text, a joined list) is traced anew by ``dialogue.tracing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from physprior import verdict
from physprior.knowledge.compose import DataPath
from physprior.knowledge.schema import NORMAL, Category

LABEL: DataPath = ("verdict",)
"""Stands for the verdict's label, which no entry holds: it comes with the video."""


class Read(NamedTuple):
    """One value that was read."""

    path: DataPath
    """Its way within the entry, or LABEL."""
    decides: bool = False
    """Whether it was read by a condition or a loop, and not written out itself."""


Reads = tuple[Read, ...]


class Segment(NamedTuple):
    """A piece of written text that has one origin."""

    text: str
    place: int | None
    """The number of the place in a template that wrote it; None before it is written."""
    reads: Reads


class Traced(str):
    """A string that remembers what was read for it."""

    reads: Reads
    segments: tuple[Segment, ...]
    """Its pieces where they have different origins, else empty."""

    def __new__(
        cls, text: str = "", reads: Reads = (), segments: tuple[Segment, ...] = ()
    ) -> Traced:
        """The same characters, with their origin."""
        made = super().__new__(cls, text)
        made.reads, made.segments = reads, segments
        return made

    def __str__(self) -> str:
        """Itself: Jinja calls ``str`` on all that it writes."""
        return self

    def pieces(self) -> tuple[Segment, ...]:
        """Its segments, or itself as the one that it is."""
        return self.segments or (Segment(str.__str__(self), None, self.reads),)


def joined(reads: Iterable[Read]) -> Reads:
    """Each read once, in order; what is written out need not be named as deciding, too."""
    once = tuple(dict.fromkeys(reads))
    return tuple(r for r in once if not (r.decides and Read(r.path) in once))


def deciding(reads: Iterable[Read]) -> Reads:
    """The same values, read by a condition."""
    return joined(Read(read.path, decides=True) for read in reads)


def below(path: DataPath, other: DataPath) -> bool:
    """Whether ``other`` lies within ``path`` and is not it."""
    return len(other) > len(path) and other[: len(path)] == path


@dataclass(frozen=True)
class TracedCategory:
    """A category of traced strings, equal to the one that it was made from."""

    category: Category
    paths: dict[int, DataPath]
    """The ``id`` of each of its models and lists to its path."""

    def verdict(self, class_id: str, index: int) -> Traced:
        """The verdict sentence with this explanation of a class: label, then reason."""
        where, texts = next(
            (path, texts) for path, name, texts in _classes(self.category) if name == class_id
        )
        reason = texts.explanations[index]
        sentence = verdict.render(class_id != NORMAL, reason)
        taught = Read((*where, "explanations", index))
        head = sentence.removesuffix(reason)
        return Traced(
            sentence,
            (Read(LABEL), taught),
            (Segment(head, None, (Read(LABEL),)), Segment(str(reason), None, (taught,))),
        )


def traced(category: Category) -> TracedCategory:
    """The category with every text traced."""
    paths: dict[int, DataPath] = {}

    def copy(value: Any, path: DataPath) -> Any:
        if isinstance(value, str):
            return Traced(value, (Read(path),))
        if isinstance(value, BaseModel):
            own = {name: copy(getattr(value, name), (*path, name)) for name in _fields(value)}
            made: Any = type(value).model_construct(_fields_set=value.model_fields_set, **own)
        else:
            made = tuple(copy(item, (*path, number)) for number, item in enumerate(value))
        # All empty tuples are one object, which stands for no path of its own.
        if not isinstance(made, tuple) or made:
            paths[id(made)] = path
        return made

    return TracedCategory(copy(category, ()), paths)


def _fields(value: BaseModel) -> Iterable[str]:
    return type(value).model_fields


def _classes(category: Category) -> Iterator[tuple[DataPath, str, Any]]:
    yield ("normal",), NORMAL, category.normal
    for number, anomaly in enumerate(category.anomalies):
        yield ("anomalies", number), anomaly.id, anomaly
