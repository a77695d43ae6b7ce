"""Which class of its category an explanation speaks of, whatever class the video shows.

By its words, where it is a sentence of the KB; else by the nearest sentence, as an encoder sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from physprior.eval.explanations.items import Item, Sentences, is_empty
from physprior.eval.explanations.taught import plain

if TYPE_CHECKING:
    import numpy as np

    from physprior.eval.explanations.encoder import Encoder, Progress

BOUND = 0.55
"""Least cosine to the nearest sentence. Chosen on the shipped KB alone: of the sentences of other
objects 4 % come as near to a category, of its own, each left out in turn, 93 % do."""
LEAD = 0.02
"""The least by which the nearest class is nearer than the next. Within it a sentence of the shipped
KB that is left out finds its own class hardly more often than a coin would."""

Asked = tuple[str, str]
"""A category and an explanation of one of its videos."""


def spoken_classes(
    items: Iterable[Item],
    sentences: Sentences,
    encoder: Encoder | None,
    *,
    progress: Progress | None = None,
) -> dict[str, str | None]:
    """Video id to the class that its explanation speaks of; None where it cannot be told.

    That is one that is empty, of an answer whose verdict cannot be read, near no sentence or as
    near to two classes, or word for word a sentence of two classes or of another category. Each
    distinct explanation is embedded once; without an encoder, words alone decide.
    """
    asked = {item.id: _asked(item) for item in items}
    distinct = list(dict.fromkeys(one for one in asked.values() if one is not None))
    told, rest = _by_words(distinct, sentences)
    if encoder is not None:
        told |= _by_nearness(rest, sentences, encoder, progress)
    return {name: told.get(one) if one else None for name, one in asked.items()}


def in_words(encoder: Encoder | None) -> str:
    """How the class is told, in a sentence."""
    if encoder is None:
        return "An explanation is of the class whose sentence in the KB it is, word for word."
    return (
        "An explanation is of the class whose sentence in the KB it is, word for word; else of the "
        f"class whose sentence is nearest, as {encoder.name} sees it: cosine at least {BOUND}, and "
        f"{LEAD} more than that of any other class."
    )


def _asked(item: Item) -> Asked | None:
    text = item.explanation
    if item.parsed is None or item.parsed.anomalous is None or text is None or is_empty(text):
        return None
    return item.category, text


def _by_words(
    asked: Sequence[Asked], sentences: Sentences
) -> tuple[dict[Asked, str | None], list[Asked]]:
    """What the words alone tell, and what is left."""
    owners: dict[str, set[Asked]] = defaultdict(set)
    for category, class_id, text in _every(sentences):
        owners[plain(text)].add((category, class_id))
    told: dict[Asked, str | None] = {}
    rest = []
    for category, text in asked:
        found = owners.get(plain(text), set())
        classes = [class_id for name, class_id in found if name == category]
        if found:
            told[category, text] = classes[0] if len(classes) == 1 else None
        else:
            rest.append((category, text))
    return told, rest


def _every(sentences: Sentences) -> Iterable[tuple[str, str, str]]:
    """Category, class and text of every sentence of why."""
    for category, classes in sentences.classes.items():
        for class_id, one in classes.items():
            for text in (*one.taught, *one.explanations):
                yield category, class_id, text


def _by_nearness(
    asked: Sequence[Asked],
    sentences: Sentences,
    encoder: Encoder,
    progress: Progress | None,
) -> dict[Asked, str | None]:
    wanted = {category for category, _ in asked}
    known = [one for one in _every(sentences) if one[0] in wanted]
    texts = list(dict.fromkeys([*(text for _, text in asked), *(text for *_, text in known)]))
    if not known:
        return {}
    rows = dict(zip(texts, encoder.encode(texts, progress=progress), strict=True))
    classes: dict[str, dict[str, list[np.ndarray]]] = {}
    for category, class_id, text in known:
        classes.setdefault(category, {}).setdefault(class_id, []).append(rows[text])
    return {
        (category, text): _nearest(rows[text], classes.get(category, {}))
        for category, text in asked
    }


def _nearest(row: np.ndarray, classes: Mapping[str, Sequence[np.ndarray]]) -> str | None:
    import numpy as np

    found = sorted(
        ((float((np.stack(rows) @ row).max()), class_id) for class_id, rows in classes.items()),
        reverse=True,
    )
    if not found or found[0][0] < BOUND:
        return None
    if len(found) > 1 and found[0][0] - found[1][0] < LEAD:
        return None
    return found[0][1]
