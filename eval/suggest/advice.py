"""What else follows from the facts: threshold, data, frames, and whether the prior is used.

A sentence is only to blame where these do not explain the failure. Each stands here with the
numbers that it rests on.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from physprior.dataset.names import shown
from physprior.eval.report.words import estimate, scale
from physprior.eval.scoring.answers import Answer
from physprior.eval.suggest.case import Case
from physprior.eval.suggest.look import blurred
from physprior.eval.suggest.used import motion_unused, prior_unused
from physprior.knowledge.schema import NORMAL
from physprior.stats import Estimate, auroc_estimate, rate_estimate

_MANY_FRAMES = 16
_FEW_VIDEOS = 20
_GOOD = 0.8
_TELLING = 5
"""Fewer videos than these tell nothing of an instance or of severities."""


def advise(case: Case) -> tuple[str, ...]:
    """What else to try, the most telling first."""
    return tuple(
        said
        for advice in (
            untrained,
            by_chance,
            threshold_off,
            _disagreement,
            _severity,
            one_object,
            _videos,
            _frames,
            motion_unused,
            prior_unused,
            reasons_alike,
            _worded_apart,
            _same_phases,
            _cut,
            _changed,
        )
        for said in advice(case)
    )


def untrained(case: Case) -> Iterator[str]:
    """Whether the model is a checkpoint that no run has made."""
    header = case.facts.header
    if header.source == "predict" and header.run_fingerprint is None:
        yield (
            f"{shown(header.model)} is a bare checkpoint: it was taught nothing of the KB, and "
            "gets its prior from the dialogue alone"
        )


def by_chance(case: Case) -> Iterator[str]:
    """The score itself does not tell the class from normal."""
    span = case.facts.auroc.interval
    if case.failures.kind == "wrong reason" or span is None:
        return
    if span.low <= 0.5:
        yield (
            f"its scores are not surely above chance (AUROC {estimate(case.facts.auroc)}): no "
            "threshold would find it, and it may not be seen at all; watch the videos first"
        )


def threshold_off(case: Case) -> Iterator[str]:
    """Failures of one kind that are surely more frequent than those of the other."""
    failures, span = case.failures, case.facts.auroc.interval
    threshold = case.facts.category.threshold
    if threshold is None or span is None or span.low < _GOOD or failures.kind == "wrong reason":
        return
    others = [one for one in failures.normal if one.above is not None]
    alarms = rate_estimate(sum(one.above is True for one in others), len(others))
    missed = failures.rate
    if failures.class_id == NORMAL:
        labels, scores = case.facts.category.labels, case.facts.category.scores
        found = [score for label, score in zip(labels, scores, strict=True) if label]
        alarms, missed = missed, rate_estimate(sum(one <= threshold for one in found), len(found))
    worse, better = (alarms, missed) if failures.class_id == NORMAL else (missed, alarms)
    if not (worse.interval and better.interval and worse.interval.low > better.interval.high):
        return
    yield (
        f"the scores rank well (AUROC {estimate(case.facts.auroc)}), but the threshold "
        f"{scale(threshold)} lies {'low' if failures.class_id == NORMAL else 'high'}: it raises "
        f"{percent(alarms)} false alarms and misses {percent(missed)}; more validation videos, "
        "or another --rule, would place it better than a sentence could"
    )


def _disagreement(case: Case) -> Iterator[str]:
    failed = [one for one in case.failures.failed if one.above is not None]
    right = sum(one.said is bool(one.label) for one in failed)
    if right and case.failures.kind != "wrong reason":
        yield (
            f"in {right} of {len(failed)} the words are right and only the score is on the wrong "
            "side of the threshold"
        )


def _severity(case: Case) -> Iterator[str]:
    """Whether the misses are the slight ones."""
    if case.failures.kind != "missed":
        return
    missed, found = (
        [case.facts.severities[one.line.id] for one in side if one.line.id in case.facts.severities]
        for side in (case.failures.failed, case.failures.fine)
    )
    if min(len(missed), len(found)) < _TELLING:
        return
    labels = [0] * len(missed) + [1] * len(found)
    span = auroc_estimate(labels, [*missed, *found]).interval
    if span is not None and span.low > 0.5:
        yield (
            f"the misses are the slight ones: median severity {statistics.median(missed):.2f}, "
            f"of those found {statistics.median(found):.2f}; more frames or larger pictures may "
            "show them, or they are below what matters"
        )


def one_object(case: Case) -> Iterator[str]:
    """An object that fails surely more often than the others."""
    failed, every = (
        _by_object(side)
        for side in (case.failures.failed, (*case.failures.failed, *case.failures.fine))
    )
    known = {name: count for name, count in every.items() if name}
    for name in sorted(known, key=lambda one: (-failed.get(one, 0), one))[:1]:
        hits, videos = failed.get(name, 0), known[name]
        rest = case.failures.of - videos
        if hits < _TELLING or rest < _TELLING:
            return
        own = rate_estimate(hits, videos)
        others = rate_estimate(len(case.failures.failed) - hits, rest)
        if own.interval and others.interval and own.interval.low > others.interval.high:
            yield (
                f"{hits} of them are of the object {name}, which fails in {percent(own)} of its "
                f"videos and the others in {percent(others)}: look at that object, its camera "
                "and light before any sentence"
            )


def _by_object(answers: Sequence[Answer]) -> dict[str, int]:
    return Counter(one.line.instance for one in answers)


def _videos(case: Case) -> Iterator[str]:
    """How many videos the class was learnt from."""
    if case.facts.trained is None:
        return
    name = case.failures.class_id
    count = case.facts.trained.get(name, 0)
    if count == 0:
        yield f"no video of {name} was trained on: nothing but sentences tells the model of it"
    elif count < _FEW_VIDEOS:
        most = max(case.facts.trained.values())
        yield f"only {count} videos of {name} were trained on (the most of a class here: {most})"


def _frames(case: Case) -> Iterator[str]:
    """An onset partway may fall between the frames."""
    anomaly = case.entry.anomaly(case.failures.class_id) if case.entry else None
    sampling = case.facts.header.sampling
    if case.entry is None or anomaly is None or sampling is None or case.failures.kind != "missed":
        return
    if anomaly.onset == "intermittent" and sampling.frames < _MANY_FRAMES:
        place = case.entry.field(anomaly.id, "onset")
        yield (
            f"it begins partway ({place.path}:{place.line}), and {sampling.frames} frames are "
            f"seen ({sampling.kind}): where it begins late, few of them show it; more frames, in "
            "training and in prediction, may"
        )


def reasons_alike(case: Case) -> Iterator[str]:
    """The wrong reason is given as often of the class that it belongs to."""
    other = case.confused_with
    if case.failures.kind != "wrong reason" or other is None or case.failures.few:
        return
    own = case.facts.said_of(case.failures.class_id, other)
    there = case.facts.said_of(other, other)
    if own.interval and there.interval and there.interval.low <= own.interval.high:
        yield (
            f"reasons of {other} are given of {percent(own)} of {case.failures.class_id} and of "
            f"{percent(there)} of {other} itself: they do not follow what is seen, which is a "
            "matter of training before it is one of sentences"
        )


def _worded_apart(case: Case) -> Iterator[str]:
    """The wording of the two classes is not what is confused."""
    if case.entry is None or case.nearness is None or case.confused_with is None or blurred(case):
        return
    if case.entry.taught(case.failures.class_id) and case.entry.taught(case.confused_with):
        yield (
            f"every sentence taught of {case.failures.class_id} and of {case.confused_with} lies "
            "nearer to its own class than to the other: their wording is not what is confused"
        )


def _same_phases(case: Case) -> Iterator[str]:
    """Two anomalies that the prior cannot tell apart."""
    if case.entry is None or case.confused_with is None:
        return
    one, other = map(case.entry.anomaly, (case.failures.class_id, case.confused_with))
    if one and other and {*one.violates} == {*other.violates}:
        yield (
            f"{one.id} and {other.id} break the same phases ({', '.join(one.violates)}): the prior "
            "does not tell them apart, their explanations must"
        )


def _cut(case: Case) -> Iterator[str]:
    cut = sum(one.line.truncated for one in case.failures.failed)
    if cut:
        yield (
            f"{cut} of the answers were cut at {case.facts.header.max_new_tokens} tokens: allow "
            "more with --max-new-tokens, or write shorter explanations"
        )


def _changed(case: Case) -> Iterator[str]:
    if case.texts is not None and case.texts.changed:
        yield (
            f"the model was asked with other sentences ({'; '.join(case.texts.changed)}): the "
            "lines named here are those of the files as they are now"
        )


def percent(found: Estimate) -> str:
    """``61% (45 to 75%)``: a share with its interval."""
    said = f"{found.value or 0:.0%}"
    span = found.interval
    return f"{said} ({100 * span.low:.0f} to {100 * span.high:.0f}%)" if span else said
