"""A part of a dialogue cut into its sentences, each in pieces that have one origin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from physprior.dialogue.source_map import MappedPart
from physprior.preview.origins import Piece

_SENTENCE_ENDS = re.compile(r"(?<=[.?!…])\s+")


def stretches(part: MappedPart) -> Iterator[tuple[Piece, ...]]:
    """The sentences of a part, in order, without the blanks between them.

    A template's own words are cut at the ends of sentences; what a KB value says stays whole.
    """
    run: list[Piece] = []
    for fragment in part.fragments:
        if run and run[-1][0].rstrip().endswith((".", "?", "!", "…")):
            yield _trimmed(run)
            run = []
        if fragment.sources or fragment.label:
            run.append((fragment.text, fragment))
            continue
        *whole, rest = _SENTENCE_ENDS.split(fragment.text)
        for text in whole:
            yield _trimmed([*run, (text, fragment)])
            run = []
        if rest:
            run.append((rest, fragment))
    if run:
        yield _trimmed(run)


def _trimmed(run: list[Piece]) -> tuple[Piece, ...]:
    (first, *_), (last, *_) = run[0], run[-1]
    if len(run) == 1:
        return ((first.strip(), run[0][1]),)
    return ((first.lstrip(), run[0][1]), *run[1:-1], (last.rstrip(), run[-1][1]))
