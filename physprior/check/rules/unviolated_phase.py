"""A phase of the motion that no anomaly violates.

A phase is there because the motion can go wrong in it. One that nothing violates is either a step
that could be told together with its neighbour, or a sign that an anomaly forgot to name it.

Fails:

    anomalies:
      - violates: [press]
      - violates: [press]

Passes:

    anomalies:
      - violates: [press]
      - violates: [release]
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each phase that stands in no ``violates``."""
    violated = {phase for anomaly in checked.category.anomalies for phase in anomaly.violates}
    for at, phase in enumerate(checked.category.prior.motion.phases):
        if phase.id not in violated:
            yield Finding(
                ("prior", "motion", "phases", at, "id"),
                f"no anomaly violates the phase {phase.id!r}",
                "name it under 'violates' of the anomalies that break it, or join it to another",
            )


RULE = Rule("R002", "unviolated-phase", __doc__, severity="warning", drafts=False, entry=check)
