"""Explanations of two classes so alike that no model could tell the classes apart.

Each class is taught its own reasons. If one reason, or nearly the same words, stand under two
classes, a right answer for one is a right answer for the other, and neither is learned.

Fails:

    anomalies:
      - explanations:
          - The torsion spring is worn, so the handles and the jaws do not follow the gripper.
      - explanations:
          - The torsion spring is worn, so the jaws and the handles do not follow the gripper.

Passes:

    anomalies:
      - explanations:
          - The torsion spring has seized, so the handles do not yield under the gripper.
      - explanations:
          - The torsion spring has lost its elasticity, so nothing shuts the released jaws.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry, Sentence
from physprior.check.prose import alike
from physprior.check.rule import Finding, Rule

MOST = 0.6
"""How much the stems of two sentences of different classes may share (Jaccard's index)."""


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for the later sentence of each such pair."""
    earlier: list[Sentence] = []
    for sentence in filter(lambda one: one.is_whole, checked.of("explanation", "reference")):
        mine = sentence.stems
        for other in earlier:
            if other.class_id == sentence.class_id:
                break  # The sentences of one class stand together: none of another follows.
            if alike(mine, other.stems) >= MOST:
                line = checked.source.value(other.path).line
                yield Finding(
                    sentence.path,
                    f"hardly another sentence than that of {other.class_id!r} on line {line}",
                    f"say what makes {sentence.class_id!r} fail that {other.class_id!r} has not",
                )
                break
        earlier.append(sentence)


RULE = Rule("P005", "alike-explanations", __doc__, drafts=False, entry=check)
