"""Whether a judge agrees with itself: the same questions put to it several times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from physprior.stats.labelled import finite_scores


@dataclass(frozen=True)
class Agreement:
    """How alike repeated scores of the same things are; numbers are None where nothing repeats."""

    n: int
    """Things that were scored twice or more; the others say nothing of agreement."""
    exact: float | None
    """Share of them whose scores are all the same."""
    difference: float | None
    """Mean absolute difference of two scores of one thing, over its pairs, then over things."""
    alpha: float | None
    """Krippendorff's alpha for interval data: 1 is perfect, 0 what chance would make of these
    scores. None where all scores are the same, for then there is nothing that could be told apart.
    """


def agreement(repeats: Sequence[Sequence[float]]) -> Agreement:
    """The agreement of ``repeats``: for each thing its scores, as many as there are.

    Raises ValueError for a score that is not finite.
    """
    units = [finite_scores(unit).tolist() for unit in repeats if len(unit) > 1]
    if not units:
        return Agreement(0, None, None, None)
    return Agreement(
        n=len(units),
        exact=sum(len(set(unit)) == 1 for unit in units) / len(units),
        difference=math.fsum(map(_difference, units)) / len(units),
        alpha=krippendorff(units),
    )


def krippendorff(units: Sequence[Sequence[float]]) -> float | None:
    """Krippendorff's alpha for interval data; None where all scores are the same.

    ``units``: the scores of each thing, as many as there are; a thing with one is passed over.
    1 - observed / expected disagreement, disagreement being the mean squared difference of pairs:
    of pairs within a thing, each thing weighted by its scores, and of pairs among all scores
    (Krippendorff, Content Analysis, chapter on reliability). Squared differences of all pairs add
    up to a multiple of the squared distances from the mean, so it takes linear time.
    """
    paired = [unit for unit in units if len(unit) > 1]
    scores = [score for unit in paired for score in unit]
    if len(set(scores)) < 2:
        return None
    # Over ordered pairs of m scores: sum of squared differences = 2 m * squared distances.
    within = math.fsum(2 * len(unit) * _squares(unit) / (len(unit) - 1) for unit in paired)
    among = 2 * len(scores) * _squares(scores) / (len(scores) - 1)
    return 1 - within / among


def _squares(scores: Sequence[float]) -> float:
    mean = math.fsum(scores) / len(scores)
    return math.fsum((score - mean) ** 2 for score in scores)


def _difference(scores: Sequence[float]) -> float:
    pairs = list(combinations(scores, 2))
    return math.fsum(abs(one - other) for one, other in pairs) / len(pairs)
