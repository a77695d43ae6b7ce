"""A text that somebody meant to finish later.

TODO, TBD, a row of dots, or a blank to be filled in: the model would learn to say it. In a draft
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
    r"\b(?:TODO|TBD|TBC|FIXME|XXX+|WIP|tbd)\b|\?{2,}|\.{3,}|…|_{3,}"
    r"|\b(?:lorem ipsum|to be (?:written|added|defined|done)|fill in|placeholder)\b",
    re.IGNORECASE,
)


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each text, at the first sign."""
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
