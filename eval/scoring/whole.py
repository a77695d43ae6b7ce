"""The scores of a whole predictions file: category by category, macro, and pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from physprior.eval.predictions import Predictions, SkippedVideo
from physprior.eval.scoring import measures
from physprior.eval.scoring.answers import Answer, labels, read_all, scored
from physprior.eval.scoring.model import CategoryScores, Scores
from physprior.eval.thresholds import Thresholds, fixed
from physprior.eval.usable import refuse_unusable


def score(predictions: Predictions, *, thresholds: Thresholds | None = None) -> Scores:
    """Score what a predictions file holds, at ``thresholds`` or, for log-odds, at 0.

    Another method's scores have no natural threshold: without ``thresholds`` the measures at it
    are n/a. Raises PredictionError where the file holds no prediction or a score that is no finite
    number, and where ``thresholds`` are another model's or were chosen on these very videos.
    """
    refuse_unusable(predictions)
    own = predictions.header.source == "predict"
    if thresholds is not None:
        thresholds.refuse_other(predictions.header)
        thresholds.refuse_chosen_on(predictions)
    elif own:
        thresholds = fixed(0.0)
    answers = read_all(predictions.predictions, thresholds)
    categories = _categories(answers, predictions.skipped, thresholds, own)
    return Scores(
        predictions=predictions,
        categories=categories,
        macro=measures.macro(category.measures for category in categories),
        pooled=measures.measure(answers),
        thresholds=thresholds,
        macro_verdict_bounds=_mean_bounds(categories),
        pooled_verdict_bounds=measures.bounds(answers),
        pooled_calibration=measures.calibrate(answers) if own else None,
        parsing=dict(Counter(one.parsed.status for one in answers if one.parsed)),
        reread=sum(_reads_otherwise(one) for one in answers),
    )


def _categories(
    answers: Sequence[Answer],
    skipped: Sequence[SkippedVideo],
    thresholds: Thresholds | None,
    own: bool,
) -> tuple[CategoryScores, ...]:
    found: dict[str, tuple[list[Answer], list[SkippedVideo]]] = {}
    for one in answers:
        found.setdefault(one.line.category, ([], []))[0].append(one)
    for skip in skipped:
        found.setdefault(skip.category, ([], []))[1].append(skip)
    return tuple(_category(name, *lines, thresholds, own) for name, lines in sorted(found.items()))


def _category(
    name: str,
    answers: Sequence[Answer],
    skipped: Sequence[SkippedVideo],
    thresholds: Thresholds | None,
    own: bool,
) -> CategoryScores:
    ranked, scores = scored(answers)
    missed = Counter(skip.class_id for skip in skipped if skip.label)
    types = {*missed, *(one.line.class_id for one in answers if one.label)}
    return CategoryScores(
        category=name,
        normal=labels(answers).count(0),
        anomalous=labels(answers).count(1),
        skipped=len(skipped),
        unparsed=measures.unparsed(answers),
        unscored=len(answers) - len(ranked),
        labels=tuple(labels(ranked)),
        scores=tuple(scores),
        threshold=thresholds.of(name) if thresholds else None,
        measures=measures.measure(answers),
        types=tuple(
            measures.type_scores(class_id, answers, missed[class_id]) for class_id in sorted(types)
        ),
        verdict_bounds=measures.bounds(answers),
        calibration=measures.calibrate(answers) if own else None,
        mass=measures.mass(answers),
    )


def _mean_bounds(categories: Sequence[CategoryScores]) -> tuple[float, float] | None:
    found = [one.verdict_bounds for one in categories if one.verdict_bounds]
    if not found:
        return None
    return sum(low for low, _ in found) / len(found), sum(high for _, high in found) / len(found)


def _reads_otherwise(answer: Answer) -> bool:
    then = answer.line.parse
    return answer.parsed is not None and then is not None and then != answer.parsed.status
