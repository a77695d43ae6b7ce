"""A sentence with more words than a model of this size can be taught to say.

What is taught is generated again word by word. Long sentences are learned last and cost the most
tokens, and a long prior outweighs the verdict.

Fails:

    prior:
      component:
        statement: >-
          The clip has a torsion spring of hardened steel wire, which has been wound around the pin
          of the hinge between the two moulded halves and whose legs are set into the handles, and
          which is elastic, stores energy while it is wound up by somebody and returns it again.

Passes:

    prior:
      component:
        statement: The clip has a torsion spring, which is elastic and stores the work of pressing.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry, SentenceKind
from physprior.check.rule import Finding, Rule

MOST: dict[SentenceKind, int] = {
    "component": 40,
    "subject": 40,
    "motion": 45,
    "phase": 30,
    "description": 40,
    "explanation": 45,
    "reference": 45,
}
"""The most words that a sentence of each kind may have."""


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each sentence that is too long."""
    for sentence in checked.sentences:
        count, most = len(sentence.words), MOST[sentence.kind]
        if count > most:
            yield Finding(
                sentence.path,
                f"{count} words, where {most} are the most",
                "cut it to one thought; what else is worth saying is a sentence of its own",
            )


RULE = Rule("T004", "too-long", __doc__, severity="warning", drafts=False, entry=check)
