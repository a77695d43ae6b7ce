"""Predictions of two runs that are made by hand or drawn, for what compares them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from physprior.eval.compare import Compared, ComparedRuns
from physprior.eval.compare_words import conclusions, remarks
from physprior.eval.predictions import Predictions
from physprior.verdict import render

Rows = list[tuple[str, str, float | None, str | None]]
"""Category, class, score (None: skipped) and text of each video, as ``write_file`` takes them."""
Read = Callable[..., Predictions]
YES, NO = render(True, "It jams."), render(False, "It runs.")


def rows(category: str, normal: Sequence[float | None], anomalous: Sequence[float | None]) -> Rows:
    """Rows whose words say anomalous where the score is above 0."""
    classes = [("normal", score) for score in normal] + [("stuck", score) for score in anomalous]
    return [(category, kind, score, YES if (score or 0) > 0 else NO) for kind, score in classes]


def noisy(category: str, shift: float, seed: int, normal: int = 15, anomalous: int = 45) -> Rows:
    """Videos whose anomalous half scores higher by ``shift`` standard deviations."""
    draw = random.Random(f"{category}{seed}")
    return rows(
        category,
        [draw.gauss(0, 1) for _ in range(normal)],
        [draw.gauss(shift, 1) for _ in range(anomalous)],
    )


def category(found: ComparedRuns, name: str) -> Compared:
    return next(one for one in found.categories if one.name == name)


def words(found: ComparedRuns) -> str:
    return " ".join([*remarks(found, "B"), *conclusions(found, "B")])


def scores_of(lines: Rows) -> list[float]:
    return [score for _, _, score, _ in lines if score is not None]
