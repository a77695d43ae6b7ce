"""A motion that names none of the subject's parts.

The second turn of the dialogue directs the model to the parts that move, the third says how. If the
motion speaks of other things than the subject does, the model is told to watch one thing and to
judge another.

Fails:

    prior:
      motion:
        statement: Therefore, everything should open and close again as it is squeezed.

Passes:

    prior:
      motion:
        statement: Therefore, the jaws should open and close again as the clip is squeezed.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry, with_heads
from physprior.check.prose import names
from physprior.check.rule import Finding, Rule


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """At most one finding, at the motion's statement."""
    parts = checked.category.prior.subject.parts
    for sentence in checked.of("motion"):
        if not names(sentence.stems, with_heads(parts)):
            yield Finding(
                sentence.path,
                "the motion names none of the parts that the subject is made of",
                f"say what these do: {', '.join(parts)}",
            )


RULE = Rule("P002", "motion-without-part", __doc__, severity="warning", drafts=False, entry=check)
