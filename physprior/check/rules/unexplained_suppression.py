"""A suppression without a reason.

Whoever reads the entry next has to know why the finding does not count here. The reason follows the
brackets, on the same line.

Fails:

    # physprior: ignore[R004]
    id: clamp

Passes:

    # physprior: ignore[R004] the file keeps its old name until the next release
    id: clamp
"""

from __future__ import annotations

from physprior.check.rule import Rule

RULE = Rule("U002", "unexplained-suppression", __doc__, severity="warning", suppressions=True)
