"""A text that somebody meant to finish later.

TODO, TBD, a row of dots, or a [blank] to be filled in: the model would learn to say it. An id that
is still to be chosen is `todo`, or begins with `todo_`, as `physprior new` writes it. In a draft
they are welcome; a `reviewed` entry has none.

Fails:

    anomalies:
      - explanations:
          - The torsion spring has seized, TODO say why the handles stand fast.

Passes:

    anomalies:
      - explanations:
          - The torsion spring has seized, so the handles stand fast under the gripper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from physprior.check.entry import CheckedEntry, texts
from physprior.check.rule import Finding, Rule
from physprior.knowledge.compose import DataPath
from physprior.knowledge.schema import Category

_LATER = re.compile(
    r"\b(?:TO-?DO|TB[ACD]|T\.B\.[ACD]|FIXME|XXX+|WIP|n/a)\b|\?{2,}|\(\?\)|\.{3,}|…|_{3,}"
    r"|\[(?!/?INST)[^][]*\]"
    r"|\bto be (?:written|added|defined|done|confirmed|continued|determined|checked|filled in)\b"
    r"|\b(?:lorem ipsum|fill in|placeholder|work in progress)\b"
    r"|\b(?:see (?:above|below)|(?:same )?as above)\b",
    re.IGNORECASE,
)
# One of these stands in each of the above, so that most entries are passed at a glance.
_SIGNS = (
    *("??", "(?)", "...", "…", "___", "[", "xxx", "n/a", "t.b.", "to-do", "to be ", "lorem ipsum"),
    *("fill in", "placeholder"),
    *("work in progress", "see above", "see below", "as above"),
)
_SPOKEN = frozenset(["todo", "tba", "tbc", "tbd", "fixme", "wip"])
_ID = "todo"


def is_unfinished(text: str) -> bool:
    """Whether a text or an id says that somebody meant to write it later."""
    return _is_open(text) or _LATER.search(text) is not None


def open_values(category: Category) -> Iterator[tuple[DataPath, str]]:
    """The ids and texts of a category that are still to be written, with their paths."""
    yield from ((path, word) for path, word in _ids(category) if _is_open(word))
    yield from ((path, text) for path, text in texts(category) if _LATER.search(text))


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each text, at the first sign, and for each id."""
    for path, word in _ids(checked.category):
        if _is_open(word):
            yield _finding(path, word)
    whole = checked.whole.lower()
    if checked.spoken.isdisjoint(_SPOKEN) and not any(sign in whole for sign in _SIGNS):
        return
    for path, text in checked.texts:
        found = _LATER.search(text)
        if found:
            yield _finding(path, found[0])


def _finding(path: DataPath, sign: str) -> Finding:
    message = f"{sign!r} says that this text is unfinished"
    return Finding(path, message, "finish it, or set 'status: draft'", words=sign)


def _is_open(word: str) -> bool:
    return word == _ID or word.startswith(f"{_ID}_")


def _ids(category: Category) -> Iterator[tuple[DataPath, str]]:
    """The ids that name something within the entry, or in the vocabulary."""
    yield ("interaction", "actuator"), category.interaction.actuator
    for at, action in enumerate(category.interaction.actions):
        yield ("interaction", "actions", at), action
    for at, phase in enumerate(category.prior.motion.phases):
        yield ("prior", "motion", "phases", at, "id"), phase.id
    for at, anomaly in enumerate(category.anomalies):
        yield ("anomalies", at, "id"), anomaly.id
        for number, phase_id in enumerate(anomaly.violates):
            yield ("anomalies", at, "violates", number), phase_id


RULE = Rule("T005", "unfinished", __doc__, drafts=False, entry=check)
