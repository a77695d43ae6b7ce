"""A sentence with too few words to teach anything.

An explanation has to name a part, what it does or does not do, and why; a description has to tell
its class from the others. In three or four words neither is possible.

Fails:

    anomalies:
      - explanations:
          - The spring failed.

Passes:

    anomalies:
      - explanations:
          - The torsion spring has seized, so the handles do not yield under the gripper.
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import FEWEST, CheckedEntry
from physprior.check.rule import Finding, Rule


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each sentence that is too short."""
    for sentence in checked.sentences:
        count, fewest = len(sentence.words), FEWEST[sentence.kind]
        if count < fewest:
            yield Finding(
                sentence.path,
                f"{count} word{'' if count == 1 else 's'}, where it takes {fewest} or more",
                "name the part, what it does, and how that is seen or why it happens",
            )


RULE = Rule("T003", "too-short", __doc__, severity="warning", drafts=False, entry=check)
