"""A text that holds a token or a mark which steers the model instead of being read.

`<video>` stands for the frames, `</s>` ends an answer, `USER:` and `ASSISTANT:` change who speaks.
Answers are read by their last *verdict*, so the word itself belongs to the template alone, and so
does `Reason:`. In a sentence each of them would break the dialogue without an error message.

Fails:

    prior:
      motion:
        statement: Therefore, in the <video> the jaws should open and close.

Passes:

    prior:
      motion:
        statement: Therefore, in the video the jaws should open and close.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule

_STEERING = re.compile(
    r"</?[A-Za-z_][\w-]*>|<\|[^|>]*\|>|<<\/?SYS>>|\[/?INST\]"
    r"|\b(?:USER|ASSISTANT|SYSTEM|HUMAN|User|Assistant|System|Human)\s*:"
    r"|\b(?i:verdicts?\b|reason\s*:)|\#{3,}"
)

_SPOKEN = ("verdict", "verdicts")


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each text, at its first such token."""
    if checked.spoken.isdisjoint(_SPOKEN) and not any(sign in checked.whole for sign in "<[:#"):
        return
    for path, text in checked.texts:
        found = _STEERING.search(text)
        if found:
            yield Finding(
                path,
                f"{found[0]!r} steers the model and is no word of a sentence",
                "say it in plain words; the template adds what the model needs",
                words=found[0],
            )


RULE = Rule("T001", "special-token", __doc__, entry=check)
