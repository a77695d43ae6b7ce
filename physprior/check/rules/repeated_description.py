"""An explanation that only repeats a description of its class.

A description says what is seen, an explanation why. *The jaws stay closed because they do not
open* is a description twice: the model would learn to restate what it sees and call it a reason.

Fails:

    anomalies:
      - descriptions:
          - The jaws remain closed for the whole time although the gripper presses.
        explanations:
          - Although the gripper presses, the jaws remain closed for the whole time.

Passes:

    anomalies:
      - descriptions:
          - The jaws remain closed for the whole time although the gripper presses.
        explanations:
          - The torsion spring has seized, so the pressed handles cannot part the jaws.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule

MOST = 0.75
"""The largest share of an explanation's stems that may come from one description."""


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each explanation, with the description that it repeats."""
    seen = list(checked.of("description"))
    for sentence in checked.of("explanation"):
        for description in seen:
            if description.class_id != sentence.class_id or not sentence.is_whole:
                continue
            if len(sentence.stems & description.stems) >= MOST * len(sentence.stems):
                line = checked.source.value(description.path).line
                yield Finding(
                    sentence.path,
                    f"this explanation only repeats the description on line {line}",
                    "say why: which part fails, and how that leads to what is seen",
                )
                break


RULE = Rule("P004", "repeated-description", __doc__, severity="warning", drafts=False, entry=check)
