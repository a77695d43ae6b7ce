"""Which sentences an engineer should look at for a class that fails, and why, likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from physprior.eval.report.cards.card import Sentence
from physprior.eval.spoken import BOUND
from physprior.eval.suggest.case import Case, explanation
from physprior.eval.suggest.suggestion import Look
from physprior.eval.suggest.wording import contents, lacking

_BLURRED = 3
"""So many sentences that cannot be told from another class's are shown."""
_LACKING = 2
"""So many words of a phase, and a third of them, must be in no statement before it is said."""
_ECHO = 0.5
"""A statement is echoed where at least this share of the reasons repeats its words,"""
_ECHOED = 2
"""each so many of them."""


def look(case: Case) -> tuple[Look, ...]:
    """Sentences to look at; each stands once, with all its reasons."""
    whys: dict[tuple[str, int], tuple[Sentence, list[str]]] = {}
    for one in (*_blurred(case), *_phases(case), *_echo(case), *_said(case)):
        place = one.sentence.places[0]
        _, reasons = whys.setdefault((place.path, place.line), (one.sentence, []))
        if one.why not in reasons:
            reasons.append(one.why)
    return tuple(Look(sentence, "; ".join(reasons)) for sentence, reasons in whys.values())


@dataclass(frozen=True)
class Blurred:
    """A taught sentence that lies nearer to another class than to its own."""

    sentence: Sentence
    class_id: str
    other: Sentence
    """The nearest of the other class."""
    other_id: str
    across: float
    """Cosine to that one."""
    within: float
    """Cosine to the nearest of its own class."""


def blurred(case: Case) -> list[Blurred]:
    """The sentences of both classes that their wording does not tell apart, the worst first."""
    entry, nearness, other = case.entry, case.nearness, case.confused_with
    if entry is None or nearness is None or other is None:
        return []
    found = []
    for own, far in ((case.failures.class_id, other), (other, case.failures.class_id)):
        for one in entry.taught(own):
            across = nearness.nearest(one, entry.taught(far))
            within = nearness.nearest(one, [two for two in entry.taught(own) if two is not one])
            if across and within and across[1] >= within[1]:
                found.append(Blurred(one, own, across[0], far, across[1], within[1]))
    return sorted(found, key=lambda one: one.within - one.across)


def _blurred(case: Case) -> Iterator[Look]:
    for one in blurred(case)[:_BLURRED]:
        place = one.other.places[0]
        yield Look(
            one.sentence,
            f"taught of {one.class_id}, and nearer to {place.path}:{place.line} of {one.other_id} "
            f"({one.across:.2f}) than to any other of {one.class_id} ({one.within:.2f}): say what "
            "sets the two apart",
        )


@dataclass(frozen=True)
class ToldOf:
    """What the model is told of a phase that is in question."""

    phase_id: str
    phase: Sentence
    owners: str
    """The anomalies that break it."""
    statement: Sentence | None
    """The nearest of what it is told; None where it is told nothing."""
    lacking: tuple[str, ...]
    """Words of the phase that no statement has, where none is near enough to say the same."""


def told_of(case: Case) -> list[ToldOf]:
    """The phases that the true anomaly breaks, or the claimed one; of two, those of both."""
    if case.entry is None:
        return []
    phases, told = case.entry.phases(), list(case.told.values())
    found = []
    for phase_id, owners in _in_question(case).items():
        phase = phases[phase_id]
        statement, near = _nearest_told(case, phase, told)
        missing = tuple(lacking(phase.text, [one.text for one in told]))
        # Other words may say the same: far apart, and in other words, is a hint that they do not.
        untold = not near and len(missing) >= max(_LACKING, len(contents(phase.text)) / 3)
        owner = " and ".join(owners)
        found.append(ToldOf(phase_id, phase, owner, statement, missing if untold else ()))
    return found


def _phases(case: Case) -> Iterator[Look]:
    every = told_of(case)
    for statement in {id(one.statement): one.statement for one in every}.values():
        if statement is not None:
            yield Look(statement, _tells([one for one in every if one.statement is statement]))
    for one in every:
        unseen = case.shows(one.phase.places[0]) is False
        yield Look(
            one.phase,
            f"the phase '{one.phase_id}', which {one.owners} breaks"
            + (" (for you alone: the model is not shown it)" if unseen else ""),
        )


def _tells(every: Sequence[ToldOf]) -> str:
    names = " and ".join(f"'{one.phase_id}'" for one in every)
    said = f"what the model is told of {names}"
    words = [word for one in every for word in one.lacking]
    return f"{said}; no statement has the words: {', '.join(words)}" if words else said


def _in_question(case: Case) -> dict[str, list[str]]:
    entry, failures, other = case.entry, case.failures, case.confused_with
    names = [failures.class_id]
    if failures.kind != "missed" and other is not None:
        names.append(other)
    found: dict[str, list[str]] = {}
    for name in names:
        anomaly = entry.anomaly(name) if entry else None
        for phase_id in anomaly.violates if anomaly else ():
            found.setdefault(phase_id, []).append(name)
    return found


def _nearest_told(
    case: Case, phase: Sentence, told: Sequence[Sentence]
) -> tuple[Sentence | None, bool]:
    """The statement that speaks of a phase, and whether it is near enough to say the same."""
    if not told:
        return None, True
    if case.nearness is not None:
        statement, cosine = max(
            ((one, case.nearness.tells(one, phase)) for one in told), key=lambda pair: pair[1]
        )
        return statement, cosine >= BOUND
    words = contents(phase.text).keys()
    shared = [(len(words & contents(one.text).keys()), one) for one in told]
    most, best = max(shared, key=lambda pair: pair[0])
    return (best if most else None), 2 * most >= len(words)


def _echo(case: Case) -> Iterator[Look]:
    """The statement whose words the wrong reasons repeat, where the true class does not use them.

    Words of the object itself, which right reasons have too, say nothing.
    """
    if case.entry is None:
        return
    own = {stem for one in case.entry.taught(case.failures.class_id) for stem in contents(one.text)}
    reasons = [contents(text) for one in case.failures.failed if (text := explanation(one))]
    best: tuple[int, Sentence | None, list[str]] = (0, None, [])
    for statement in case.told.values():
        words = {stem: word for stem, word in contents(statement.text).items() if stem not in own}
        with_them = [reason.keys() & words.keys() for reason in reasons]
        count = sum(len(stems) >= _ECHOED for stems in with_them)
        if count > best[0]:
            said = {stem for stems in with_them for stem in stems}
            best = (count, statement, [word for stem, word in words.items() if stem in said])
    count, echoed, listed = best
    if echoed is not None and count >= _ECHO * len(reasons):
        yield Look(
            echoed,
            f"{count} of {len(reasons)} reasons repeat words of it that {case.failures.class_id} "
            f"is not explained with: {', '.join(listed)}",
        )


def _said(case: Case) -> Iterator[Look]:
    """The taught sentence that stands most often in the wrong place."""
    for said in case.instead[:1]:
        if found := case.place_of(said.text):
            sentence, class_id = found
            yield Look(
                sentence, f"taught of {class_id}: what it says of {said.times} of these videos"
            )
