"""An anomaly violates a phase that the motion does not have.

`violates` names phases of `prior.motion.phases` by their ids. It says at which step of the motion
an anomaly shows: a phase that does not exist shows nowhere, and is most often a slip of the keys.

Fails:

    anomalies:
      - violates: [press, releas]

Passes:

    anomalies:
      - violates: [press, release]
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule
from physprior.knowledge.validation import did_you_mean, quoted


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each id that is no phase."""
    phases = [phase.id for phase in checked.category.prior.motion.phases]
    for at, anomaly in enumerate(checked.category.anomalies):
        for number, phase in enumerate(anomaly.violates):
            if phase not in phases:
                meant = did_you_mean(phase, phases)
                yield Finding(
                    ("anomalies", at, "violates", number),
                    f"anomalies[{anomaly.id}] violates {quoted(phase)}, which is no phase",
                    f"did you mean {meant!r}?"
                    if meant
                    else f"name one of the motion's phases: {', '.join(phases)}",
                )


RULE = Rule("R001", "unknown-phase", __doc__, entry=check)
