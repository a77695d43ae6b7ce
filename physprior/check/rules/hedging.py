"""A sentence that leaves open whether it is true.

A class is known: every video of it shows this defect, for this cause. A model that is taught *may*
and *probably* learns to hedge, and a hedged reason cannot be judged right or wrong.

Fails:

    anomalies:
      - explanations:
          - The torsion spring may have seized, so the handles do not yield under the gripper.

Passes:

    anomalies:
      - explanations:
          - The torsion spring has seized, so the handles do not yield under the gripper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule

_OPEN = re.compile(
    r"\b(?:may|might|maybe|perhaps|possibly|probably|likely|presumably|apparently|seemingly"
    r"|potentially|supposedly|conceivably|could|seems?|seemed|appears? to(?: be)?|appeared to"
    r"|possible that|(?:believed|suspected|thought) to|suggest(?:s|ing)? that|probable|usually"
    r"|in (?:most|many) cases|(?:not clear|unclear|uncertain) (?:whether|why|if|how)"
    r"|(?:some|a) (?:kind|sort) of|somehow|(?:we|I) (?:assume|believe|guess|think))\b",
    re.IGNORECASE,
)
# One of these stands in each of the above, so that most entries are passed at a glance.
_SPOKEN = frozenset(
    """may might maybe perhaps possibly probably likely presumably apparently seemingly potentially
    supposedly conceivably could seem seems seemed appear appears appeared possible believed
    suspected thought suggest suggests suggesting probable usually cases clear unclear uncertain
    kind sort somehow assume believe guess think""".split()  # noqa: SIM905
)


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each sentence, at the first hedge."""
    if checked.spoken.isdisjoint(_SPOKEN):
        return
    for sentence in checked.sentences:
        found = _OPEN.search(sentence.text)
        if found:
            yield Finding(
                sentence.path,
                f"{found[0]!r} leaves open whether this is so",
                "say what is the case in this class; two causes are two sentences",
                words=found[0],
            )


RULE = Rule("T006", "hedging", __doc__, severity="warning", drafts=False, entry=check)
