"""What is asked of the drafter: sentences of a class, or what is missing of the prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from physprior.draft.entry import DraftEntry, is_gap
from physprior.errors import KnowledgeError
from physprior.knowledge.compose import DataPath
from physprior.knowledge.schema import Normal

What = Literal["descriptions", "explanations", "prior"]
"""What a person can ask for."""
Question = Literal["descriptions", "explanations", "prior", "motion"]
"""What is asked, which is also the name of the template."""

TEXTS = ("component_names", "component_properties", "subject_parts")
"""The keys of the prior that are lists of texts."""
KEYS: dict[str, DataPath] = {
    "component_names": ("prior", "component", "names"),
    "component_properties": ("prior", "component", "properties"),
    "component_statement": ("prior", "component", "statement"),
    "subject_parts": ("prior", "subject", "parts"),
    "subject_statement": ("prior", "subject", "statement"),
    "motion_statement": ("prior", "motion", "statement"),
    "motion_phases": ("prior", "motion", "phases"),
}
"""What can be asked for of a prior, in the order of writing, and where it stands."""
MOTION = ("motion_statement", "motion_phases")
USUAL = 3
"""Sentences that are asked for where none is missing."""
_KNOWN_FIRST = ("component_names", "subject_parts")


@dataclass(frozen=True)
class Wish:
    """One question to come."""

    question: Question
    keys: tuple[str, ...] = ()
    """Of a prior or a motion: what is asked for."""
    class_id: str = ""
    """Of sentences: the class."""
    path: DataPath = ()
    """Of sentences: the list that they are for."""
    count: int = 0
    """Of sentences: how many."""


def wishes(
    entry: DraftEntry, what: What | None, classes: tuple[str, ...], count: int | None
) -> list[Wish]:
    """The questions that fulfil an order. ``what`` of None is what is missing: the prior first.

    Raises KnowledgeError where nothing is to be asked, or the prior has to come first.
    """
    if what is None:
        what = "prior" if _gaps(entry, tuple(KEYS)) and not classes else None
    if what == "prior":
        return [_of_prior(entry, "prior", tuple(KEYS))]
    for key in _KNOWN_FIRST:
        if not entry.texts(KEYS[key]):
            raise KnowledgeError(
                f"{entry.path} does not name its parts yet, and sentences are about parts",
                remedy=f"'physprior kb draft {entry.id} --what prior' first, and review it",
            )
    kinds: tuple[Question, ...] = (what,) if what else ("descriptions", "explanations")
    chosen = {name: entry.class_path(name) for name in classes} or dict(entry.classes())
    return [
        Wish(kind, (), name, (*path, kind), count or _missing(entry, (*path, kind)))
        for name, path in chosen.items()
        for kind in kinds
    ]


def motion_wish(entry: DraftEntry) -> Wish:
    """The question for the motion that videos show. Raises KnowledgeError where it is all there."""
    return _of_prior(entry, "motion", MOTION)


def _of_prior(entry: DraftEntry, question: Question, keys: tuple[str, ...]) -> Wish:
    gaps = _gaps(entry, keys)
    if not gaps:
        what = "motion" if question == "motion" else "prior"
        raise KnowledgeError(
            f"nothing is missing of the {what} of {entry.id}, and what is there is never replaced",
            remedy="delete the value that is to be drafted anew, or ask for --what explanations",
        )
    return Wish(question, gaps)


def _gaps(entry: DraftEntry, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if _is_missing(entry, key))


def _is_missing(entry: DraftEntry, key: str) -> bool:
    value = entry.at(KEYS[key])
    if key != "motion_phases" or not isinstance(value, list):
        return is_gap(value)
    return not value or any(
        not isinstance(phase, dict) or is_gap(phase.get("id")) or is_gap(phase.get("expected"))
        for phase in value
    )


def _missing(entry: DraftEntry, path: DataPath) -> int:
    """How many sentences a list lacks, or the usual number where it lacks none."""
    least = next(
        rule.min_length
        for rule in Normal.model_fields[str(path[-1])].metadata
        if hasattr(rule, "min_length")
    )
    return max(least - len(entry.texts(path)), 0) or USUAL
