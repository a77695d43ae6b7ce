"""A suppression that takes nothing back.

What was once excused has been mended, or the comment stands at the wrong line. Left in place it
would hide the next finding of that kind without anybody having looked at it.

Fails:

    # physprior: ignore[P003] the whole clip moves
    id: clip

Passes:

    id: clip
"""

from __future__ import annotations

from physprior.check.rule import Rule

RULE = Rule(
    "U001",
    "unused-suppression",
    __doc__,
    severity="warning",
    suppressions=True,
    fixes="safe or unsafe",
)
