"""A reference that repeats a taught explanation.

Explanations are taught; references are kept back, and what the model says is scored against them. A
reference that was taught, or differs from what was taught by a word, measures memory.

Fails:

    anomalies:
      - explanations:
          - The torsion spring has seized, so the handles do not yield under the gripper.
        references:
          - The torsion spring has seized, so the handles do not yield to the gripper.

Passes:

    anomalies:
      - explanations:
          - The torsion spring has seized, so the handles do not yield under the gripper.
        references:
          - The clip refuses to open, for its elastic element is immovable.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.prose import alike
from physprior.check.rule import Finding, Rule

MOST = 0.6
"""How much a reference's stems may share with those of an explanation (Jaccard's index)."""


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each reference, with the explanation that it repeats."""
    taught = list(checked.of("explanation"))
    for sentence in checked.of("reference"):
        for other in taught:
            if other.class_id == sentence.class_id and alike(sentence.stems, other.stems) >= MOST:
                line = checked.source.value(other.path).line
                yield Finding(
                    sentence.path,
                    f"this reference repeats the explanation on line {line}, which is taught",
                    "say the same in other words, as another engineer would",
                )
                break


RULE = Rule("P006", "taught-reference", __doc__, entry=check)
