"""How near a reason must come to a class to speak of it, to a hair."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from physprior.eval.explanations.evaluation import answered
from physprior.eval.explanations.items import ClassSentences, Sentences
from physprior.eval.predictions import Predictions
from physprior.eval.spoken import BOUND, LEAD, spoken_classes
from physprior.verdict import render

Read = Callable[..., Predictions]


class Placed:
    """An encoder that says what it is told: a row a text."""

    name = "by hand"

    def __init__(self, rows: Mapping[str, Sequence[float]]) -> None:
        self._rows = rows

    def encode(self, sentences: Sequence[str], **_: object) -> np.ndarray:
        return np.asarray([self._rows[text] for text in sentences])


def row(cosine: float, axis: int) -> list[float]:
    """A unit row with this cosine to the reason's, apart from it along an axis of its own."""
    made = [cosine, 0.0, 0.0, 0.0]
    made[axis] = math.sqrt(1 - cosine**2)
    return made


def spoken(read: Read, normal: Sequence[float], jam: Sequence[float]) -> str | None:
    """Which class a reason speaks of whose cosines to the sentences of two classes are these."""
    classes = {
        name: ClassSentences((), (), tuple(f"{name} {at}." for at in range(len(cosines))))
        for name, cosines in (("normal", normal), ("jam", jam))
    }
    rows: dict[str, Any] = {"The reason.": [1.0, 0.0, 0.0, 0.0]}
    for axis, (name, cosines) in enumerate((("normal", normal), ("jam", jam)), 1):
        rows |= {f"{name} {at}.": row(cosine, axis) for at, cosine in enumerate(cosines)}
    items = answered(read([("clip", "jam", 1.0, render(True, "The reason."))]))
    sentences = Sentences("kb", "0" * 64, {"clip": classes})
    found = spoken_classes(items, sentences, Placed(rows))  # type: ignore[arg-type]
    return next(iter(found.values()))


@pytest.mark.parametrize(
    ("jam", "told"), [(BOUND + 0.01, "jam"), (BOUND - 0.01, None), (BOUND - 0.15, None)]
)
def test_below_the_bound_a_reason_speaks_of_no_class(
    read: Read, jam: float, told: str | None
) -> None:
    assert spoken(read, [0.1], [jam]) == told


@pytest.mark.parametrize(("ahead", "told"), [(LEAD + 0.005, "jam"), (LEAD - 0.005, None)])
def test_the_nearest_class_must_lead_the_next(read: Read, ahead: float, told: str | None) -> None:
    assert spoken(read, [0.8], [0.8 + ahead]) == told


def test_the_nearest_sentence_of_a_class_counts_and_not_their_mean(read: Read) -> None:
    assert spoken(read, [0.7, 0.7], [0.9, 0.1]) == "jam"


def test_a_reason_without_anything_to_be_seen_speaks_of_no_class(read: Read) -> None:
    invisible = "\u200b"
    (item,) = answered(read([("clip", "jam", 1.0, f"Verdict: Anomalous. Reason: {invisible}")]))
    assert item.explanation == invisible
    sentences = Sentences("kb", "0" * 64, {"clip": {"jam": ClassSentences((), (), ("It jams.",))}})
    rows = {text: [1.0] for text in ("It jams.", invisible)}
    assert spoken_classes([item], sentences, Placed(rows)) == {item.id: None}  # type: ignore[arg-type]
