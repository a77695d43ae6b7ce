"""How interesting an answer is: wrong and confident ones first.

Confidence is the score's distance from its category's threshold, ``d / (d + unit)``: 0 at the
threshold, one half at the usual distance, nearing 1 far away. Log-odds mean the same in every
category of a model, so that all of its videos share one unit, the median of their distances. What
another method's score means may differ from category to category, and its scale is anybody's
guess: there each category has its own median. Only the ranks of distances and their ratios count,
so that any scale is served; a score on the threshold has no confidence, and where all are there,
none has.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping

from physprior.eval.scoring.answers import Answer

NO_DECISION = -1.0
"""The trouble of an answer that decides nothing."""
_BY_WORDS = 0.5
"""The confidence of words: they are sure, and nobody knows how sure."""
_SILENT = 0.25
"""That of words without a verdict, and of a score that is not there among scored ones: they claim
nothing, so that wrong verdicts go before them."""


def trouble(answer: Answer, confidence: float) -> float:
    """1 to 2 for wrong answers, the most confident nearest to 2; 0 to 1 for right ones, the least
    confident nearest to 1; -1 without a decision.

    ``confidence``, 0 to 1, is that of its score; without one that counts, the words' is taken.
    """
    if answer.right is None:
        return NO_DECISION
    if answer.called is None:
        confidence = _SILENT
    elif answer.above is None:
        confidence = _BY_WORDS
    return 1 - confidence if answer.right else 1 + confidence


def confidences(answers: Iterable[Answer], *, log_odds: bool) -> Mapping[str, float]:
    """By video id: how far each decided score lies from its threshold, 0 to 1 in its unit."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for one in answers:
        distance = _distance(one)
        if distance is not None:
            found["" if log_odds else one.line.category][one.line.id] = distance
    return {
        name: confidence
        for distances in found.values()
        for name, confidence in _in_units(distances).items()
    }


def _distance(answer: Answer) -> float | None:
    score, threshold = answer.line.score, answer.threshold
    if score is None or threshold is None:
        return None
    # Another method's score may be any number: the difference of two may be too large for one.
    return min(abs(score - threshold), sys.float_info.max)


def _in_units(distances: Mapping[str, float]) -> dict[str, float]:
    apart = [distance for distance in distances.values() if distance > 0]
    unit = statistics.median_low(apart) if apart else 1.0
    return {
        name: 1 / (1 + unit / distance) if distance > 0 else 0.0
        for name, distance in distances.items()
    }
