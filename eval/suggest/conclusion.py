"""Where to begin with a class that fails: with which sentence, or with none."""

from __future__ import annotations

from physprior.eval.suggest.advice import (
    by_chance,
    one_object,
    reasons_alike,
    threshold_off,
    untrained,
)
from physprior.eval.suggest.case import Case
from physprior.eval.suggest.look import blurred, told_of
from physprior.eval.suggest.used import prior_unused
from physprior.knowledge.schema import NORMAL


def conclude(case: Case) -> str:
    """The first thing to do, in a sentence.

    What lies outside the sentences goes before them, but for a sentence that is surely blurred: to
    edit a statement that the model does not use is work for nothing.
    """
    if case.failures.few:
        return "So few are no trend: watch them, and wait for more before you edit."
    if any(untrained(case)):
        return "Train first: a bare checkpoint was taught none of these sentences."
    if unclear := blurred(case)[:1]:
        place = unclear[0].sentence.places[0]
        return (
            f"Begin at {place.path}:{place.line}: what it teaches of {unclear[0].class_id} lies "
            f"nearer to {unclear[0].other_id}."
        )
    if any(threshold_off(case)):
        return "Move the threshold before you edit a sentence."
    if any(one_object(case)):
        return "Look first at the one object that stands out."
    if any(by_chance(case)):
        return "Watch the videos first: what these frames do not show, no sentence tells."
    if any(reasons_alike(case)):
        return "Its reasons do not follow what is seen: train further before you edit a sentence."
    if case.mode == "no_phys":
        return "Look at data and training: the mode no_phys tells no prior that could be edited."
    if any(prior_unused(case)):
        return (
            "Look at data and training before you edit: the controls do not show that the prior "
            "is used here."
        )
    return _of_the_prior(case)


def _of_the_prior(case: Case) -> str:
    for one in told_of(case):
        if one.statement is not None and one.lacking:
            place = one.statement.places[0]
            return (
                f"Begin at {place.path}:{place.line}: no statement has these words of the phase "
                f"'{one.phase_id}': {', '.join(one.lacking)}."
            )
    if case.failures.class_id == NORMAL and case.confused_with is None:
        return "No sentence stands out: watch the videos."
    return "No sentence stands out: watch the videos, with the sentences below beside you."
