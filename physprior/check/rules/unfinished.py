"""A text that somebody meant to finish later.

TODO, TBD, a row of dots, or a [blank] to be filled in: the model would learn to say it. In a draft
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

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule

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


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each text, at the first sign."""
    whole = checked.whole.lower()
    if checked.spoken.isdisjoint(_SPOKEN) and not any(sign in whole for sign in _SIGNS):
        return
    for path, text in checked.texts:
        found = _LATER.search(text)
        if found:
            yield Finding(
                path,
                f"{found[0]!r} says that this text is unfinished",
                "finish it, or set 'status: draft'",
                words=found[0],
            )


RULE = Rule("T005", "unfinished", __doc__, drafts=False, entry=check)
