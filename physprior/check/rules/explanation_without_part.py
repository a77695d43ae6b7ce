"""An explanation that names no part and no phase of its prior.

An explanation is to carry the prior on to the verdict: this part, in this phase, did not do that.
One that names neither could stand under any category and teaches nothing about this one.

Fails:

    anomalies:
      - explanations:
          - Something inside has gone wrong, so nothing happens although force is applied.

Passes:

    anomalies:
      - explanations:
          - The torsion spring has seized, so nothing happens although force is applied.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry, with_heads
from physprior.check.prose import names, stems
from physprior.check.rule import Finding, Rule


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each explanation without one."""
    prior = checked.category.prior
    parts = (*prior.component.names, *prior.subject.parts)
    phases = tuple(stems(phase.id.replace("_", " ")) for phase in prior.motion.phases)
    known = (*with_heads(parts), *(phase for phase in phases if phase))
    for sentence in checked.of("explanation"):
        if sentence.is_whole and not names(sentence.stems, known):
            yield Finding(
                sentence.path,
                "this explanation names no part and no phase of the prior",
                f"say which part fails; the prior names {', '.join(dict.fromkeys(parts))}",
            )


RULE = Rule(
    "P003", "explanation-without-part", __doc__, severity="warning", drafts=False, entry=check
)
