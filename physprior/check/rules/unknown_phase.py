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
from physprior.check.rules.unfinished import is_unfinished
from physprior.knowledge.edits import rename_value
from physprior.knowledge.validation import did_you_mean, quoted


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each id that is no phase."""
    phases = [phase.id for phase in checked.category.prior.motion.phases]
    for at, anomaly in enumerate(checked.category.anomalies):
        for number, phase in enumerate(anomaly.violates):
            if phase not in phases and not is_unfinished(phase):
                meant = did_you_mean(phase, phases)
                path = ("anomalies", at, "violates", number)
                yield Finding(
                    path,
                    f"anomalies[{anomaly.id}] violates {quoted(phase)}, which is no phase",
                    f"did you mean {meant!r}?"
                    if meant
                    else f"name one of the motion's phases: {', '.join(phases)}",
                    fix=rename_value(checked.source, path, meant, safe=False)
                    if meant and meant not in anomaly.violates
                    else None,
                )


RULE = Rule("R001", "unknown-phase", __doc__, entry=check, fixes="unsafe")
